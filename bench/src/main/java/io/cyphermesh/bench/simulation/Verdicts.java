package io.cyphermesh.bench.simulation;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.reputation.ReputationRules;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one node's pipeline and reputation say, by the rules of wire-protocol 3.2 and 4. Points for
 * stored events are not kept but counted when somebody is blamed: they are as many as the
 * reporter's events in the store.
 */
final class Verdicts {
  /** How old and how far ahead a timestamp may be, in milliseconds. */
  private static final long OLDEST = 30L * 24 * 3_600_000;

  private static final long AHEAD = 10L * 60_000;
  private static final long FOREVER = Long.MAX_VALUE;

  private final Events events;
  private final BitSet stored;
  private final Map<PeerId, Blame> blames = new TreeMap<>();

  /** What a peer did wrong. */
  private static final class Blame {
    long points;
    long ignoredUntil;
    final Deque<Long> recent = new ArrayDeque<>(Reputation.REJECTIONS);
  }

  Verdicts(Events events, BitSet stored) {
    this.events = events;
    this.stored = stored;
  }

  /** Why an event is not stored; empty if it may be. */
  Optional<Input.Refusal> refusal(Events.Made made, PeerId deliverer, long now, long millis) {
    if (stored.get(made.number())) {
      return Optional.of(Input.Refusal.DUPLICATE);
    }
    if (ignored(deliverer, now)
        || ignored(new PeerId.Node(made.event().reporter().nodeId()), now)
        || made.millis() < millis - OLDEST
        || made.millis() > millis + AHEAD) {
      return Optional.of(Input.Refusal.IGNORED);
    }
    return made.valid() ? Optional.empty() : Optional.of(Input.Refusal.REJECTED);
  }

  boolean ignored(PeerId peer, long now) {
    Blame blame = blames.isEmpty() ? null : blames.get(peer);
    return blame != null && blame.ignoredUntil > now;
  }

  /** A peer delivered an invalid event; what the mesh is to be told of it, if anything. */
  Optional<Input.Ignore> blame(PeerId peer, long now) {
    Blame blame = blames.computeIfAbsent(peer, _ -> new Blame());
    blame.points += ReputationRules.INVALID_EVENT;
    while (!blame.recent.isEmpty() && blame.recent.getFirst() < now - Reputation.WINDOW.toNanos()) {
      blame.recent.removeFirst();
    }
    blame.recent.addLast(now);
    if (blame.ignoredUntil == FOREVER) {
      return Optional.empty();
    }
    if (ReputationRules.bans(score(peer))) {
      blame.ignoredUntil = FOREVER;
      return Optional.of(new Input.Ignore(peer, "the peer is banned"));
    }
    if (blame.recent.size() >= Reputation.REJECTIONS && blame.ignoredUntil <= now) {
      blame.ignoredUntil = now + Reputation.BLOCK.toNanos();
      return Optional.of(
          new Input.Ignore(
              peer, "too many invalid events within a minute", Optional.of(Reputation.BLOCK)));
    }
    return Optional.empty();
  }

  /** The score of a peer. */
  long score(PeerId peer) {
    Blame blame = blames.get(peer);
    long earned =
        peer.node().stream().flatMap(id -> events.by(id).stream()).filter(stored::get).count();
    return earned * ReputationRules.VALID_EVENT + (blame == null ? 0 : blame.points);
  }
}
