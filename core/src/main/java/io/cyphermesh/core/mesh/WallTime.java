package io.cyphermesh.core.mesh;

import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Duration;

/** What the wall clock says, as far as it was told: only ticks bring it. */
final class WallTime {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private long millis;
  private long at;

  /** The wall clock says so many milliseconds since 1970 at {@code now}. */
  void set(long now, long wallMillis) {
    millis = wallMillis;
    at = now;
  }

  /** Milliseconds since 1970; near 0 before the first tick. */
  long millis(long now) {
    return millis + (now - at) / NANOS_PER_MILLI;
  }

  /** Whether an event's own time is longer ago; not before the first tick, nor if it has none. */
  boolean olderThan(long now, Duration age, SignedEvent event) {
    long since = millis(now) - age.toMillis();
    return event.time().map(EventTime::instant).filter(t -> t.toEpochMilli() < since).isPresent();
  }
}
