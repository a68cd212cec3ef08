package io.cyphermesh.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands until it is turned. Thread-safe. */
public final class ManualClock implements InstantSource {
  private volatile Instant now;

  /** A clock that shows {@code now}, for instance {@code 2026-11-22T12:00:00Z}. */
  public static ManualClock at(String now) {
    return new ManualClock(Instant.parse(now));
  }

  private ManualClock(Instant now) {
    this.now = now;
  }

  @Override
  public Instant instant() {
    return now;
  }

  /** Turns it by {@code time}. */
  public synchronized void advance(Duration time) {
    now = now.plus(time);
  }

  /** Sets it. */
  public synchronized void set(Instant instant) {
    now = instant;
  }
}
