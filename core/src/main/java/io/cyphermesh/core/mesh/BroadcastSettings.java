package io.cyphermesh.core.mesh;

import java.time.Duration;

/**
 * How an event spreads (Plumtree).
 *
 * @param graftAfter least time between an announcement and the graft for what did not come
 * @param graftRoundTrips the same in 95th percentiles of round trips, where that is longer
 * @param graftSpread by how much that time differs from node to node, at random: whoever asks first
 *     brings the event to all who lost the same link of the tree, and only that one adds a link
 * @param rooted whether a root shapes the tree, and not the events themselves as in the paper
 * @param announceEvery how long announcements are gathered
 * @param eagerAtFirst new links are of the tree while fewer are
 * @param recent how long events are told of on new links
 * @param recentMost most events remembered for that
 */
public record BroadcastSettings(
    Duration graftAfter,
    double graftRoundTrips,
    Duration graftSpread,
    boolean rooted,
    Duration announceEvery,
    int eagerAtFirst,
    Duration recent,
    int recentMost) {
  /** As measured in the simulator. */
  public static final BroadcastSettings DEFAULTS =
      new BroadcastSettings(
          Duration.ofMillis(500),
          4,
          Duration.ofMillis(500),
          true,
          Duration.ofMillis(20),
          3,
          Duration.ofSeconds(30),
          65_536);
}
