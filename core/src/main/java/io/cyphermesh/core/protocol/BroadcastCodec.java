package io.cyphermesh.core.protocol;

import com.google.gson.JsonObject;
import io.cyphermesh.api.NodeId;
import java.util.ArrayList;
import java.util.List;

/** The payloads of the messages by which events spread along a tree. */
final class BroadcastCodec {
  /** An id, and a byte of hops. */
  private static final int ANNOUNCED_BYTES = 33;

  private BroadcastCodec() {}

  static void write(StringBuilder out, Message.IHave announcement) {
    byte[] bytes = new byte[announcement.events().size() * ANNOUNCED_BYTES];
    int at = 0;
    for (Message.Announced announced : announcement.events()) {
      System.arraycopy(Fields.bytes(announced.key()), 0, bytes, at, ANNOUNCED_BYTES - 1);
      bytes[at + ANNOUNCED_BYTES - 1] = (byte) announced.hops();
      at += ANNOUNCED_BYTES;
    }
    out.append("{\"events\": \"").append(Fields.base64(bytes));
    out.append(announcement.late() ? "\", \"late\": true}" : "\"}");
  }

  static void write(StringBuilder out, Message.Graft graft) {
    out.append("{\"ids\": \"").append(Fields.base64(graft.keys())).append("\"}");
  }

  static void write(StringBuilder out, Message.Beacon beacon) {
    out.append("{\"root\": \"").append(beacon.root().hex());
    out.append("\", \"seq\": ").append(beacon.seq());
    out.append(", \"depth\": ").append(beacon.depth());
    out.append(beacon.parent() ? ", \"parent\": true}" : "}");
  }

  static Message beacon(JsonObject payload) throws ProtocolException {
    try {
      return new Message.Beacon(
          new NodeId(Fields.text(payload, "root")),
          Fields.integer(payload, "seq", Fields.MAX_INTEGER),
          (int) Fields.integer(payload, "depth", Message.Beacon.MAX_DEPTH),
          payload.has("parent") && Fields.truth(payload, "parent"));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("root is no node id");
    }
  }

  static Message iHave(JsonObject payload) throws ProtocolException {
    byte[] bytes = Fields.items(payload, "events", ANNOUNCED_BYTES, Message.IHave.MAX_EVENTS);
    List<Message.Announced> events = new ArrayList<>(bytes.length / ANNOUNCED_BYTES);
    for (int at = 0; at < bytes.length; at += ANNOUNCED_BYTES) {
      events.add(
          new Message.Announced(Fields.id(bytes, at), bytes[at + ANNOUNCED_BYTES - 1] & 0xff));
    }
    return new Message.IHave(events, payload.has("late") && Fields.truth(payload, "late"));
  }

  static Message graft(JsonObject payload) throws ProtocolException {
    return new Message.Graft(Fields.ids(payload, "ids", Message.IHave.MAX_EVENTS));
  }
}
