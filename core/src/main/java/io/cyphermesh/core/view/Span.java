package io.cyphermesh.core.view;

import java.time.Duration;

/** A time up to now that statistics are of. */
public enum Span {
  HOUR(Duration.ofHours(1), Duration.ofMinutes(1)),
  DAY(Duration.ofDays(1), Duration.ofMinutes(15)),
  WEEK(Duration.ofDays(7), Duration.ofHours(2));

  private final Duration length;
  private final Duration bucket;

  Span(Duration length, Duration bucket) {
    this.length = length;
    this.bucket = bucket;
  }

  /** How long it is. */
  public Duration length() {
    return length;
  }

  /** What it is divided into. */
  public Duration bucket() {
    return bucket;
  }
}
