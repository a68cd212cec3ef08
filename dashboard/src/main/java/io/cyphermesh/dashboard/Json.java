package io.cyphermesh.dashboard;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** JSON in and out, by streaming: no reflection, so the first answer costs no warm-up. */
final class Json {
  private static final int MAX_DEPTH = 24;

  private Json() {}

  @FunctionalInterface
  interface Body {
    void writeTo(JsonWriter json) throws IOException;
  }

  static String text(Body body) {
    StringWriter text = new StringWriter(1024);
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);
      json.setSerializeNulls(true);
      body.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * Reads a strict JSON object (RFC 8259) whose keys are known. Text values come as text, objects
   * as their JSON text.
   *
   * @throws Problem 400 if it is anything else; the detail says what
   */
  static Map<String, String> readFlat(byte[] body, List<String> textKeys, List<String> objectKeys) {
    Map<String, String> found = new LinkedHashMap<>();
    try (JsonReader reader = new JsonReader(new StringReader(utf8(body)))) {
      reader.setStrictness(Strictness.STRICT);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new Problem(400, "the body is not a JSON object");
      }
      reader.beginObject();
      while (reader.hasNext()) {
        String key = reader.nextName();
        if (found.containsKey(key)) {
          throw new Problem(400, "'" + key + "' is given twice");
        }
        if (textKeys.contains(key)) {
          if (reader.peek() != JsonToken.STRING) {
            throw new Problem(400, "'" + key + "' is not text");
          }
          found.put(key, reader.nextString());
        } else if (objectKeys.contains(key)) {
          if (reader.peek() != JsonToken.BEGIN_OBJECT) {
            throw new Problem(400, "'" + key + "' is not a JSON object");
          }
          found.put(key, text(json -> copy(reader, json, 1)));
        } else {
          throw new Problem(
              400, "'" + key + "' is not known here: " + known(textKeys, objectKeys) + " are");
        }
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new Problem(400, "there is more behind the JSON object");
      }
    } catch (CharacterCodingException e) {
      throw new Problem(400, "the body is not UTF-8");
    } catch (MalformedJsonException | EOFException | JsonParseException e) {
      throw new Problem(400, "the body is not valid JSON");
    } catch (IOException | UncheckedIOException | IllegalStateException e) {
      throw new Problem(400, "the body is not valid JSON");
    }
    return found;
  }

  private static String known(List<String> textKeys, List<String> objectKeys) {
    return String.join(", ", textKeys)
        + (objectKeys.isEmpty() ? "" : ", " + String.join(", ", objectKeys));
  }

  static String utf8(byte[] body) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
  }

  /** Copies one value, token by token, so that numbers and text stay as they were written. */
  private static void copy(JsonReader from, JsonWriter to, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new Problem(400, "the JSON is nested deeper than " + MAX_DEPTH);
    }
    switch (from.peek()) {
      case BEGIN_OBJECT -> {
        Set<String> keys = new HashSet<>();
        from.beginObject();
        to.beginObject();
        while (from.hasNext()) {
          String key = from.nextName();
          if (!keys.add(key)) {
            throw new Problem(400, "'" + key + "' is given twice");
          }
          to.name(key);
          copy(from, to, depth + 1);
        }
        from.endObject();
        to.endObject();
      }
      case BEGIN_ARRAY -> {
        from.beginArray();
        to.beginArray();
        while (from.hasNext()) {
          copy(from, to, depth + 1);
        }
        from.endArray();
        to.endArray();
      }
      case STRING -> to.value(from.nextString());
      case NUMBER -> to.jsonValue(from.nextString());
      case BOOLEAN -> to.value(from.nextBoolean());
      case NULL -> {
        from.nextNull();
        to.nullValue();
      }
      default -> throw new Problem(400, "the body is not valid JSON");
    }
  }
}
