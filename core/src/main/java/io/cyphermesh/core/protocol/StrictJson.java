package io.cyphermesh.core.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.internal.LazilyParsedNumber;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * JSON as wire-protocol 1 allows it: RFC 8259 to the letter, valid UTF-8, no byte order mark, no
 * duplicate key, no unpaired surrogate, bounded nesting, bounded number of values, counted while
 * reading. Numbers keep the text they were written in.
 */
public final class StrictJson {
  /** Deepest nesting of arrays and objects. */
  public static final int MAX_DEPTH = 24;

  /** Most values in one text. */
  public static final int MAX_VALUES = 20_000;

  private final JsonReader reader;
  private int values;

  private StrictJson(String text) {
    reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(MAX_DEPTH);
  }

  /**
   * Reads one object.
   *
   * @throws ProtocolException if the text is anything else; the message says what
   */
  public static JsonObject object(byte[] utf8) throws ProtocolException {
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(utf8))
              .toString();
    } catch (CharacterCodingException e) {
      throw new ProtocolException("not UTF-8");
    }
    return object(text);
  }

  /** As {@link #object(byte[])}, of text that is decoded already. */
  public static JsonObject object(String text) throws ProtocolException {
    if (text.startsWith("\ufeff")) {
      throw new ProtocolException("a byte order mark");
    }
    StrictJson json = new StrictJson(text);
    try {
      if (json.reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new ProtocolException("no JSON object");
      }
      JsonElement object = json.read();
      if (json.reader.peek() != JsonToken.END_DOCUMENT) {
        throw new ProtocolException("something behind the JSON object");
      }
      return object.getAsJsonObject();
    } catch (MalformedJsonException
        | EOFException
        | IllegalStateException
        | NumberFormatException e) {
      throw new ProtocolException("not JSON");
    } catch (IOException e) {
      throw new ProtocolException("not JSON: " + e.getMessage());
    }
  }

  private JsonElement read() throws IOException, ProtocolException {
    if (++values > MAX_VALUES) {
      throw new ProtocolException("more than " + MAX_VALUES + " values");
    }
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> readObject();
      case BEGIN_ARRAY -> {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
          array.add(read());
        }
        reader.endArray();
        yield array;
      }
      case STRING -> new JsonPrimitive(wellFormed(reader.nextString()));
      case NUMBER -> new JsonPrimitive(new LazilyParsedNumber(reader.nextString()));
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      default -> throw new ProtocolException("not JSON");
    };
  }

  private JsonObject readObject() throws IOException, ProtocolException {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = wellFormed(reader.nextName());
      if (object.has(key)) {
        throw new ProtocolException("a duplicate key");
      }
      object.add(key, read());
    }
    reader.endObject();
    return object;
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
