package io.cyphermesh.core.node;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;

/** How operators name peers: by a node id, or by the IPv4 address of plain version 1 nodes. */
final class PeerNames {
  private PeerNames() {}

  static String of(PeerId peer) {
    return switch (peer) {
      case PeerId.Node(NodeId id) -> id.hex();
      case PeerId.PlainHost(String ip) -> ip;
    };
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is neither; one line
   */
  static PeerId parse(String name) {
    try {
      return name.indexOf('.') < 0 ? new PeerId.Node(new NodeId(name)) : new PeerId.PlainHost(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a peer is named by its node id, 64 lower-case hexadecimal digits, or a version 1 node by"
              + " its IPv4 address",
          e);
    }
  }
}
