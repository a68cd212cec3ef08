package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How an event spreads: at once over the links of a {@link Tree}, and by announcement over all
 * others, so that what the tree loses is asked for and mends the tree (Leitão, Pereira, Rodrigues,
 * <i>Epidemic Broadcast Trees</i>, 2007).
 *
 * <p>Old events, which happened a day ago or which reconciliation found, are announced as such and
 * asked for at once; they say nothing of the tree and leave it as it is.
 */
final class Broadcast {
  /** Events that arrived and are not judged yet; the links bound them already. */
  private static final int MOST_ARRIVING = 65_536;

  /** A new link is told of no more events than this. */
  private static final int MOST_TOLD = 10_000;

  /** An old event is announced only where the link has had its own reconciliation by then. */
  private static final long SETTLED_NANOS = 10_000_000_000L;

  /** What arrived over the link before may still have been on its way when it was pruned. */
  private static final long PRUNE_AGAIN_NANOS = 1_000_000_000L;

  /**
   * What happened longer ago is old, whoever has it now: a detector may read a log of last month,
   * and a peer of version 1 pushes whatever it has.
   */
  private static final Duration SPREADS_AS_NEW = Duration.ofDays(1);

  /** What is not taken for now would else be asked for of each that announces it. */
  private static final int MOST_REFUSED = 10_000;

  private static final long REFUSED_NANOS = 30_000_000_000L;

  /** So many may be left of what was asked for. */
  private static final int MOST_UNASKED = 2 * Message.Want.MAX_KEYS;

  /** No peer pushes what is so old, be its clock or ours wrong by days. */
  private static final Duration NEVER_PUSHED = Duration.ofDays(7);

  private static final long ARRIVING_NANOS = 60_000_000_000L;

  private final BroadcastSettings settings;
  private final Links links;
  private final Outbox out;
  private final Scores scores;
  private final Awaited awaited;
  private final EventFilter filter;
  private final WallTime wall;
  private final Ignored ignored;
  private final Ignored refusedForNow = new Ignored(MOST_REFUSED, REFUSED_NANOS);

  /** Who pushes what is older has nothing for us anyway. */
  private final Duration neverPushed;

  private final Tree tree;
  private final Map<EventId, Recent> recent = new LinkedHashMap<>();
  private final Map<EventId, Arriving> arriving = new LinkedHashMap<>();
  private long flushAt = Long.MAX_VALUE;

  /** To which peers an event may go. */
  @FunctionalInterface
  interface EventFilter {
    Predicate<PeerId> maySee(SignedEvent event, boolean local);
  }

  /**
   * An event that was stored a moment ago.
   *
   * @param open whether all may know of it
   */
  private record Recent(long at, @Nullable LinkId from, int hops, boolean late, boolean open) {}

  /** An event under judgement, and the links that brought it, the first one first. */
  private record Arriving(long since, List<LinkId> from) {}

  Broadcast(
      BroadcastSettings settings,
      Links links,
      Outbox out,
      Scores scores,
      RoundTrips roundTrips,
      Tree tree,
      EventFilter filter,
      WallTime wall,
      Duration retention,
      Ignored ignored,
      RandomGenerator random) {
    this.settings = settings;
    this.tree = tree;
    this.links = links;
    this.out = out;
    this.scores = scores;
    this.filter = filter;
    this.wall = wall;
    this.ignored = ignored;
    this.neverPushed = retention.compareTo(NEVER_PUSHED) > 0 ? retention : NEVER_PUSHED;
    this.awaited =
        new Awaited(settings, links, out, scores, roundTrips, tree, random, arriving::containsKey);
  }

  /** A link became one between neighbours. */
  void activated(long now, Link link) {
    if (!link.inTree()) {
      return;
    }
    link.eager = links.count(l -> l.inTree() && l.eager && l != link) < settings.eagerAtFirst();
    tree.activated(link);
    long since = now - settings.recent().toNanos();
    List<Message.Announced> told = new ArrayList<>();
    for (Map.Entry<EventId, Recent> entry : recent.entrySet()) {
      Recent event = entry.getValue();
      if (event.at >= since && event.open && !link.id.equals(event.from)) {
        told.add(new Message.Announced(entry.getKey(), event.hops));
      }
    }
    // As old ones: where two parts of the network meet, many links are new at the same time, and
    // what each of them pushed into the tree would meet there.
    out.sendInParts(
        link,
        told.subList(Math.max(0, told.size() - MOST_TOLD), told.size()),
        Message.IHave.MAX_EVENTS,
        part -> new Message.IHave(part, settings.rooted()));
  }

  /** A link is no longer one between neighbours. */
  void deactivated(Link link) {
    link.eager = false;
    tree.deactivated(link);
    link.announcing.clear();
    link.announcingLate.clear();
  }

  /** A peer sent an event as a new one. */
  void pushed(long now, Link link, Message.Event pushed) {
    if (isFarTooOld(now, link, pushed.event())) {
      scores.pushedOld(link);
    }
    received(now, link, pushed.event(), Route.pushed(pushed.hops()));
  }

  /** A peer sent an event among old ones, but was not asked for it. */
  void unasked(long now, Link link, SignedEvent event) {
    if (isFarTooOld(now, link, event) && ++link.unasked > MOST_UNASKED) {
      scores.pushedOld(link);
    }
  }

  /**
   * Whether no peer sends it like that: old events are announced, but those that only some may see
   * are not, and who does not compare is sent whatever it may have missed.
   */
  private boolean isFarTooOld(long now, Link link, SignedEvent event) {
    return link.plumtree
        && link.rbsr
        && event.isForAll()
        && wall.olderThan(now, neverPushed, event);
  }

  /** An event has arrived; it is judged whatever we know of it. */
  void received(long now, Link link, SignedEvent event, Route route) {
    EventId key = event.claimedId();
    awaited.delivered(now, link, askedFor(link, event));
    Recent known = recent.get(key);
    if (known != null) {
      duplicate(now, link, known, route);
    } else {
      Arriving first = arriving.get(key);
      if (first != null) {
        first.from.add(link.id);
      } else if (arriving.size() < MOST_ARRIVING) {
        List<LinkId> from = new ArrayList<>(2);
        from.add(link.id);
        arriving.put(key, new Arriving(now, from));
      }
    }
    out.add(new Output.Verify(link.id, link.peer, event, route));
  }

  /**
   * What an event was asked for under. A bare one is announced under the hash of its payload, and
   * has another id; but to hash all that comes would be a waste.
   */
  private EventId askedFor(Link link, SignedEvent event) {
    EventId claimed = event.claimedId();
    if (event.details().isPresent()
        || !awaited.promisedAny(link)
        || awaited.promised(link, claimed)) {
      return claimed;
    }
    EventId bare = event.key(true);
    return awaited.promised(link, bare) && !event.idMatches() ? bare : claimed;
  }

  /** Of two ways over which the same event comes, one is not the tree's, or should not be. */
  private void duplicate(long now, Link link, Recent known, Route route) {
    if (!link.inTree() || known.late || route.late() || link.id.equals(known.from)) {
      return;
    }
    Link first = known.from == null ? null : links.open(known.from);
    if (!settings.rooted() || !tree.holds(link)) {
      prune(now, link);
    } else if (first != null && first.inTree() && !tree.holds(first)) {
      // The tree's way is not the faster one here, but it is what the others count on.
      prune(now, first);
    }
    // Else both are: somewhere else a link helps out, and what it brings meets here what the tree
    // does. It is not here that there is one too many.
  }

  private void prune(long now, Link link) {
    if (link.eager || now - link.prunedAt > PRUNE_AGAIN_NANOS) {
      link.prunedAt = now;
      out.send(link, new Message.Prune());
      link.eager = false;
    }
  }

  /** An event was not taken. */
  void refused(long now, Input.EventRefused refused) {
    EventId claimed = refused.event().claimedId();
    Arriving first = arriving.get(claimed);
    if (first != null && first.from.remove(refused.link()) && first.from.isEmpty()) {
      arriving.remove(claimed);
    }
    // Of one that is rejected another link may bring what is valid; of all else, the same.
    if (refused.why() != Input.Refusal.REJECTED && refused.key().isPresent()) {
      EventId key = refused.key().get();
      awaited.forget(key);
      if (refused.why() == Input.Refusal.LATER) {
        refusedForNow.add(now, key);
      }
    }
  }

  /** An event is stored: on it goes. */
  void stored(long now, Input.EventStored stored) {
    EventId key = stored.key();
    Route route = stored.route();
    boolean late = route.late() || wall.olderThan(now, SPREADS_AS_NEW, stored.event());
    boolean open = stored.event().isForAll();
    Link from = stored.from().map(links::open).orElse(null);
    Recent known = new Recent(now, stored.from().orElse(null), route.hops(), late, open);
    recent.put(key, known);
    if (recent.size() > settings.recentMost()) {
      Iterator<EventId> eldest = recent.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
    if (from != null && !late) {
      scores.firstDelivery(from);
      if (!settings.rooted() && from.inTree()) {
        from.eager = true;
      }
    }
    Arriving first = arriving.remove(stored.event().claimedId());
    List<LinkId> sources = awaited.forget(key);
    spread(now, stored, from, open, late, sources);
    if (first != null) {
      for (LinkId other : first.from) {
        Link link = links.open(other);
        if (link != null) {
          duplicate(now, link, known, route);
        }
      }
    }
  }

  private void spread(
      long now,
      Input.EventStored stored,
      @Nullable Link from,
      boolean open,
      boolean late,
      List<LinkId> have) {
    SignedEvent event = stored.event();
    Route route = stored.route();
    // Nor over a second link to the deliverer; but behind one plain address there may be many.
    NodeId deliverer = from == null ? null : from.peer.node().orElse(null);
    Predicate<PeerId> maySee = filter.maySee(event, stored.local());
    Message.Announced announced = null;
    List<LinkId> at = new ArrayList<>();
    for (Link link : links.all()) {
      if (link == from
          || (!link.inTree() && !link.flooded())
          || (deliverer != null && link.peer.is(deliverer))
          || !maySee.test(link.peer)) {
        continue;
      }
      if (link.flooded() || !open) {
        at.add(link.id);
        continue;
      }
      if (!late) {
        if (link.eager) {
          at.add(link.id);
          continue;
        }
      } else if (have.contains(link.id) || !mayLack(now, link, from, route)) {
        continue;
      }
      if (announced == null) {
        announced = new Message.Announced(stored.key(), route.hops());
      }
      queue(now, link, announced, late);
      if (stored.local() && !late) {
        // Should we be gone a moment later, many know of it.
        flush(link, false);
      }
    }
    out.send(at, new Message.Event(event, route.hops() + 1));
  }

  /**
   * Whoever was linked with us while we were away has no need to be told of what we made up for;
   * but whoever was away with us has.
   */
  private static boolean mayLack(long now, Link link, @Nullable Link from, Route route) {
    if (route.way() != Route.Way.RECONCILED) {
      return true;
    }
    long since = from == null ? now : from.reconciledSince;
    return link.upSince <= since - SETTLED_NANOS;
  }

  private void queue(long now, Link link, Message.Announced event, boolean late) {
    List<Message.Announced> queue = late ? link.announcingLate : link.announcing;
    queue.add(event);
    if (queue.size() >= Message.IHave.MAX_EVENTS) {
      flush(link, late);
    } else {
      flushAt = Math.min(flushAt, now + settings.announceEvery().toNanos());
    }
  }

  private void flush(Link link, boolean late) {
    List<Message.Announced> queue = late ? link.announcingLate : link.announcing;
    if (!queue.isEmpty()) {
      out.send(link, new Message.IHave(queue, late));
      queue.clear();
    }
  }

  /** A peer announces what it has. */
  void announced(long now, Link link, Message.IHave announcement) {
    if (!link.inTree()) {
      return;
    }
    List<Message.Announced> unknown = new ArrayList<>();
    for (Message.Announced event : announcement.events()) {
      if (!recent.containsKey(event.key())
          && !arriving.containsKey(event.key())
          && !ignored.contains(now, event.key())
          && !refusedForNow.contains(now, event.key())
          && !awaited.alsoFrom(link, event, announcement.late())) {
        unknown.add(event);
      }
    }
    List<Message.Announced> bounded = awaited.bounded(link, unknown);
    if (!bounded.isEmpty()) {
      out.add(new Output.Lookup(link.id, bounded, announcement.late()));
    }
  }

  /**
   * These announced events are not stored.
   *
   * @param fetching whether a reconciliation is about to bring them, or others
   */
  void missing(long now, Input.Missing missing, boolean fetching) {
    Link link = links.open(missing.link());
    if (link == null) {
      return;
    }
    for (Message.Announced event : missing.events()) {
      if (!recent.containsKey(event.key())) {
        awaited.add(now, link, event, missing.late(), fetching);
      }
    }
  }

  /** A peer wants to be of the tree, and what it lacks. */
  void grafted(long now, Link link, Message.Graft graft) {
    if (link.inTree()) {
      tree.grafted(now, link, !settings.rooted() || graft.keys().isEmpty());
      // Nothing else was announced to it as new; and new events go before old ones.
      deliver(link, graft.keys().stream().filter(this::isNew).toList(), false);
    }
  }

  private boolean isNew(EventId key) {
    Recent known = recent.get(key);
    return known != null && !known.late;
  }

  void pruned(long now, Link link) {
    tree.pruned(now, link);
  }

  void beacon(long now, Link link, Message.Beacon beacon) {
    if (settings.rooted()) {
      tree.beacon(now, link, beacon);
    }
  }

  /** A peer wants old events. */
  void wanted(Link link, Message.Want want) {
    deliver(link, want.keys(), true);
  }

  private void deliver(Link link, List<EventId> keys, boolean late) {
    if (keys.isEmpty()) {
      return;
    }
    List<Message.Announced> events = new ArrayList<>(keys.size());
    for (EventId key : keys) {
      Recent known = recent.get(key);
      events.add(new Message.Announced(key, known == null ? 0 : known.hops));
    }
    out.add(new Output.Deliver(link.id, events, late));
  }

  /** Whether an old event was asked for over this link, by announcement. */
  boolean pulls(Link link, SignedEvent event) {
    return awaited.pulls(link, askedFor(link, event));
  }

  /** Whether old events that were announced were asked for and are not here yet. */
  boolean pulling() {
    return awaited.pulling();
  }

  /** Does what is due. */
  void tick(long now) {
    if (now >= flushAt) {
      flushAt = Long.MAX_VALUE;
      for (Link link : links.all()) {
        if (!link.closing) {
          flush(link, false);
          flush(link, true);
        }
      }
    }
    awaited.tick(now);
  }

  /** Looks after the tree; called twice a second. */
  void tend(long now) {
    if (settings.rooted()) {
      tree.tick(now, wall.millis(now));
    }
  }

  /** Forgets what is old; called now and then. */
  void forget(long now) {
    long since = now - settings.recent().toNanos();
    Iterator<Recent> oldest = recent.values().iterator();
    while (oldest.hasNext() && oldest.next().at < since) {
      oldest.remove();
    }
    Iterator<Arriving> first = arriving.values().iterator();
    while (first.hasNext() && first.next().since < now - ARRIVING_NANOS) {
      first.remove();
    }
    awaited.judge(now);
  }

  /** When {@link #tick} is next to be called. */
  long nextWake() {
    return Math.min(flushAt, awaited.nextWake());
  }

  void sizes(Map<String, Integer> sizes) {
    sizes.put("recent", recent.size());
    sizes.put("arriving", arriving.size());
    sizes.put("refusedForNow", refusedForNow.size());
    awaited.sizes(sizes);
  }
}
