package io.cyphermesh.core.mesh;

import io.cyphermesh.core.mesh.EventSet.Bound;
import io.cyphermesh.core.mesh.Ranges.Range;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a range is split: into parts of about as many events each, at bounds that take few bytes.
 *
 * @param shift how many of the times' last bits are zero
 */
record Splitting(List<Bound> bounds, int shift) {
  Splitting {
    bounds = List.copyOf(bounds);
  }

  /**
   * Splits a range.
   *
   * @param rank of the first event
   * @param hints where to split as well, ascending; what is behind the first one is not split
   *     otherwise
   */
  static Splitting of(
      EventSet set, Range range, long rank, long count, int parts, List<Bound> hints) {
    List<Bound> inner =
        hints.stream()
            .filter(h -> h.compareTo(range.from()) > 0 && h.compareTo(range.to()) < 0)
            .toList();
    if (inner.isEmpty()) {
      return even(set, range, rank, count, parts);
    }
    long head = set.rank(inner.getFirst()) - rank;
    List<Bound> bounds = new ArrayList<>();
    if (head >= parts) {
      Range before = new Range(range.from(), inner.getFirst());
      bounds.addAll(even(set, before, rank, head, parts).bounds());
    }
    bounds.addAll(inner.stream().distinct().toList());
    return new Splitting(bounds, 0);
  }

  private static Splitting even(EventSet set, Range range, long rank, long count, int parts) {
    long[][] at = new long[parts][];
    long gap = Long.MAX_VALUE;
    long last = range.from().time();
    for (int i = 1; i < parts; i++) {
      // The event in front of the bound, and the one behind it.
      at[i] = set.items(rank + count * i / parts - 1, 2);
      gap = Math.min(gap, at[i][EventSet.WORDS] - last);
      last = at[i][EventSet.WORDS];
    }
    // Rounded to a quarter of the smallest part: a byte or two for each bound.
    int shift = gap < 4 ? 0 : Math.min(40, 61 - Long.numberOfLeadingZeros(gap));
    List<Bound> bounds = new ArrayList<>();
    Bound previous = range.from();
    for (int i = 1; i < parts; i++) {
      Bound bound = between(at[i], shift);
      if (bound.compareTo(previous) > 0 && bound.compareTo(range.to()) < 0) {
        bounds.add(bound);
        previous = bound;
      }
    }
    return new Splitting(bounds, shift);
  }

  /** A bound between two events, of few digits. */
  private static Bound between(long[] two, int shift) {
    long time = two[EventSet.WORDS];
    if (shift > 0 || two[0] < time) {
      return new Bound(time >> shift << shift, 0);
    }
    // As many bytes of the second id as tell it from the first one.
    int common = Long.numberOfLeadingZeros(two[1] ^ two[EventSet.WORDS + 1]) / 8;
    long mask = common >= 7 ? -1 : -1L << (56 - 8 * common);
    return new Bound(time, two[EventSet.WORDS + 1] & mask);
  }
}
