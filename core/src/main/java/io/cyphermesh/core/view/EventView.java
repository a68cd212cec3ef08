package io.cyphermesh.core.view;

import java.time.Instant;
import java.util.Optional;

/**
 * A stored event with everything that the wire carries of it.
 *
 * @param seq its number in the store, ascending in the order of arrival
 * @param id as the wire carries it, 64 lower-case hexadecimal digits; a bare one's cannot be
 *     checked
 * @param key what it is stored and looked up under: its id, or another hash for a bare one
 * @param sourceIp the observable
 * @param threatType what it did
 * @param severity as the reporter wrote it; anything but the four known terms is shown as unknown
 * @param timestamp as the reporter wrote it
 * @param time the timestamp read as UTC
 * @param timeApproximate whether the timestamp's zone is unknown (events of version 1 nodes)
 * @param reporterPubkey PEM
 * @param signature base64
 * @param detailsJson canonical JSON text of the details, where it has any
 * @param receivedAt when this node stored it
 * @param reporterId the reporter's node id
 * @param local whether this node itself reported it
 * @param bare whether it lost its details on the way through a version 1 node, so that its id
 *     cannot be checked
 * @param deliveredBy the peer that it came from: its node id, or the IPv4 address of a version 1
 *     node; empty for our own and for what was imported
 */
public record EventView(
    long seq,
    String id,
    String key,
    String sourceIp,
    String threatType,
    String severity,
    String timestamp,
    Instant time,
    boolean timeApproximate,
    String reporterPubkey,
    String signature,
    Optional<String> detailsJson,
    Instant receivedAt,
    String reporterId,
    boolean local,
    boolean bare,
    Optional<String> deliveredBy) {

  /** Always true: only verified events are stored. */
  public boolean verified() {
    return true;
  }
}
