package io.cyphermesh.dashboard;

import io.nayuki.qrcodegen.QrCode;

/** QR codes (ISO/IEC 18004) as pictures. */
final class Qr {
  /** What the standard wants free around it, in modules. */
  private static final int QUIET = 4;

  private Qr() {}

  /**
   * A text as SVG, black on white whatever the page looks like: cameras want the contrast.
   *
   * @param title what screen readers say before the text
   */
  static String svg(String text, String title) {
    QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
    int size = code.size + 2 * QUIET;
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < code.size; y++) {
      int x = 0;
      while (x < code.size) {
        int from = x;
        while (x < code.size && code.getModule(x, y)) {
          x++;
        }
        if (x > from) {
          path.append("M%d,%dh%dv1h-%dz".formatted(from + QUIET, y + QUIET, x - from, x - from));
        } else {
          x++;
        }
      }
    }
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %1$d" role="img" \
        aria-labelledby="title desc" shape-rendering="crispEdges">
        <title id="title">%2$s</title>
        <desc id="desc">%3$s</desc>
        <rect width="%1$d" height="%1$d" fill="#fff"/>
        <path fill="#000" d="%4$s"/>
        </svg>
        """
        .formatted(size, escaped(title), escaped(text), path);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
