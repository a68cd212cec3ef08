package io.cyphermesh.api;

import java.util.Optional;

/** What the node lends to a {@link PeerDiscovery}. */
@Experimental
public interface DiscoveryContext extends PluginContext {

  /** Who this node is. */
  NodeId self();

  /** The port on which this node takes peers' links, 1 to 65535. */
  int port();

  /** Whether no link to any peer is up. Cheap. */
  boolean alone();

  /**
   * Says that a node may listen at an address. The node decides whether and when to dial it, and
   * remembers it only once it was met there. An address that was found within the last minute, and
   * whatever comes too fast, is dropped and counted as refused. Never blocks.
   *
   * @param address an IP address or name, and a port from 1 on
   * @param peer who is said to listen there: any other node that answers is refused. Empty where
   *     nobody said so: perhaps an original node, of version 1
   * @throws IllegalArgumentException if the port is 0
   */
  void found(HostPort address, Optional<NodeId> peer);
}
