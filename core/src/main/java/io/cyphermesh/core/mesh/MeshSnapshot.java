package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import java.util.List;
import java.util.Optional;

/** A mesh's links and addresses at one moment, for people to look at. */
public record MeshSnapshot(List<LinkState> links, List<AddressState> addresses) {
  public MeshSnapshot {
    links = List.copyOf(links);
    addresses = List.copyOf(addresses);
  }

  /**
   * A link that is up.
   *
   * @param upSinceNanos on the mesh's clock
   */
  public record LinkState(
      LinkId link,
      PeerId peer,
      boolean dialled,
      HostPort address,
      String agent,
      long upSinceNanos) {}

  /** An address without a link. */
  public record AddressState(
      HostPort address,
      Optional<NodeId> nodeId,
      AddressOrigin origin,
      boolean dialling,
      Optional<String> lastError) {}
}
