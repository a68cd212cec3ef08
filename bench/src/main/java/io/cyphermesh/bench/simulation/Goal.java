package io.cyphermesh.bench.simulation;

import java.util.Collection;
import java.util.OptionalDouble;

/**
 * What a measure must reach.
 *
 * @param bound empty where there is none
 * @param most whether the bound is the most that is good, else the least
 */
record Goal(OptionalDouble bound, boolean most) {
  private static final double ROUNDING = 1e-9;

  static Goal atMost(double bound) {
    return new Goal(OptionalDouble.of(bound), true);
  }

  static Goal atLeast(double bound) {
    return new Goal(OptionalDouble.of(bound), false);
  }

  /** Nothing to reach; less is better. */
  static Goal none() {
    return new Goal(OptionalDouble.empty(), true);
  }

  boolean met(double value) {
    if (bound.isEmpty()) {
      return true;
    }
    double limit = bound.getAsDouble();
    return most ? value <= limit + ROUNDING : value >= limit - ROUNDING;
  }

  /** The worst of several seeds. */
  double worst(Collection<Double> values) {
    return most
        ? values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN)
        : values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
  }
}
