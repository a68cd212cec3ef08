package io.cyphermesh.core.mesh;

import java.util.Arrays;

/** The round trips of the pings that were answered last. */
final class RoundTrips {
  private static final int KEPT = 64;

  private final long[] newest = new long[KEPT];
  private int count;
  private long percentile95;

  void add(long nanos) {
    newest[count++ % KEPT] = nanos;
    long[] sorted = Arrays.copyOf(newest, Math.min(count, KEPT));
    Arrays.sort(sorted);
    percentile95 = sorted[(sorted.length - 1) * 95 / 100];
    if (count == 2 * KEPT) {
      count = KEPT;
    }
  }

  /** 95 of 100 were not longer; 0 where none was measured yet. */
  long percentile95() {
    return percentile95;
  }
}
