package io.cyphermesh.core.mesh;

import java.time.Duration;

/**
 * How a node that was away catches up (range-based set reconciliation).
 *
 * @param every time between reconciliations with a random peer, give or take a fifth
 * @param behind how old an event is before it is counted in
 * @param retention how old an event may become
 * @param split ranges that a range which differs is split into
 * @param list ranges with fewer events are listed
 * @param sessions most reconciliations at a time
 * @param rounds most messages of one
 * @param bytes most bytes of one, each way
 */
public record ReconciliationSettings(
    Duration every,
    Duration behind,
    Duration retention,
    int split,
    int list,
    int sessions,
    int rounds,
    long bytes) {
  /** As measured in the simulator. */
  public static final ReconciliationSettings DEFAULTS =
      new ReconciliationSettings(
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofDays(30),
          16,
          32,
          4,
          64,
          64L << 20);

  /** These, for a node that keeps events for so long. */
  public ReconciliationSettings withRetention(Duration kept) {
    return new ReconciliationSettings(every, behind, kept, split, list, sessions, rounds, bytes);
  }
}
