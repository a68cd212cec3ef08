package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A mesh's links and addresses at one moment, for people to look at.
 *
 * @param reserve nodes of the passive view, which may become neighbours
 */
public record MeshSnapshot(
    List<LinkState> links, List<AddressState> addresses, List<NodeId> reserve) {
  public MeshSnapshot {
    links = List.copyOf(links);
    addresses = List.copyOf(addresses);
    reserve = List.copyOf(reserve);
  }

  /**
   * A link that is up.
   *
   * @param upSinceNanos on the mesh's clock
   * @param role what it is for
   * @param tree whether new events go over it at once, and are not only announced
   * @param roundTripNanos of the last ping; empty where none was answered yet
   * @param score what the peer did for us on it; what is below zero makes it go
   */
  public record LinkState(
      LinkId link,
      PeerId peer,
      boolean dialled,
      HostPort address,
      String agent,
      long upSinceNanos,
      LinkRole role,
      boolean tree,
      OptionalLong roundTripNanos,
      long score) {}

  /** An address without a link. */
  public record AddressState(
      HostPort address,
      Optional<NodeId> nodeId,
      AddressOrigin origin,
      boolean dialling,
      Optional<String> lastError) {}
}
