package io.cyphermesh.cli.json;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
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
import java.io.Reader;
import java.io.StringReader;
import java.util.Optional;

/** Reads and prints JSON. Events to be judged go through core's stricter reader as well. */
public final class Json {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private Json() {}

  /** A reader that takes RFC 8259 only. */
  public static JsonReader strict(Reader text) {
    JsonReader reader = new JsonReader(text);
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(64);
    return reader;
  }

  /**
   * The next value of {@code reader}. Numbers keep the text they were written in.
   *
   * @throws MalformedJsonException if there is none, or it names a key twice
   */
  public static JsonElement next(JsonReader reader) throws IOException {
    try {
      return read(reader);
    } catch (EOFException e) {
      throw new MalformedJsonException("it ends in the middle", e);
    } catch (IllegalStateException | NumberFormatException e) {
      throw new MalformedJsonException(String.valueOf(e.getMessage()), e);
    }
  }

  private static JsonElement read(JsonReader reader) throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> readObject(reader);
      case BEGIN_ARRAY -> readArray(reader);
      case STRING -> new JsonPrimitive(reader.nextString());
      case NUMBER -> new JsonPrimitive(new LazilyParsedNumber(reader.nextString()));
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      default -> throw new MalformedJsonException("there is no value");
    };
  }

  private static JsonObject readObject(JsonReader reader) throws IOException {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      if (object.has(key)) {
        throw new MalformedJsonException("the key " + key + " stands there twice");
      }
      object.add(key, read(reader));
    }
    reader.endObject();
    return object;
  }

  private static JsonArray readArray(JsonReader reader) throws IOException {
    JsonArray array = new JsonArray();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(read(reader));
    }
    reader.endArray();
    return array;
  }

  /**
   * The one value that {@code text} is.
   *
   * @throws MalformedJsonException if it is none, or more than one
   */
  public static JsonElement parse(String text) throws MalformedJsonException {
    try (JsonReader reader = strict(new StringReader(text))) {
      JsonElement value = next(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new MalformedJsonException("there is more behind the first value");
      }
      return value;
    } catch (MalformedJsonException e) {
      throw e;
    } catch (IOException e) {
      throw new MalformedJsonException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The object that {@code text} is.
   *
   * @throws MalformedJsonException if it is none
   */
  public static JsonObject object(String text) throws MalformedJsonException {
    if (parse(text) instanceof JsonObject object) {
      return object;
    }
    throw new MalformedJsonException("it is no JSON object");
  }

  /**
   * The value in one line of ASCII. What is not ASCII is escaped, so that no text of a stranger
   * reaches the terminal raw.
   */
  public static String ascii(JsonElement value) {
    String text = GSON.toJson(value);
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c <= '~') {
        out.append(c);
      } else {
        out.append("\\u").append(String.format("%04x", (int) c));
      }
    }
    return out.toString();
  }

  /** The text, number or boolean under {@code key} as text; empty where there is none. */
  public static Optional<String> text(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value != null && value.isJsonPrimitive()
        ? Optional.of(value.getAsString())
        : Optional.empty();
  }

  /** The whole number under {@code key}; 0 where there is none. */
  public static long number(JsonObject object, String key) {
    JsonElement value = object.get(key);
    try {
      return value != null && value.isJsonPrimitive() ? value.getAsLong() : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Whether {@code true} stands under {@code key}. */
  public static boolean is(JsonObject object, String key) {
    return text(object, key).filter("true"::equals).isPresent();
  }
}
