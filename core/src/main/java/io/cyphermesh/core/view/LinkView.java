package io.cyphermesh.core.view;

import java.util.Optional;

/**
 * A link that is up.
 *
 * @param role {@code active} between neighbours, {@code sync} where it only compares what both
 *     store, {@code v1} for a plain one
 * @param tree whether new events go over it at once, and are not only announced
 * @param roundTripMillis of the last ping, milliseconds; empty where none was answered yet
 * @param bytesIn bytes read since it is up
 * @param bytesOut bytes written since it is up
 * @param eventsIn events read since it is up, whatever became of them
 * @param eventsOut events written since it is up
 * @param score what the peer did for this node on it; what is below zero makes it go
 */
public record LinkView(
    String role,
    boolean tree,
    Optional<Double> roundTripMillis,
    long bytesIn,
    long bytesOut,
    long eventsIn,
    long eventsOut,
    long score) {}
