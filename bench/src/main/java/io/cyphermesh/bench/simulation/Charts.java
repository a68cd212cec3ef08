package io.cyphermesh.bench.simulation;

import io.cyphermesh.bench.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws what was compared, as SVG that needs neither script nor font. */
final class Charts {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 360;
  private static final int LEFT = 70;
  private static final int RIGHT = 180;
  private static final int TOP = 50;
  private static final int BOTTOM = 50;
  private static final double MOST_MILLIS = 1_000;
  private static final double STEP_MILLIS = Ledger.STEP / 1e6;
  private static final List<String> COLOURS = List.of("#0b7285", "#e8590c", "#868e96");

  private Charts() {}

  /** Share of deliveries by time after publication, one line a design. */
  static void delivery(Path file, String title, Map<String, double[]> curves) throws IOException {
    StringBuilder svg = begin(title);
    axis(svg, "ms after publication");
    for (int i = 0; i <= 5; i++) {
      double y = y(i / 5.0);
      line(svg, LEFT, y, WIDTH - RIGHT, y, "#dee2e6");
      text(svg, LEFT - 8, y + 4, "end", 20 * i + " %");
      double x = LEFT + (WIDTH - RIGHT - LEFT) * i / 5.0;
      text(svg, x, HEIGHT - BOTTOM + 18, "middle", Report.decimals(MOST_MILLIS * i / 5, 0));
    }
    int number = 0;
    for (Map.Entry<String, double[]> curve : curves.entrySet()) {
      StringBuilder points = new StringBuilder(number(LEFT) + "," + number(y(0)));
      double[] values = curve.getValue();
      for (int i = 0; i < values.length && (i + 1) * STEP_MILLIS <= MOST_MILLIS; i++) {
        double x = LEFT + (WIDTH - RIGHT - LEFT) * (i + 1) * STEP_MILLIS / MOST_MILLIS;
        points.append(' ').append(number(x)).append(',').append(number(y(values[i])));
      }
      svg.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"")
          .append(colour(number))
          .append("\" points=\"")
          .append(points)
          .append("\"/>\n");
      key(svg, number++, curve.getKey());
    }
    end(file, svg);
  }

  /** One bar a design, with its value. */
  static void bars(Path file, String title, Map<String, Double> values) throws IOException {
    StringBuilder svg = begin(title);
    axis(svg, "");
    double most = values.values().stream().mapToDouble(v -> v).max().orElse(1);
    double width = (double) (WIDTH - RIGHT - LEFT) / Math.max(1, values.size());
    int number = 0;
    for (Map.Entry<String, Double> value : values.entrySet()) {
      double top = y(most <= 0 ? 0 : Math.max(0, value.getValue()) / most);
      double x = LEFT + width * number;
      svg.append("<rect x=\"")
          .append(number(x + width / 4))
          .append("\" y=\"")
          .append(number(top))
          .append("\" width=\"")
          .append(number(width / 2))
          .append("\" height=\"")
          .append(number(y(0) - top))
          .append("\" fill=\"")
          .append(colour(number))
          .append("\"/>\n");
      text(svg, x + width / 2, top - 6, "middle", Report.decimals(value.getValue(), 3));
      text(svg, x + width / 2, HEIGHT - BOTTOM + 18, "middle", value.getKey());
      number++;
    }
    end(file, svg);
  }

  private static double y(double share) {
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share;
  }

  private static StringBuilder begin(String title) {
    StringBuilder svg = new StringBuilder();
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(HEIGHT)
        .append("\" font-family=\"sans-serif\" font-size=\"12\">\n")
        .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    text(svg, LEFT, TOP / 2.0, "start", title);
    return svg;
  }

  private static void axis(StringBuilder svg, String label) {
    line(svg, LEFT, y(0), WIDTH - RIGHT, y(0), "#495057");
    line(svg, LEFT, y(0), LEFT, TOP, "#495057");
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", label);
  }

  private static void key(StringBuilder svg, int number, String label) {
    double at = TOP + 20.0 * number;
    double x = WIDTH - RIGHT + 15;
    line(svg, x, at, x + 20, at, colour(number));
    text(svg, x + 26, at + 4, "start", label);
  }

  private static void line(
      StringBuilder svg, double x1, double y1, double x2, double y2, String colour) {
    svg.append("<path stroke=\"")
        .append(colour)
        .append("\" d=\"M")
        .append(number(x1))
        .append(' ')
        .append(number(y1))
        .append('L')
        .append(number(x2))
        .append(' ')
        .append(number(y2))
        .append("\"/>\n");
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append("<text fill=\"#212529\" x=\"")
        .append(number(x))
        .append("\" y=\"")
        .append(number(y))
        .append("\" text-anchor=\"")
        .append(anchor)
        .append("\">")
        .append(text.replace("&", "&amp;").replace("<", "&lt;"))
        .append("</text>\n");
  }

  private static String colour(int number) {
    return COLOURS.get(number % COLOURS.size());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static void end(Path file, StringBuilder svg) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, svg + "</svg>\n");
  }
}
