package io.cyphermesh.core.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cyphermesh.core.identity.Canonical;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
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
      case Message.PeersWanted wanted ->
          MembershipCodec.write(payload(out, "peers_wanted"), wanted);
      case Message.Peers peers -> MembershipCodec.write(payload(out, "peers"), peers);
      case Message.Join _ -> payload(out, "join").append("{}");
      case Message.ForwardJoin join -> MembershipCodec.write(payload(out, "forward_join"), join);
      case Message.Neighbor neighbor -> MembershipCodec.write(payload(out, "neighbor"), neighbor);
      case Message.NeighborReply reply ->
          MembershipCodec.write(payload(out, "neighbor_reply"), reply);
      case Message.Disconnect _ -> payload(out, "disconnect").append("{}");
      case Message.Shuffle shuffle -> MembershipCodec.write(payload(out, "shuffle"), shuffle);
      case Message.ShuffleReply reply ->
          MembershipCodec.write(payload(out, "shuffle_reply"), reply);
      case Message.IHave announcement -> BroadcastCodec.write(payload(out, "ihave"), announcement);
      case Message.Graft graft -> BroadcastCodec.write(payload(out, "graft"), graft);
      case Message.Prune _ -> payload(out, "prune").append("{}");
      case Message.Beacon beacon -> BroadcastCodec.write(payload(out, "beacon"), beacon);
      case Message.Want want -> ReconciliationCodec.write(payload(out, "want"), want);
      case Message.WantOffered want -> ReconciliationCodec.write(payload(out, "want"), want);
      case Message.Events events -> ReconciliationCodec.write(payload(out, "events"), events);
      case Message.Digest digest -> ReconciliationCodec.write(payload(out, "digest"), digest);
      case Message.Reconcile reconcile ->
          ReconciliationCodec.write(payload(out, "reconcile"), reconcile);
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

  /** Begins the payload of a message of a type, behind what a frame begins with. */
  private static StringBuilder payload(StringBuilder out, String type) {
    return out.append('"').append(type).append("\", \"payload\": ");
  }

  /**
   * Stored events, in as many messages as they take: at most {@value Message.Want#MAX_KEYS} and 768
   * KiB each, and no more values than a frame may have. None for none.
   */
  public static List<Message.Events> packed(List<SignedEvent> events) {
    return ReconciliationCodec.packed(events);
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
    String type = Fields.text(frame, "type");
    Fields.text(frame, "id");
    String timestamp = Fields.text(frame, "timestamp");
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
      case "ping" -> new Message.Ping(Fields.integer(payload, "n", Fields.MAX_INTEGER));
      case "pong" -> new Message.Pong(Fields.integer(payload, "n", Fields.MAX_INTEGER));
      case "event" -> {
        int hops =
            payload.has("hops") ? (int) Fields.integer(payload, "hops", Integer.MAX_VALUE) : 1;
        try {
          yield new Message.Event(EventCodec.read(payload), hops);
        } catch (MalformedEventException e) {
          yield new Message.MalformedEvent(e.getMessage() == null ? "malformed" : e.getMessage());
        }
      }
      case "peers_wanted" -> MembershipCodec.peersWanted(payload);
      case "peers" -> MembershipCodec.peers(payload);
      case "join" -> new Message.Join();
      case "forward_join" -> MembershipCodec.forwardJoin(payload);
      case "neighbor" -> MembershipCodec.neighbor(payload);
      case "neighbor_reply" -> MembershipCodec.neighborReply(payload);
      case "disconnect" -> new Message.Disconnect();
      case "shuffle" -> MembershipCodec.shuffle(payload);
      case "shuffle_reply" -> MembershipCodec.shuffleReply(payload);
      case "ihave" -> BroadcastCodec.iHave(payload);
      case "graft" -> BroadcastCodec.graft(payload);
      case "prune" -> new Message.Prune();
      case "beacon" -> BroadcastCodec.beacon(payload);
      case "want" -> ReconciliationCodec.want(payload);
      case "events" -> ReconciliationCodec.events(payload);
      case "digest" -> ReconciliationCodec.digest(payload);
      case "reconcile" -> ReconciliationCodec.reconcile(payload);
      default -> new Message.Unknown(type);
    };
  }

  private static Message hello(JsonObject payload) throws ProtocolException {
    if (payload.isEmpty()) {
      throw new ProtocolException("a version 1 HELLO");
    }
    Set<String> capabilities = new LinkedHashSet<>();
    for (JsonElement item : Fields.array(payload, "caps", MAX_CAPABILITIES)) {
      if (!(item instanceof JsonPrimitive text) || !text.isString()) {
        throw new ProtocolException("caps are texts");
      }
      capabilities.add(text.getAsString());
    }
    String agent = Fields.text(payload, "agent");
    return new Message.Hello(
        (int) Fields.integer(payload, "v", 1_000),
        Fields.text(payload, "net"),
        (int) Fields.integer(payload, "listen", 65_535),
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

  /** Informative only, so anything unreadable is no fault; original nodes write microseconds. */
  private static Optional<Instant> senderTime(String text) {
    try {
      return text.length() > 40 ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (java.time.DateTimeException e) {
      return Optional.empty();
    }
  }
}
