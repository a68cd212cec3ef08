package io.cyphermesh.core.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.identity.Canonical;
import io.cyphermesh.core.identity.ReporterKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The payloads of the messages by which nodes find each other and become neighbours. */
final class MembershipCodec {
  /** Longest walk that a peer may ask for. */
  static final int MAX_TTL = 16;

  private static final int SIGNATURE_BYTES = 256;
  private static final int SIGNATURE_CHARS = 344;

  private MembershipCodec() {}

  static void write(StringBuilder out, Message.ForwardJoin join) {
    out.append("{\"peer\": ");
    write(out, join.peer());
    out.append(", \"ttl\": ").append(join.ttl()).append('}');
  }

  static void write(StringBuilder out, Message.Neighbor neighbor) {
    out.append("{\"priority\": \"").append(neighbor.high() ? "high" : "low").append("\"}");
  }

  static void write(StringBuilder out, Message.NeighborReply reply) {
    out.append("{\"accepted\": ").append(reply.accepted()).append('}');
  }

  static void write(StringBuilder out, Message.Shuffle shuffle) {
    out.append("{\"walk\": ").append(shuffle.walk());
    out.append(", \"ttl\": ").append(shuffle.ttl()).append(", \"peers\": ");
    write(out, shuffle.records());
    out.append('}');
  }

  static void write(StringBuilder out, Message.ShuffleReply reply) {
    out.append("{\"walk\": ").append(reply.walk()).append(", \"peers\": ");
    write(out, reply.records());
    out.append('}');
  }

  /** The most there can be go without saying, as they did before there was a choice. */
  static void write(StringBuilder out, Message.PeersWanted wanted) {
    if (wanted.most() >= Message.Peers.MAX_RECORDS) {
      out.append("{}");
    } else {
      out.append("{\"most\": ").append(wanted.most()).append('}');
    }
  }

  static void write(StringBuilder out, Message.Peers peers) {
    out.append("{\"peers\": ");
    write(out, peers.records());
    out.append('}');
  }

  private static void write(StringBuilder out, List<PeerRecord> records) {
    String before = "[";
    for (PeerRecord record : records) {
      out.append(before);
      write(out, record);
      before = ", ";
    }
    out.append(records.isEmpty() ? "[]" : "]");
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

  static Message forwardJoin(JsonObject payload) throws ProtocolException {
    return new Message.ForwardJoin(peer(payload.get("peer")), ttl(payload));
  }

  static Message neighbor(JsonObject payload) throws ProtocolException {
    return switch (Fields.text(payload, "priority")) {
      case "high" -> new Message.Neighbor(true);
      case "low" -> new Message.Neighbor(false);
      default -> throw new ProtocolException("priority is neither high nor low");
    };
  }

  static Message neighborReply(JsonObject payload) throws ProtocolException {
    return new Message.NeighborReply(Fields.truth(payload, "accepted"));
  }

  static Message shuffle(JsonObject payload) throws ProtocolException {
    return new Message.Shuffle(
        walk(payload), ttl(payload), peers(payload, Message.Shuffle.MAX_RECORDS));
  }

  static Message shuffleReply(JsonObject payload) throws ProtocolException {
    return new Message.ShuffleReply(walk(payload), peers(payload, Message.Shuffle.MAX_RECORDS));
  }

  static Message peersWanted(JsonObject payload) throws ProtocolException {
    int max = Message.Peers.MAX_RECORDS;
    return new Message.PeersWanted(
        payload.has("most") ? (int) Fields.integer(payload, "most", max) : max);
  }

  static Message peers(JsonObject payload) throws ProtocolException {
    return new Message.Peers(peers(payload, Message.Peers.MAX_RECORDS));
  }

  private static long walk(JsonObject payload) throws ProtocolException {
    return Fields.integer(payload, "walk", Fields.MAX_INTEGER);
  }

  private static int ttl(JsonObject payload) throws ProtocolException {
    return (int) Fields.integer(payload, "ttl", MAX_TTL);
  }

  private static List<PeerRecord> peers(JsonObject payload, int max) throws ProtocolException {
    List<PeerRecord> records = new ArrayList<>();
    for (JsonElement item : Fields.array(payload, "peers", max)) {
      records.add(peer(item));
    }
    return records;
  }

  private static PeerRecord peer(JsonElement item) throws ProtocolException {
    if (!(item instanceof JsonObject json)) {
      throw new ProtocolException("a peer is an object");
    }
    String address =
        IpText.canonical(Fields.text(json, "addr"))
            .orElseThrow(() -> new ProtocolException("addr is no IP address"));
    ReporterKey key =
        ReporterKey.ofPem(Fields.text(json, "key"))
            .orElseThrow(() -> new ProtocolException("key is not the PEM of an RSA-2048 key"));
    int port = (int) Fields.integer(json, "port", 65_535);
    if (port == 0
        || !key.nodeId().hex().equals(Fields.text(json, "id"))
        || !address.equals(Fields.text(json, "addr"))) {
      throw new ProtocolException("a peer's port, id or address is wrong");
    }
    return new PeerRecord(
        new HostPort(address, port),
        key,
        Fields.integer(json, "seq", Fields.MAX_INTEGER),
        signature(Fields.text(json, "sig")));
  }

  /** Of the right length, since records are kept and passed on; that it is right is seen later. */
  private static byte[] signature(String text) throws ProtocolException {
    if (text.length() == SIGNATURE_CHARS) {
      try {
        byte[] signature = Base64.getDecoder().decode(text);
        if (signature.length == SIGNATURE_BYTES) {
          return signature;
        }
      } catch (IllegalArgumentException e) {
        // Said below.
      }
    }
    throw new ProtocolException("sig is not the base64 of " + SIGNATURE_BYTES + " bytes");
  }
}
