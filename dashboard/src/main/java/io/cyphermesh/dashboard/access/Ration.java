package io.cyphermesh.dashboard.access;

import java.time.Duration;
import java.util.Optional;

/**
 * A token bucket, full at first, over a clock that the caller reads; its tokens have nothing to do
 * with {@link Token}. Not thread-safe.
 */
public final class Ration {
  private final double perSecond;
  private final double burst;
  private double left;
  private long filledAt;

  /**
   * @param burst how many may be taken at once
   * @param now in nanoseconds, like every other time it is told
   */
  public Ration(double perSecond, double burst, long now) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.left = burst;
    this.filledAt = now;
  }

  /** Takes one if there is one. */
  public boolean tryTake(long now) {
    fill(now);
    if (left < 1) {
      return false;
    }
    left -= 1;
    return true;
  }

  /** How long until there is one, in whole seconds and at least 1; empty if there is one now. */
  Optional<Duration> untilOne(long now) {
    fill(now);
    return left < 1
        ? Optional.of(Duration.ofSeconds(Math.max(1, (long) Math.ceil((1 - left) / perSecond))))
        : Optional.empty();
  }

  private void fill(long now) {
    // A clock that was set back grants nothing, and takes nothing.
    left = Math.min(burst, left + Math.max(0, now - filledAt) / 1e9 * perSecond);
    filledAt = now;
  }
}
