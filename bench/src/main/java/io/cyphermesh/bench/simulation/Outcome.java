package io.cyphermesh.bench.simulation;

import java.util.LinkedHashMap;
import java.util.Map;

/** What one run gave. */
final class Outcome {
  private final Map<String, Double> values = new LinkedHashMap<>();
  private final Map<String, double[]> curves = new LinkedHashMap<>();
  private final TraceHash trace = new TraceHash();
  private long steps;

  void put(String key, double value) {
    values.put(key, value);
  }

  /** A curve for a chart: a value for each step of {@link Ledger#STEP}. */
  void curve(String key, double[] curve) {
    curves.put(key, curve);
  }

  /** A world has come to its end. */
  void ran(World world) {
    trace.add(world.trace.value());
    steps += world.steps();
  }

  double value(String key) {
    return values.getOrDefault(key, Double.NaN);
  }

  Map<String, Double> values() {
    return values;
  }

  Map<String, double[]> curves() {
    return curves;
  }

  /** Of all that happened, as hexadecimal digits. */
  String trace() {
    return trace.text();
  }

  /** Entries of the agenda that were carried out. */
  long steps() {
    return steps;
  }
}
