package io.cyphermesh.api;

import com.google.errorprone.annotations.CanIgnoreReturnValue;

/** Writes one flat JSON object in ASCII, as RFC 8259 has it. Not thread-safe. */
final class JsonLine {
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder out = new StringBuilder(512).append('{');

  @CanIgnoreReturnValue
  JsonLine string(String name, String value) {
    name(name);
    quoted(value);
    return this;
  }

  /**
   * A member whose value is JSON already.
   *
   * @param json on one line
   */
  @CanIgnoreReturnValue
  JsonLine literal(String name, String json) {
    name(name);
    out.append(json);
    return this;
  }

  private void name(String name) {
    if (out.length() > 1) {
      out.append(',');
    }
    quoted(name);
    out.append(':');
  }

  /** Half of a surrogate pair is escaped like any other, so that what was there can be seen. */
  private void quoted(String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || c > '~') {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
              out.append(HEX.charAt(c >> shift & 0xf));
            }
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** The object. */
  @Override
  public String toString() {
    return out + "}";
  }
}
