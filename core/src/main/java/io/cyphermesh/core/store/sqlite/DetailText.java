package io.cyphermesh.core.store.sqlite;

import com.google.gson.JsonParser;
import org.jspecify.annotations.Nullable;

/** Texts out of an event's details, which are canonical JSON, without reading all of them. */
final class DetailText {
  private DetailText() {}

  /**
   * The detector that they name: the plugin of {@code {"plugin", "rule"}}, as nodes write it, or a
   * text; null if there is none.
   */
  static @Nullable String detector(String json) {
    int value = value(json, 0, "detector");
    boolean object = value >= 0 && json.startsWith("{", value);
    return text(json, object ? value(json, value, "plugin") : value);
  }

  /** Where the value of a key of the object at {@code from} begins; -1 if it has none. */
  private static int value(String json, int from, String key) {
    int depth = 0;
    int i = from;
    while (i < json.length()) {
      char c = json.charAt(i);
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
        if (depth == 0) {
          return -1;
        }
      } else if (c == '"') {
        int end = end(json, i);
        if (end < 0) {
          return -1;
        }
        if (depth == 1 && isKey(json, i, end, key)) {
          return end + ": ".length() + 1;
        }
        i = end;
      }
      i++;
    }
    return -1;
  }

  private static boolean isKey(String json, int quote, int end, String key) {
    return end - quote - 1 == key.length()
        && json.startsWith(key, quote + 1)
        && json.startsWith(": ", end + 1);
  }

  private static @Nullable String text(String json, int from) {
    if (from < 0 || from >= json.length() || json.charAt(from) != '"') {
      return null;
    }
    int end = end(json, from);
    if (end < 0) {
      return null;
    }
    return json.indexOf('\\', from) >= 0 && json.indexOf('\\', from) < end
        ? JsonParser.parseString(json.substring(from, end + 1)).getAsString()
        : json.substring(from + 1, end);
  }

  /** Where the string that begins at {@code quote} ends; -1 if it does not. */
  private static int end(String json, int quote) {
    for (int i = quote + 1; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        return i;
      }
    }
    return -1;
  }
}
