package io.cyphermesh.core.control;

import java.time.Instant;
import java.util.Optional;

/**
 * How a peer stands after it was banned, or a ban of it was lifted.
 *
 * @param peer its node id, or the IP address of plain version 1 nodes
 * @param banned whether it is ignored until somebody lifts that
 * @param reputation its score
 * @param blockedUntil when a passing block ends, where there is one
 * @param changed whether the order changed anything
 */
public record PeerBan(
    String peer,
    boolean banned,
    long reputation,
    Optional<Instant> blockedUntil,
    boolean changed) {}
