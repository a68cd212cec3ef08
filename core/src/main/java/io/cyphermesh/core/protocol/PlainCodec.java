package io.cyphermesh.core.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The frames of plain links, as original nodes write and read them (wire-protocol 2): a heartbeat
 * and events. What they take and we do not is told from what nobody takes, since only the latter is
 * anybody's fault.
 */
public final class PlainCodec {
  private final InstantSource clock;
  private final Supplier<UUID> ids;

  public PlainCodec(InstantSource clock, Supplier<UUID> ids) {
    this.clock = clock;
    this.ids = ids;
  }

  /** The frame that says {@code message}, a heartbeat or an event. */
  public byte[] encode(Message message) {
    String type;
    String id;
    String payload;
    switch (message) {
      case Message.Heartbeat _ -> {
        type = "HELLO";
        id = ids.get().toString();
        payload = "{}";
      }
      case Message.Event event -> {
        type = "event";
        id = event.event().claimedId().hex();
        payload = event.event().canonical();
      }
      default -> throw new IllegalArgumentException("never sent over plain links: " + message);
    }
    return ("{\"type\": \""
            + type
            + "\", \"id\": \""
            + id
            + "\", \"payload\": "
            + payload
            + ", \"timestamp\": \""
            + EventTime.format(clock.instant())
            + "\"}")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads a frame's content.
   *
   * @throws ProtocolException if it is no JSON, even to an original node; the link ends
   */
  public static Message decode(byte[] content) throws ProtocolException {
    String text = utf8(content);
    try {
      return message(StrictJson.object(text), Optional.empty());
    } catch (ProtocolException e) {
      try {
        JsonElement frame =
            PythonJson.read(text).orElseThrow(() -> new ProtocolException("not JSON"));
        return frame instanceof JsonObject object
            ? message(object, Optional.of(String.valueOf(e.getMessage())))
            : new Message.Unknown("");
      } catch (PythonJson.TooMuchException tooMuch) {
        return new Message.LeftOut(String.valueOf(tooMuch.getMessage()));
      }
    }
  }

  private static String utf8(byte[] content) throws ProtocolException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(content))
          .toString();
    } catch (CharacterCodingException e) {
      throw new ProtocolException("not UTF-8");
    }
  }

  /**
   * @param notStrict why the frame is not the JSON that we take, if it is not
   */
  private static Message message(JsonObject frame, Optional<String> notStrict) {
    String type =
        frame.get("type") instanceof JsonPrimitive text && text.isString()
            ? text.getAsString()
            : "";
    return switch (type) {
      case "HELLO" -> new Message.Heartbeat();
      case "event" ->
          frame.get("payload") instanceof JsonObject payload
              ? event(payload, notStrict)
              : new Message.MalformedEvent("payload is no object");
      default -> new Message.Unknown(type);
    };
  }

  private static Message event(JsonObject payload, Optional<String> notStrict) {
    String why;
    if (notStrict.isPresent()) {
      why = notStrict.get();
    } else {
      try {
        return new Message.Event(EventCodec.read(payload), 1);
      } catch (MalformedEventException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    try {
      return new Message.UnusualEvent(why, OriginalEvent.read(payload));
    } catch (MalformedEventException e) {
      return new Message.MalformedEvent(String.valueOf(e.getMessage()));
    } catch (OriginalEvent.UnusualException e) {
      return new Message.LeftOut(String.valueOf(e.getMessage()));
    }
  }
}
