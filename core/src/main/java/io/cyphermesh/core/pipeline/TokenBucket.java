package io.cyphermesh.core.pipeline;

/**
 * A token bucket over a clock that the caller reads. Not thread-safe.
 *
 * <p>May be overdrawn by {@link #take}, so that a caller who learns the cost only afterwards still
 * pays it.
 */
public final class TokenBucket {
  private final double perNano;
  private final double capacity;
  private double tokens;
  private long lastNanos;

  /**
   * A bucket with {@code initial} tokens.
   *
   * @param perSecond refill
   * @param capacity most that it holds
   */
  public TokenBucket(double perSecond, double capacity, double initial, long nowNanos) {
    this.perNano = perSecond / 1e9;
    this.capacity = capacity;
    this.tokens = initial;
    this.lastNanos = nowNanos;
  }

  /** Takes {@code cost} if it is there. */
  public boolean tryTake(double cost, long nowNanos) {
    refill(nowNanos);
    if (tokens < cost) {
      return false;
    }
    tokens -= cost;
    return true;
  }

  /**
   * Takes {@code cost} even if it is not there.
   *
   * @return how long to pause until the bucket is no longer overdrawn, in nanoseconds; 0 if it is
   *     not
   */
  public long take(double cost, long nowNanos) {
    refill(nowNanos);
    tokens -= cost;
    return nanosUntil(0);
  }

  /** How long until {@code cost} can be taken, in nanoseconds; 0 if now. */
  public long nanosUntil(double cost, long nowNanos) {
    refill(nowNanos);
    return nanosUntil(cost);
  }

  private long nanosUntil(double cost) {
    return tokens >= cost ? 0 : (long) Math.ceil((cost - tokens) / perNano);
  }

  private void refill(long nowNanos) {
    long elapsed = nowNanos - lastNanos;
    if (elapsed > 0) {
      tokens = Math.min(capacity, tokens + elapsed * perNano);
      lastNanos = nowNanos;
    }
  }
}
