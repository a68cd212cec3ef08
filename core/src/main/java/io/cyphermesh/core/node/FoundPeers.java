package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.plugin.DiscoverySink;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Hands what discovery plugins find to the mesh, which decides whom to dial. It is written down
 * only once a node was met there, and never as the operator's.
 *
 * @param listening the port that the node listens on now
 */
record FoundPeers(NodeId self, IntSupplier listening, MeshDriver mesh) implements DiscoverySink {
  @Override
  public int port() {
    return listening.getAsInt();
  }

  @Override
  public boolean alone() {
    return mesh.snapshot().links().isEmpty();
  }

  @Override
  public void found(HostPort address, Optional<NodeId> peer) {
    mesh.tell(new Input.AddAddress(address, AddressOrigin.LAN, peer));
  }
}
