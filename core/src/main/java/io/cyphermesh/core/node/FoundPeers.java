package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.plugin.DiscoverySink;
import java.util.Optional;

/**
 * Hands what discovery plugins find to the mesh, which decides whom to dial. It is written down
 * only once a node was met there, and never as the operator's.
 */
record FoundPeers(NodeId self, int port, MeshDriver mesh) implements DiscoverySink {
  @Override
  public boolean alone() {
    return mesh.snapshot().links().isEmpty();
  }

  @Override
  public void found(HostPort address, Optional<NodeId> peer) {
    mesh.tell(new Input.AddAddress(address, AddressOrigin.LAN, peer));
  }
}
