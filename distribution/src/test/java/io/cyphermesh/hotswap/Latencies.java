package io.cyphermesh.hotswap;

import java.time.Duration;
import java.util.Arrays;

/** How long things took. One thread adds. */
final class Latencies {
  private final long[] nanos;
  private int count;

  Latencies(int most) {
    nanos = new long[most];
  }

  synchronized void add(long each) {
    nanos[count++] = each;
  }

  synchronized int count() {
    return count;
  }

  /** What so many per cent of them did not exceed. */
  synchronized Duration percentile(double percent) {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(percent / 100 * count);
    return Duration.ofNanos(count == 0 ? 0 : sorted[Math.max(0, rank - 1)]);
  }

  @Override
  public String toString() {
    return "%,d events, p50 %d ms, p99 %d ms, max %d ms"
        .formatted(
            count(),
            percentile(50).toMillis(),
            percentile(99).toMillis(),
            percentile(100).toMillis());
  }
}
