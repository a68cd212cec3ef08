package io.cyphermesh.core.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.internal.LazilyParsedNumber;
import java.util.Optional;

/**
 * JSON as Python's {@code json.loads} takes it, and so original nodes: RFC 8259 and beyond it a
 * byte order mark, {@code NaN} and the infinities, keys twice (the last one counts), unpaired
 * surrogates.
 *
 * <p>Bounded like {@link StrictJson}; what is beyond the bounds may be JSON all the same.
 */
final class PythonJson {
  private final String text;
  private int at;
  private int values;

  private PythonJson(String text) {
    this.text = text;
  }

  /** The text is JSON perhaps, but more of it than we read. */
  static final class TooMuchException extends Exception {
    private static final long serialVersionUID = 1;

    TooMuchException() {
      super("deeper or more than is read", null, false, false);
    }
  }

  /**
   * Reads one value.
   *
   * @return empty if the text is no JSON
   * @throws TooMuchException if it is beyond the bounds
   */
  static Optional<JsonElement> read(String text) throws TooMuchException {
    PythonJson json = new PythonJson(text);
    if (text.startsWith("\ufeff")) {
      json.at++;
    }
    try {
      JsonElement value = json.value(1);
      json.space();
      return json.at == text.length() ? Optional.of(value) : Optional.empty();
    } catch (NoJsonException e) {
      return Optional.empty();
    }
  }

  private static final class NoJsonException extends Exception {
    private static final long serialVersionUID = 1;

    NoJsonException() {
      super("no JSON", null, false, false);
    }
  }

  private JsonElement value(int depth) throws NoJsonException, TooMuchException {
    if (++values > StrictJson.MAX_VALUES || depth > StrictJson.MAX_DEPTH) {
      throw new TooMuchException();
    }
    space();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new JsonPrimitive(string());
      case 't' -> word("true", new JsonPrimitive(true));
      case 'f' -> word("false", new JsonPrimitive(false));
      case 'n' -> word("null", JsonNull.INSTANCE);
      case 'N' -> word("NaN", number("NaN"));
      case 'I' -> word("Infinity", number("Infinity"));
      case '-' ->
          text.startsWith("-Infinity", at) ? word("-Infinity", number("-Infinity")) : number();
      default -> number();
    };
  }

  private JsonObject object(int depth) throws NoJsonException, TooMuchException {
    JsonObject object = new JsonObject();
    take('{');
    space();
    if (peek() == '}') {
      at++;
      return object;
    }
    while (true) {
      space();
      String key = string();
      space();
      take(':');
      object.add(key, value(depth + 1));
      space();
      if (peek() == '}') {
        at++;
        return object;
      }
      take(',');
    }
  }

  private JsonArray array(int depth) throws NoJsonException, TooMuchException {
    JsonArray array = new JsonArray();
    take('[');
    space();
    if (peek() == ']') {
      at++;
      return array;
    }
    while (true) {
      array.add(value(depth + 1));
      space();
      if (peek() == ']') {
        at++;
        return array;
      }
      take(',');
    }
  }

  private String string() throws NoJsonException {
    take('"');
    StringBuilder out = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        return out.toString();
      } else if (c < ' ') {
        throw new NoJsonException();
      } else if (c != '\\') {
        out.append(c);
      } else {
        out.append(escaped());
      }
    }
  }

  private char escaped() throws NoJsonException {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
          char digit = next();
          int value = digit < 0x80 ? Character.digit(digit, 16) : -1;
          if (value < 0) {
            throw new NoJsonException();
          }
          unit = unit << 4 | value;
        }
        yield (char) unit;
      }
      default -> throw new NoJsonException();
    };
  }

  private JsonPrimitive number() throws NoJsonException {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      digits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    return number(text.substring(start, at));
  }

  private void digits() throws NoJsonException {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw new NoJsonException();
    }
  }

  private static JsonPrimitive number(String text) {
    return new JsonPrimitive(new LazilyParsedNumber(text));
  }

  private JsonElement word(String word, JsonElement value) throws NoJsonException {
    if (!text.startsWith(word, at)) {
      throw new NoJsonException();
    }
    at += word.length();
    return value;
  }

  private void space() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() throws NoJsonException {
    if (at == text.length()) {
      throw new NoJsonException();
    }
    return text.charAt(at);
  }

  private char next() throws NoJsonException {
    char c = peek();
    at++;
    return c;
  }

  private void take(char c) throws NoJsonException {
    if (next() != c) {
      throw new NoJsonException();
    }
  }
}
