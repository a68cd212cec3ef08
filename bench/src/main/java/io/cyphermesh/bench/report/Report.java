package io.cyphermesh.bench.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a measurement says on standard output. Its figures are the last lines, for programs. */
public final class Report {
  private final PrintStream out;
  private final List<String> figures = new ArrayList<>();

  public Report(PrintStream out) {
    this.out = out;
  }

  /** Prints a line at once. */
  public void line(String text) {
    out.println(text);
    out.flush();
  }

  /** Prints rows with their columns aligned: the first to the left, all others to the right. */
  public void table(List<List<String>> rows) {
    List<Integer> widths = new ArrayList<>();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        if (i == widths.size()) {
          widths.add(0);
        }
        widths.set(i, Math.max(widths.get(i), row.get(i).length()));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        String padding = " ".repeat(widths.get(i) - cell.length());
        line.append(i == 0 ? "  " + cell + padding : "  " + padding + cell);
      }
      line(line.toString().stripTrailing());
    }
  }

  /** Keeps a figure for the end. */
  public void figure(String name, double value) {
    figures.add("figure " + name + " " + plain(value));
  }

  /** Prints the figures. */
  public void end() {
    figures.forEach(this::line);
  }

  /** A number as programs read it: four significant digits at least, no grouping, a point. */
  static String plain(double value) {
    double size = Math.abs(value);
    int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A whole number as people read it. */
  public static String grouped(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /** A number with so many decimals. */
  public static String decimals(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
