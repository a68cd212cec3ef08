package io.cyphermesh.core.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.identity.Canonical;
import io.cyphermesh.core.identity.ReporterKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Messages between record and the content of a frame; the length in front is the transport's. */
public final class FrameCodec {
  /** Largest frame before the peer's HELLO, in bytes. */
  public static final int MAX_HELLO_BYTES = 16 * 1024;

  /** Largest frame after it, in bytes. */
  public static final int MAX_FRAME_BYTES = 1024 * 1024;

  private static final int MAX_CAPABILITIES = 32;
  private static final int MAX_AGENT = 64;
  private static final long MAX_INTEGER = (1L << 53) - 1;

  private final InstantSource clock;
  private final Supplier<UUID> ids;

  public FrameCodec(InstantSource clock, Supplier<UUID> ids) {
    this.clock = clock;
    this.ids = ids;
  }

  /** The frame that says {@code message}. */
  public byte[] encode(Message message) {
    StringBuilder out = new StringBuilder(2048).append("{\"type\": ");
    String id = "";
    switch (message) {
      case Message.Hello hello -> {
        out.append("\"HELLO\", \"payload\": {\"v\": ")
            .append(hello.version())
            .append(", \"net\": ");
        Canonical.string(out, hello.network());
        out.append(", \"listen\": ").append(hello.listenPort()).append(", \"agent\": ");
        Canonical.string(out, hello.agent());
        out.append(", \"caps\": [");
        String comma = "";
        for (String capability : hello.capabilities().stream().sorted().toList()) {
          out.append(comma);
          Canonical.string(out, capability);
          comma = ", ";
        }
        out.append("]}");
      }
      case Message.Ping ping ->
          out.append("\"ping\", \"payload\": {\"n\": ").append(ping.n()).append('}');
      case Message.Pong pong ->
          out.append("\"pong\", \"payload\": {\"n\": ").append(pong.n()).append('}');
      case Message.Event event -> {
        id = event.event().claimedId().hex();
        out.append("\"event\", \"payload\": ").append(event.event().canonical());
        out.setLength(out.length() - 1);
        out.append(", \"hops\": ").append(event.hops()).append('}');
      }
      case Message.PeersWanted ignored -> out.append("\"peers_wanted\", \"payload\": {}");
      case Message.Peers peers -> {
        out.append("\"peers\", \"payload\": {\"peers\": [");
        String comma = "";
        for (PeerRecord record : peers.records()) {
          out.append(comma);
          write(out, record);
          comma = ", ";
        }
        out.append("]}");
      }
      case Message.MalformedEvent _,
          Message.UnusualEvent _,
          Message.LeftOut _,
          Message.Heartbeat _,
          Message.Unknown _ ->
          throw new IllegalArgumentException("never sent over TLS: " + message);
    }
    out.append(", \"id\": \"").append(id.isEmpty() ? ids.get().toString() : id);
    out.append("\", \"timestamp\": \"").append(EventTime.format(clock.instant())).append("\"}");
    return out.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static void write(StringBuilder out, PeerRecord record) {
    out.append("{\"addr\": ");
    Canonical.string(out, record.address().host());
    out.append(", \"port\": ").append(record.address().port());
    out.append(", \"id\": \"").append(record.nodeId().hex()).append("\", \"key\": ");
    out.append(record.key().pemJson());
    out.append(", \"seq\": ").append(record.seq()).append(", \"sig\": \"");
    out.append(Base64.getEncoder().encodeToString(record.signature())).append("\"}");
  }

  /** A frame as it was read: what it says, and of a HELLO the sender's clock where it told it. */
  public record Decoded(Message message, Optional<Instant> senderTime) {}

  /**
   * Reads a frame's content.
   *
   * @throws ProtocolException if it is no frame of the protocol; the link ends
   */
  public static Decoded decode(byte[] content) throws ProtocolException {
    JsonObject frame = StrictJson.object(content);
    String type = text(frame, "type");
    text(frame, "id");
    String timestamp = text(frame, "timestamp");
    if (!(frame.get("payload") instanceof JsonObject payload)) {
      throw new ProtocolException("payload is no object");
    }
    Message message = message(type, payload);
    return new Decoded(
        message, message instanceof Message.Hello ? senderTime(timestamp) : Optional.empty());
  }

  private static Message message(String type, JsonObject payload) throws ProtocolException {
    return switch (type) {
      case "HELLO" -> hello(payload);
      case "ping" -> new Message.Ping(integer(payload, "n", MAX_INTEGER));
      case "pong" -> new Message.Pong(integer(payload, "n", MAX_INTEGER));
      case "event" -> {
        int hops = payload.has("hops") ? (int) integer(payload, "hops", Integer.MAX_VALUE) : 1;
        try {
          yield new Message.Event(EventCodec.read(payload), hops);
        } catch (MalformedEventException e) {
          yield new Message.MalformedEvent(e.getMessage() == null ? "malformed" : e.getMessage());
        }
      }
      case "peers_wanted" -> new Message.PeersWanted();
      case "peers" -> peers(payload);
      default -> new Message.Unknown(type);
    };
  }

  private static Message hello(JsonObject payload) throws ProtocolException {
    if (payload.isEmpty()) {
      throw new ProtocolException("a version 1 HELLO");
    }
    Set<String> capabilities = new LinkedHashSet<>();
    for (JsonElement item : array(payload, "caps", MAX_CAPABILITIES)) {
      if (!(item instanceof JsonPrimitive text) || !text.isString()) {
        throw new ProtocolException("caps are texts");
      }
      capabilities.add(text.getAsString());
    }
    String agent = text(payload, "agent");
    return new Message.Hello(
        (int) integer(payload, "v", 1_000),
        text(payload, "net"),
        (int) integer(payload, "listen", 65_535),
        printable(agent),
        capabilities);
  }

  /** A stranger's words on their way to logs and screens: short, ASCII, of one line. */
  private static String printable(String text) {
    return text.chars()
        .limit(MAX_AGENT)
        .map(c -> c >= ' ' && c <= '~' ? c : '?')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static Message peers(JsonObject payload) throws ProtocolException {
    List<PeerRecord> records = new ArrayList<>();
    for (JsonElement item : array(payload, "peers", Message.Peers.MAX_RECORDS)) {
      if (!(item instanceof JsonObject json)) {
        throw new ProtocolException("a peer is an object");
      }
      String address =
          IpText.canonical(text(json, "addr"))
              .orElseThrow(() -> new ProtocolException("addr is no IP address"));
      ReporterKey key =
          ReporterKey.ofPem(text(json, "key"))
              .orElseThrow(() -> new ProtocolException("key is not the PEM of an RSA-2048 key"));
      int port = (int) integer(json, "port", 65_535);
      if (port == 0
          || !key.nodeId().hex().equals(text(json, "id"))
          || !address.equals(text(json, "addr"))) {
        throw new ProtocolException("a peer's port, id or address is wrong");
      }
      byte[] signature;
      try {
        signature = Base64.getDecoder().decode(text(json, "sig"));
      } catch (IllegalArgumentException e) {
        throw new ProtocolException("sig is no base64");
      }
      records.add(
          new PeerRecord(
              new HostPort(address, port), key, integer(json, "seq", MAX_INTEGER), signature));
    }
    return new Message.Peers(records);
  }

  private static String text(JsonObject json, String field) throws ProtocolException {
    if (json.get(field) instanceof JsonPrimitive value && value.isString()) {
      return value.getAsString();
    }
    throw new ProtocolException(field + " is no text");
  }

  private static long integer(JsonObject json, String field, long max) throws ProtocolException {
    if (json.get(field) instanceof JsonPrimitive value && value.isNumber()) {
      String text = value.getAsString();
      if (text.length() <= 16 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
        long number = Long.parseLong(text);
        if (number <= max) {
          return number;
        }
      }
    }
    throw new ProtocolException(field + " is no whole number within 0 and " + max);
  }

  private static JsonArray array(JsonObject json, String field, int max) throws ProtocolException {
    if (json.get(field) instanceof JsonArray array && array.size() <= max) {
      return array;
    }
    throw new ProtocolException(field + " is no array of at most " + max);
  }

  /** Informative only, so anything unreadable is no fault; original nodes write microseconds. */
  private static Optional<Instant> senderTime(String text) {
    try {
      return text.length() > 40 ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (java.time.DateTimeException e) {
      return Optional.empty();
    }
  }
}
