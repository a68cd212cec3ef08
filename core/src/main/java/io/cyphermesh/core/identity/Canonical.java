package io.cyphermesh.core.identity;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The canonical form of wire-protocol 3.1: the text that Python's {@code json.dumps(x,
 * sort_keys=True)} writes. It is pure ASCII.
 */
public final class Canonical {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Canonical() {}

  /** Appends {@code text} as a JSON string, everything outside U+0020–U+007E escaped. */
  public static void string(StringBuilder out, String text) {
    out.append('"');
    int written = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        continue;
      }
      out.append(text, written, i);
      written = i + 1;
      escape(out, c);
    }
    // Most texts have nothing to escape, and are taken as a whole.
    out.append(text, written, text.length()).append('"');
  }

  private static boolean isPlain(char c) {
    return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
  }

  private static void escape(StringBuilder out, char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default ->
          out.append("\\u")
              .append(HEX[c >> 12])
              .append(HEX[(c >> 8) & 15])
              .append(HEX[(c >> 4) & 15])
              .append(HEX[c & 15]);
    }
  }

  /** How many characters {@link #string} appends for {@code text}. */
  public static int length(String text) {
    int length = 2 + text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isPlain(c)) {
        length +=
            switch (c) {
              case '"', '\\', '\b', '\f', '\n', '\r', '\t' -> 1;
              default -> 5;
            };
      }
    }
    return length;
  }

  /**
   * Appends {@code element}, keys sorted. Numbers are written as they were read; who calls has
   * checked them. Keys compare by UTF-16 unit, which is code point order for the keys allowed.
   */
  public static void element(StringBuilder out, JsonElement element) {
    switch (element) {
      case JsonObject object -> {
        String[] keys = object.keySet().toArray(String[]::new);
        Arrays.sort(keys);
        out.append('{');
        for (int i = 0; i < keys.length; i++) {
          if (i > 0) {
            out.append(", ");
          }
          string(out, keys[i]);
          out.append(": ");
          element(out, object.get(keys[i]));
        }
        out.append('}');
      }
      case JsonArray array -> {
        out.append('[');
        for (int i = 0; i < array.size(); i++) {
          if (i > 0) {
            out.append(", ");
          }
          element(out, array.get(i));
        }
        out.append(']');
      }
      case JsonPrimitive primitive when primitive.isString() ->
          string(out, primitive.getAsString());
      case JsonPrimitive primitive -> out.append(primitive.getAsString());
      case JsonNull ignored -> out.append("null");
      default -> throw new IllegalArgumentException("no JSON: " + element.getClass());
    }
  }

  /** The canonical text of {@code element}. */
  public static String of(JsonElement element) {
    StringBuilder out = new StringBuilder(256);
    element(out, element);
    return out.toString();
  }

  /** SHA-256. */
  public static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
