package io.cyphermesh.api;

import java.time.Instant;
import java.util.Optional;

/**
 * A signed and verified event, as the node stored it.
 *
 * @param id its name
 * @param sourceIp the observable: an IP address, or for other kinds the indicator's value
 * @param threatType what it did
 * @param severity how bad it is
 * @param time when it was reported; approximate for events of version 1 nodes, whose zone is
 *     unknown
 * @param tlp with whom it may be shared
 * @param reporter who signed it
 * @param detailsJson the canonical JSON text of its details, where it has any
 */
public record ThreatEvent(
    EventId id,
    String sourceIp,
    String threatType,
    Severity severity,
    Instant time,
    Tlp tlp,
    NodeId reporter,
    Optional<String> detailsJson) {}
