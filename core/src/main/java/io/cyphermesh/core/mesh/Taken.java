package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import java.util.Optional;
import java.util.Set;

/**
 * Whom no dial is for: looked up, never copied.
 *
 * @param addresses where links are up
 * @param peers nodes with which links are up
 * @param ignored nodes that are ignored
 */
record Taken(Set<HostPort> addresses, Set<NodeId> peers, Set<NodeId> ignored) {
  boolean linked(HostPort address, Optional<NodeId> node) {
    return addresses.contains(address) || node.filter(peers::contains).isPresent();
  }

  boolean has(HostPort address, Optional<NodeId> node) {
    return linked(address, node) || node.filter(ignored::contains).isPresent();
  }
}
