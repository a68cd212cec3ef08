package io.cyphermesh.core.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.internal.LazilyParsedNumber;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * JSON as wire-protocol 1 allows it: RFC 8259 to the letter, valid UTF-8, no byte order mark, no
 * duplicate key, no unpaired surrogate, bounded nesting, bounded number of values, counted while
 * reading. Numbers keep the text they were written in.
 *
 * <p>Read by hand since every frame of every peer comes through here: Gson's reader takes three
 * times as long for the same tree.
 */
public final class StrictJson {
  /** Deepest nesting of arrays and objects. */
  public static final int MAX_DEPTH = 24;

  /** Most values in one text. */
  public static final int MAX_VALUES = 20_000;

  /** No number of the protocol comes near it. */
  private static final int MAX_NUMBER_CHARS = 1_000;

  private static final String NOT_JSON = "not JSON";

  private final char[] text;
  private int at;
  private int values;

  private StrictJson(String text) {
    // Read character by character, which an array makes cheap.
    this.text = text.toCharArray();
  }

  /**
   * Reads one object.
   *
   * @throws ProtocolException if the text is anything else; the message says what
   */
  public static JsonObject object(byte[] utf8) throws ProtocolException {
    return object(decoded(utf8));
  }

  private static String decoded(byte[] utf8) throws ProtocolException {
    for (byte b : utf8) {
      if (b < 0) {
        try {
          return StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(utf8))
              .toString();
        } catch (CharacterCodingException e) {
          throw new ProtocolException("not UTF-8");
        }
      }
    }
    return new String(utf8, StandardCharsets.ISO_8859_1);
  }

  /** As {@link #object(byte[])}, of text that is decoded already. */
  public static JsonObject object(String text) throws ProtocolException {
    if (text.startsWith("\ufeff")) {
      throw new ProtocolException("a byte order mark");
    }
    StrictJson json = new StrictJson(text);
    if (json.peek() != '{') {
      throw new ProtocolException("no JSON object");
    }
    JsonObject object = json.readObject(1);
    json.skipBlanks();
    if (json.at != json.text.length) {
      throw new ProtocolException("something behind the JSON object");
    }
    return object;
  }

  private void skipBlanks() {
    while (at < text.length) {
      char c = text[at];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return;
      }
      at++;
    }
  }

  /** The next character that is no blank, which stays the next one. */
  private char peek() throws ProtocolException {
    skipBlanks();
    if (at == text.length) {
      throw new ProtocolException(NOT_JSON);
    }
    return text[at];
  }

  private void expect(char wanted) throws ProtocolException {
    if (peek() != wanted) {
      throw new ProtocolException(NOT_JSON);
    }
    at++;
  }

  /** Whether {@code wanted} comes next; if so, it is taken. */
  private boolean take(char wanted) throws ProtocolException {
    if (peek() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  private void count() throws ProtocolException {
    if (++values > MAX_VALUES) {
      throw new ProtocolException("more than " + MAX_VALUES + " values");
    }
  }

  /**
   * @param depth of an array or object that begins here
   */
  private JsonElement read(int depth) throws ProtocolException {
    return switch (peek()) {
      case '{' -> readObject(depth);
      case '[' -> readArray(depth);
      case '"' -> {
        count();
        yield new JsonPrimitive(readString());
      }
      case 't' -> word("true", new JsonPrimitive(true));
      case 'f' -> word("false", new JsonPrimitive(false));
      case 'n' -> word("null", JsonNull.INSTANCE);
      default -> {
        count();
        yield new JsonPrimitive(new LazilyParsedNumber(readNumber()));
      }
    };
  }

  private void begin(int depth) throws ProtocolException {
    count();
    if (depth > MAX_DEPTH) {
      throw new ProtocolException("nested deeper than " + MAX_DEPTH);
    }
    at++;
  }

  private JsonObject readObject(int depth) throws ProtocolException {
    begin(depth);
    JsonObject object = new JsonObject();
    if (take('}')) {
      return object;
    }
    do {
      if (peek() != '"') {
        throw new ProtocolException(NOT_JSON);
      }
      String key = readString();
      expect(':');
      JsonElement value = read(depth + 1);
      int before = object.size();
      object.add(key, value);
      if (object.size() == before) {
        throw new ProtocolException("a duplicate key");
      }
    } while (take(','));
    expect('}');
    return object;
  }

  private JsonArray readArray(int depth) throws ProtocolException {
    begin(depth);
    JsonArray array = new JsonArray();
    if (take(']')) {
      return array;
    }
    do {
      array.add(read(depth + 1));
    } while (take(','));
    expect(']');
    return array;
  }

  private JsonElement word(String word, JsonElement value) throws ProtocolException {
    count();
    for (int i = 0; i < word.length(); i++) {
      if (!is(word.charAt(i))) {
        throw new ProtocolException(NOT_JSON);
      }
      at++;
    }
    return value;
  }

  /** {@code -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?} */
  private String readNumber() throws ProtocolException {
    int start = at;
    if (is('-')) {
      at++;
    }
    if (is('0')) {
      at++;
    } else {
      digits();
    }
    if (is('.')) {
      at++;
      digits();
    }
    if (is('e') || is('E')) {
      at++;
      if (is('+') || is('-')) {
        at++;
      }
      digits();
    }
    if (at - start > MAX_NUMBER_CHARS) {
      throw new ProtocolException("a number of more than " + MAX_NUMBER_CHARS + " characters");
    }
    return new String(text, start, at - start);
  }

  private boolean is(char wanted) {
    return at < text.length && text[at] == wanted;
  }

  private void digits() throws ProtocolException {
    int start = at;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    if (at == start) {
      throw new ProtocolException(NOT_JSON);
    }
  }

  /** From its opening quote to behind its closing one. */
  private String readString() throws ProtocolException {
    int start = ++at;
    boolean surrogates = false;
    while (at < text.length) {
      char c = text[at];
      if (c == '"') {
        String plain = new String(text, start, at++ - start);
        return surrogates ? wellFormed(plain) : plain;
      } else if (c == '\\') {
        return readEscaped(start, surrogates);
      } else if (c < 0x20) {
        throw new ProtocolException(NOT_JSON);
      }
      surrogates |= Character.isSurrogate(c);
      at++;
    }
    throw new ProtocolException(NOT_JSON);
  }

  /** The same from the first backslash on. */
  private String readEscaped(int start, boolean surrogatesBefore) throws ProtocolException {
    StringBuilder out = new StringBuilder(Math.max(64, 2 * (at - start)));
    boolean surrogates = surrogatesBefore;
    int run = start;
    while (at < text.length) {
      char c = text[at];
      if (c == '"') {
        String whole = out.append(text, run, at++ - run).toString();
        return surrogates ? wellFormed(whole) : whole;
      } else if (c == '\\') {
        out.append(text, run, at - run);
        at++;
        char meant = readEscape();
        surrogates |= Character.isSurrogate(meant);
        out.append(meant);
        run = at;
      } else if (c < 0x20) {
        throw new ProtocolException(NOT_JSON);
      } else {
        surrogates |= Character.isSurrogate(c);
        at++;
      }
    }
    throw new ProtocolException(NOT_JSON);
  }

  private char readEscape() throws ProtocolException {
    if (at == text.length) {
      throw new ProtocolException(NOT_JSON);
    }
    return switch (text[at++]) {
      case '"' -> '"';
      case '\\' -> '\\';
      case '/' -> '/';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> readHex();
      default -> throw new ProtocolException(NOT_JSON);
    };
  }

  private char readHex() throws ProtocolException {
    if (text.length - at < 4) {
      throw new ProtocolException(NOT_JSON);
    }
    int value = 0;
    for (int end = at + 4; at < end; at++) {
      char c = text[at];
      // Of ASCII only: Character.digit takes the digits of all scripts.
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw new ProtocolException(NOT_JSON);
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  private static String wellFormed(String text) throws ProtocolException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw new ProtocolException("an unpaired surrogate");
        }
        i++;
      }
    }
    return text;
  }
}
