package io.cyphermesh.bench.report;

import java.util.Arrays;
import java.util.Collection;

/**
 * Several rounds of one measurement.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param min the least
 * @param max the greatest
 */
public record Spread(double median, double min, double max) {

  /** Of at least one value. */
  public static Spread of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no round was measured");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], Arrays.stream(sorted).max().orElseThrow());
  }

  /** {@code 12,300 (11,900–12,800)}. */
  public String text(int decimals) {
    return Report.decimals(median, decimals)
        + " ("
        + Report.decimals(min, decimals)
        + "–"
        + Report.decimals(max, decimals)
        + ")";
  }
}
