package io.cyphermesh.core.mesh;

import io.cyphermesh.api.NodeId;
import java.time.Duration;
import java.util.Set;

/**
 * How a mesh behaves.
 *
 * @param maxLinks most links in all; beyond it accepted ones are closed
 * @param pingAfter idle time after which a link is pinged
 * @param deadAfter further time after which an idle link is dead
 * @param contest how long the preferred one of two links to the same node has to answer a ping
 * @param dialBackoffMin first pause after a failed dial
 * @param dialBackoffMax longest pause
 * @param amberPeers nodes that TLP:AMBER events may go to
 * @param membership whom it has as neighbours
 * @param broadcast how an event spreads
 * @param reconciliation how it catches up
 * @param plain how it behaves on plain links of version 1
 */
public record MeshSettings(
    int maxLinks,
    Duration pingAfter,
    Duration deadAfter,
    Duration contest,
    Duration dialBackoffMin,
    Duration dialBackoffMax,
    Set<NodeId> amberPeers,
    MembershipSettings membership,
    BroadcastSettings broadcast,
    ReconciliationSettings reconciliation,
    PlainSettings plain) {
  public MeshSettings {
    amberPeers = Set.copyOf(amberPeers);
  }
}
