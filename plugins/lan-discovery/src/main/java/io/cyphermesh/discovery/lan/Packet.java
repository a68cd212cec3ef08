package io.cyphermesh.discovery.lan;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.cyphermesh.api.NodeId;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One datagram of wire-protocol 2.
 *
 * @param sender what the sender calls itself: an original node anything, ours its id
 * @param port where the sender takes links, 1 to 65535
 * @param id the sender's node id; empty for an original node
 */
record Packet(Type type, String sender, int port, Optional<NodeId> id) {
  /** Bytes; what is longer is none. */
  static final int MAX_BYTES = 1024;

  private static final int MAX_DEPTH = 4;

  enum Type {
    /** Who is there? */
    PING,
    /** The answer. */
    PONG
  }

  /** What a node of ours says. */
  static Packet ours(Type type, NodeId self, int port) {
    return new Packet(type, self.hex(), port, Optional.of(self));
  }

  /** Only for {@link #ours}: nothing in those has to be escaped. */
  byte[] bytes() {
    return "{\"type\": \"%s\", \"node_id\": \"%s\", \"tcp_port\": %d, \"fp\": \"%s\"}"
        .formatted(type, sender, port, id.orElseThrow())
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Reads strict JSON; empty where it is no packet. Unknown keys are passed over. */
  static Optional<Packet> read(ByteBuffer utf8) {
    if (utf8.remaining() > MAX_BYTES) {
      return Optional.empty();
    }
    try {
      // A new decoder reports what is malformed.
      String text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
      // Which Gson would pass over.
      if (text.startsWith("\ufeff")) {
        return Optional.empty();
      }
      JsonReader json = new JsonReader(new StringReader(text));
      json.setStrictness(Strictness.STRICT);
      json.setNestingLimit(MAX_DEPTH);
      Optional<Packet> packet = new Fields().read(json);
      return json.peek() == JsonToken.END_DOCUMENT ? packet : Optional.empty();
    } catch (IOException | IllegalStateException | IllegalArgumentException e) {
      // The decoder's, Gson's and the records' ways to say that it is no packet.
      return Optional.empty();
    }
  }

  /** The members met so far. */
  private static final class Fields {
    private final Set<String> met = new HashSet<>();
    private @Nullable Type type;
    private @Nullable String sender;
    private int port;
    private Optional<NodeId> id = Optional.empty();

    Optional<Packet> read(JsonReader json) throws IOException {
      json.beginObject();
      while (json.hasNext()) {
        String key = json.nextName();
        if (!met.add(key)) {
          throw new IllegalArgumentException("a duplicate key");
        }
        switch (key) {
          case "type" -> type = Type.valueOf(text(json));
          case "node_id" -> sender = text(json);
          case "tcp_port" -> port = port(json);
          case "fp" -> id = Optional.of(new NodeId(text(json)));
          default -> json.skipValue();
        }
      }
      json.endObject();
      if (type == null || sender == null || sender.isEmpty() || port == 0) {
        return Optional.empty();
      }
      return Optional.of(new Packet(type, sender, port, id));
    }

    private static String text(JsonReader json) throws IOException {
      require(json.peek() == JsonToken.STRING);
      return json.nextString();
    }

    private static int port(JsonReader json) throws IOException {
      require(json.peek() == JsonToken.NUMBER);
      String digits = json.nextString();
      require(digits.matches("[1-9][0-9]{0,4}"));
      int port = Integer.parseInt(digits);
      require(port <= 65535);
      return port;
    }

    private static void require(boolean holds) {
      if (!holds) {
        throw new IllegalArgumentException("a value of another type or out of its range");
      }
    }
  }
}
