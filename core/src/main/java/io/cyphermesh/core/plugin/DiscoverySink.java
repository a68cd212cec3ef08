package io.cyphermesh.core.plugin;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import java.util.Optional;

/** The node as discovery plugins see it. */
public interface DiscoverySink {
  /** Who the node is. */
  NodeId self();

  /** The port on which it listens. */
  int port();

  /** Whether no link is up. */
  boolean alone();

  /** Takes an address that a plugin found; must not block. Called on any thread. */
  void found(HostPort address, Optional<NodeId> peer);
}
