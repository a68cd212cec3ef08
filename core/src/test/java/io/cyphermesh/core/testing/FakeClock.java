package io.cyphermesh.core.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** A clock that stands until it is turned; its nanoseconds go with it. */
public final class FakeClock implements InstantSource, LongSupplier {
  private final Instant start;
  private volatile Instant now;

  public FakeClock(String now) {
    this.start = Instant.parse(now);
    this.now = start;
  }

  @Override
  public Instant instant() {
    return now;
  }

  /** Nanoseconds since the clock was made. */
  @Override
  public long getAsLong() {
    return Duration.between(start, now).toNanos();
  }

  public void advance(Duration by) {
    now = now.plus(by);
  }

  public void set(Instant to) {
    now = to;
  }
}
