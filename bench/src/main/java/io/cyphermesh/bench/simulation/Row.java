package io.cyphermesh.bench.simulation;

import io.cyphermesh.bench.report.Report;

/**
 * One line of the table.
 *
 * @param key names the figure within its scenario
 * @param decimals so many are printed
 */
record Row(String key, String title, Goal goal, int decimals) {
  /** The goal for people. */
  String goalText() {
    return goal.bound().isEmpty()
        ? "–"
        : (goal.most() ? "≤ " : "≥ ") + text(goal.bound().getAsDouble());
  }

  String text(double value) {
    return Double.isNaN(value) ? "–" : Report.decimals(value, decimals);
  }
}
