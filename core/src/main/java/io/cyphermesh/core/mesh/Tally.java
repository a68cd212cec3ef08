package io.cyphermesh.core.mesh;

import java.util.Arrays;

/** The greatest of many counts that rise and fall by one. */
final class Tally {
  /** By number: how many counts are at it. */
  private int[] at = new int[4];

  private int greatest;

  int greatest() {
    return greatest;
  }

  /** A count of {@code from} is one greater; from 0 it is new. */
  void rises(int from) {
    int to = from + 1;
    if (to >= at.length) {
      at = Arrays.copyOf(at, 2 * to);
    }
    if (from > 0) {
      at[from]--;
    }
    at[to]++;
    greatest = Math.max(greatest, to);
  }

  /** A count of {@code from} is one smaller; at 0 it is gone. */
  void falls(int from) {
    at[from]--;
    if (from > 1) {
      at[from - 1]++;
    }
    if (at[greatest] == 0) {
      greatest--;
    }
  }
}
