package io.cyphermesh.core.identity;

import io.cyphermesh.api.NodeId;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who is at the other end of a link, and so who has a score: a node, which proved its key, or
 * whoever uses an IP address without proving anything.
 */
public sealed interface PeerId extends Comparable<PeerId> {

  /** The holder of a key. */
  record Node(NodeId id) implements PeerId {
    @Override
    public boolean is(NodeId node) {
      return id.equals(node);
    }

    @Override
    public Optional<NodeId> node() {
      return Optional.of(id);
    }

    @Override
    public String text() {
      return id.hex();
    }

    @Override
    public String abbreviated() {
      return id.abbreviated();
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /**
   * All who speak plain version 1 from one IPv4 address, which several may share.
   *
   * @param ip dotted
   */
  record PlainHost(String ip) implements PeerId {
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");

    public PlainHost {
      if (!IPV4.matcher(ip).matches()) {
        throw new IllegalArgumentException("'" + ip + "' is no IPv4 address");
      }
    }

    @Override
    public Optional<NodeId> node() {
      return Optional.empty();
    }

    @Override
    public String text() {
      return "ip:" + ip;
    }

    @Override
    public String abbreviated() {
      return ip;
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** The node; empty where nobody proved anything. */
  Optional<NodeId> node();

  /** 64 hexadecimal digits, or {@code ip:} and the address. */
  String text();

  /** Enough for a person to tell peers apart. */
  String abbreviated();

  /** Whether it is {@code node}. */
  default boolean is(NodeId node) {
    return node().filter(node::equals).isPresent();
  }

  @Override
  default int compareTo(PeerId other) {
    return text().compareTo(other.text());
  }
}
