package io.cyphermesh.original;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What Python writes. */
final class Python {
  private Python() {}

  /** {@code json.dumps(object, sort_keys=True)} of texts. */
  static String dumps(Map<String, String> object) {
    return new TreeMap<>(object)
        .entrySet().stream()
            .map(entry -> text(entry.getKey()) + ": " + text(entry.getValue()))
            .collect(Collectors.joining(", ", "{", "}"));
  }

  static String text(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default ->
            out.append(c < ' ' || c > '~' ? String.format(Locale.ROOT, "\\u%04x", (int) c) : c);
      }
    }
    return out.append('"').toString();
  }
}
