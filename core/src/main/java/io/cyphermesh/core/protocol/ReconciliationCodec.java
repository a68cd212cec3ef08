package io.cyphermesh.core.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The payloads of the messages by which a node that was away gets what it lacks. */
final class ReconciliationCodec {
  /** Most bytes that events take in one frame. */
  static final int MAX_EVENTS_BYTES = 768 * 1024;

  private static final int FINGERPRINT_BYTES = 16;
  private static final int MAX_BITS_BYTES = Message.Want.MAX_KEYS / 8;

  /** So that in milliseconds nothing overflows. */
  private static final long MAX_TIME = Integer.MAX_VALUE;

  /** Of an event without details: itself and its fields. */
  private static final int VALUES_OF_EVENT = 8;

  /** What stands around the events of a frame. */
  private static final int VALUES_OF_FRAME = 8;

  private ReconciliationCodec() {}

  static void write(StringBuilder out, Message.Want want) {
    out.append("{\"ids\": \"").append(Fields.base64(want.keys())).append("\"}");
  }

  static void write(StringBuilder out, Message.WantOffered want) {
    out.append("{\"first\": ").append(want.first());
    out.append(", \"bits\": \"").append(Fields.base64(want.bits())).append("\"}");
  }

  static void write(StringBuilder out, Message.Events events) {
    String before = "{\"events\": [";
    for (Message item : events.events()) {
      if (!(item instanceof Message.Event event)) {
        throw new IllegalArgumentException("never sent: " + item);
      }
      out.append(before).append(event.event().canonical());
      before = ", ";
    }
    out.append(events.events().isEmpty() ? "{\"events\": []}" : "]}");
  }

  static void write(StringBuilder out, Message.Digest digest) {
    if (digest.fingerprint().length == 0) {
      out.append("{}");
      return;
    }
    out.append("{\"f\": ").append(digest.fromHour()).append(", \"t\": ").append(digest.seconds());
    out.append(", \"d\": \"").append(Fields.base64(digest.fingerprint())).append("\"}");
  }

  static void write(StringBuilder out, Message.Reconcile reconcile) {
    out.append("{\"r\": \"").append(Fields.base64(reconcile.ranges())).append("\"}");
  }

  static Message want(JsonObject payload) throws ProtocolException {
    if (!payload.has("first")) {
      return new Message.Want(Fields.ids(payload, "ids", Message.Want.MAX_KEYS));
    }
    if (payload.has("ids")) {
      throw new ProtocolException("ids and first at once");
    }
    return new Message.WantOffered(
        Fields.integer(payload, "first", Fields.MAX_INTEGER),
        Fields.bytes(payload, "bits", MAX_BITS_BYTES));
  }

  static Message events(JsonObject payload) throws ProtocolException {
    JsonArray items = Fields.array(payload, "events", Message.Want.MAX_KEYS);
    List<Message> events = new ArrayList<>(items.size());
    for (JsonElement item : items) {
      events.add(event(item));
    }
    return new Message.Events(events);
  }

  /** It was asked for, so that how many links it crossed is of no interest. */
  private static Message event(JsonElement item) {
    if (!(item instanceof JsonObject json)) {
      return new Message.MalformedEvent("an event is an object");
    }
    try {
      return new Message.Event(EventCodec.read(json), 1);
    } catch (MalformedEventException e) {
      return new Message.MalformedEvent(String.valueOf(e.getMessage()));
    }
  }

  static Message digest(JsonObject payload) throws ProtocolException {
    if (!payload.has("f") && !payload.has("t") && !payload.has("d")) {
      return new Message.Digest(0, 0, new byte[0]);
    }
    byte[] fingerprint = Fields.bytes(payload, "d", FINGERPRINT_BYTES);
    if (fingerprint.length != FINGERPRINT_BYTES) {
      throw new ProtocolException("d is not of " + FINGERPRINT_BYTES + " bytes");
    }
    return new Message.Digest(
        Fields.integer(payload, "f", MAX_TIME),
        Fields.integer(payload, "t", MAX_TIME),
        fingerprint);
  }

  static Message reconcile(JsonObject payload) throws ProtocolException {
    return new Message.Reconcile(Fields.bytes(payload, "r", Message.Reconcile.MAX_BYTES));
  }

  /** See {@link FrameCodec#packed}. */
  static List<Message.Events> packed(List<SignedEvent> events) {
    List<Message.Events> packed = new ArrayList<>();
    List<Message> frame = new ArrayList<>();
    int bytes = 0;
    int values = VALUES_OF_FRAME;
    for (SignedEvent event : events) {
      int length = event.canonicalLength() + ", ".length();
      int count = VALUES_OF_EVENT + event.details().map(d -> mostValues(d.json())).orElse(0);
      if (frame.size() == Message.Want.MAX_KEYS
          || bytes + length > MAX_EVENTS_BYTES
          || values + count > StrictJson.MAX_VALUES) {
        packed.add(new Message.Events(frame));
        frame.clear();
        bytes = 0;
        values = VALUES_OF_FRAME;
      }
      frame.add(new Message.Event(event, 1));
      bytes += length;
      values += count;
    }
    if (!frame.isEmpty()) {
      packed.add(new Message.Events(frame));
    }
    return packed;
  }

  /**
   * No text has more: each value but the first stands behind a comma or an opening bracket. That
   * texts have commas, too, costs no more than a few frames.
   */
  private static int mostValues(String json) {
    int values = 1;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == ',' || c == '[' || c == '{') {
        values++;
      }
    }
    return values;
  }
}
