package io.cyphermesh.cli.terminal;

/**
 * Text from strangers, made safe and measurable for a terminal.
 *
 * <p>A reporter chooses its texts freely. Control characters could drive the reader's terminal, and
 * bidirectional or invisible ones could make a line read as something else; both become visible
 * escapes.
 */
public final class Printable {
  private static final char ELLIPSIS = '…';

  private Printable() {}

  /** The text with everything but plain, visible characters and spaces written as an escape. */
  public static String of(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int marks = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      // One mark belongs to a letter; a pile of them covers the lines above.
      marks = isMark(c) ? marks + 1 : 0;
      if (visible(c) && marks <= 2) {
        out.appendCodePoint(c);
      } else if (c <= 0xffff) {
        out.append("\\u").append(String.format("%04x", c));
      } else {
        out.append("\\u{").append(Integer.toHexString(c)).append('}');
      }
    }
    return out.toString();
  }

  private static boolean visible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      // Hangul fillers and the braille blank are letters that show nothing.
      default -> c != 0x115f && c != 0x1160 && c != 0x3164 && c != 0xffa0 && c != 0x2800;
    };
  }

  private static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
          true;
      default -> false;
    };
  }

  /** How many columns the text takes. */
  public static int width(String text) {
    return text.codePoints().map(Printable::width).sum();
  }

  /**
   * East Asian wide characters and emoji take two columns, marks none (Unicode TR 11, coarsely).
   */
  private static int width(int c) {
    if (isMark(c)) {
      return 0;
    }
    boolean wide =
        (c >= 0x1100 && c <= 0x115f)
            || (c >= 0x2e80 && c <= 0xa4cf)
            || (c >= 0xac00 && c <= 0xd7a3)
            || (c >= 0xf900 && c <= 0xfaff)
            || (c >= 0xfe30 && c <= 0xfe6f)
            || (c >= 0xff00 && c <= 0xff60)
            || (c >= 0xffe0 && c <= 0xffe6)
            || (c >= 0x1f300 && c <= 0x1faff)
            || (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
  }

  /** The text, cut to at most {@code columns} columns, at least one; an ellipsis marks the cut. */
  public static String fit(String text, int columns) {
    if (width(text) <= columns) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    int used = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (used + width(c) > columns - 1) {
        break;
      }
      out.appendCodePoint(c);
      used += width(c);
      i += Character.charCount(c);
    }
    return out.append(ELLIPSIS).toString();
  }
}
