package io.cyphermesh.cli.verify;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.StrictJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events in a file: an array, one object, one object a line, or a page {@code {"events": […]}} of
 * the REST interface. An array or lines are read one event at a time, however many there are.
 */
public final class EventFile {
  /** What the wire carries of an event; everything else is somebody's remark. */
  private static final List<String> WIRE_KEYS =
      List.of(
          "id",
          "source_ip",
          "threat_type",
          "severity",
          "timestamp",
          "reporter_pubkey",
          "signature",
          "details");

  /** One object that is not on one line: beyond this it is no event and no page of them. */
  private static final int MOST_CHARS = 64 << 20;

  private final Sink sink;

  /** Reads into a sink. */
  public EventFile(Sink sink) {
    this.sink = sink;
  }

  /** Checks each event by itself. */
  public EventFile(EventChecker checker, Consumer<Finding> findings) {
    this(
        new Sink() {
          @Override
          public void event(JsonObject event) {
            findings.accept(checker.check(event));
          }

          @Override
          public void invalid(Finding.Invalid invalid) {
            findings.accept(invalid);
          }
        });
  }

  /** Takes what is read, in the order of the file. */
  public interface Sink {
    /** An event with the wire's keys only, whose form is to be looked at. */
    void event(JsonObject event);

    /** Something that can be no event. */
    void invalid(Finding.Invalid invalid);
  }

  /**
   * Reads every event in {@code in}.
   *
   * @throws IOException if it cannot be read, or is no JSON at all
   */
  public void check(InputStream in) throws IOException {
    try (BufferedReader text =
        new BufferedReader(
            new InputStreamReader(
                in,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)))) {
      int first = firstOf(text);
      if (first < 0) {
        throw new MalformedJsonException("it is empty");
      } else if (first == '[') {
        array(text);
      } else {
        objects(text);
      }
    } catch (CharacterCodingException e) {
      throw new MalformedJsonException("it is not UTF-8", e);
    }
  }

  /** The first character that is not blank, left unread; −1 where there is none. */
  private static int firstOf(BufferedReader text) throws IOException {
    while (true) {
      text.mark(1);
      int c = text.read();
      if (c < 0 || !Character.isWhitespace(c)) {
        text.reset();
        return c;
      }
    }
  }

  private void array(Reader text) throws IOException {
    JsonReader reader = Json.strict(text);
    reader.beginArray();
    int number = 0;
    while (reader.hasNext()) {
      number++;
      one(Json.next(reader), "number " + number);
    }
    reader.endArray();
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw new MalformedJsonException("there is more behind the array");
    }
  }

  private void objects(BufferedReader text) throws IOException {
    String line = text.readLine();
    JsonObject first = objectOrNull(line);
    if (first == null) {
      whole(line, text);
      return;
    }
    int number = 1;
    document(first, "line 1");
    while ((line = text.readLine()) != null) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String where = "line " + number;
      try {
        document(Json.parse(line), where);
      } catch (MalformedJsonException e) {
        sink.invalid(new Finding.Invalid("-", where + " is no JSON"));
      }
    }
  }

  private static @Nullable JsonObject objectOrNull(String line) {
    try {
      return Json.object(line);
    } catch (MalformedJsonException e) {
      return null;
    }
  }

  /** One object over many lines; where it is none, lines of which the first is broken. */
  private void whole(String firstLine, BufferedReader rest) throws IOException {
    StringBuilder all = new StringBuilder(firstLine).append('\n');
    char[] buffer = new char[8192];
    int count;
    while ((count = rest.read(buffer)) >= 0) {
      all.append(buffer, 0, count);
      if (all.length() > MOST_CHARS) {
        throw new MalformedJsonException(
            "it is one object of more than 64 MiB: write events as an array or as lines");
      }
    }
    JsonElement document;
    try {
      document = Json.parse(all.toString());
    } catch (MalformedJsonException e) {
      List<String> lines = all.toString().lines().filter(line -> !line.isBlank()).toList();
      if (lines.stream().skip(1).noneMatch(line -> objectOrNull(line) != null)) {
        throw new MalformedJsonException("it is no JSON", e);
      }
      for (int i = 0; i < lines.size(); i++) {
        JsonObject object = objectOrNull(lines.get(i));
        if (object == null) {
          sink.invalid(new Finding.Invalid("-", "line " + (i + 1) + " is no JSON"));
        } else {
          document(object, "line " + (i + 1));
        }
      }
      return;
    }
    document(document, "the file");
  }

  private void document(JsonElement value, String where) {
    if (value instanceof JsonObject object
        && !object.has("signature")
        && object.get("events") instanceof JsonArray events) {
      int number = 0;
      for (JsonElement event : events) {
        number++;
        one(event, "number " + number);
      }
    } else {
      one(value, where);
    }
  }

  private void one(JsonElement value, String where) {
    if (!(value instanceof JsonObject object)) {
      sink.invalid(new Finding.Invalid("-", where + " is no object"));
      return;
    }
    JsonObject strict;
    try {
      // What was split off is read once more as a node reads it: what it refuses is not valid.
      strict = StrictJson.object(Json.ascii(object));
    } catch (ProtocolException e) {
      String claimed = Json.text(object, "id").orElse("-");
      sink.invalid(new Finding.Invalid(claimed, where + ": " + e.getMessage()));
      return;
    }
    JsonObject event = new JsonObject();
    for (String key : WIRE_KEYS) {
      if (strict.has(key)) {
        event.add(key, strict.get(key));
      }
    }
    if (event.isEmpty()) {
      sink.invalid(new Finding.Invalid("-", where + " is no event"));
      return;
    }
    sink.event(event);
  }
}
