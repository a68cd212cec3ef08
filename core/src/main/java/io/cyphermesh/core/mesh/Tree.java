package io.cyphermesh.core.mesh;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which links are the tree's: one node, the root, sends a beacon every few seconds, which all pass
 * on to all their neighbours with their distance to the root, and the nearest of its neighbours is
 * a node's parent.
 *
 * <p>Plumtree lets the events themselves shape the tree. With one sender that gives the shortest
 * ways from it. With many it gives any tree, whose ways are several times as long, and two events
 * at the same time cut the same cycle twice, which costs grafts, which make new cycles. A beacon is
 * one sender, always. It decides nothing but that shape: what a wrong one loses is announced and
 * grafted as ever.
 */
final class Tree {
  private static final long BEACON_NANOS = Duration.ofSeconds(10).toNanos();

  /** A root that was not heard of for so long is gone. */
  private static final long EXPIRED_NANOS = Duration.ofSeconds(35).toNanos();

  /** So long a newcomer waits to be told of a root. */
  private static final long NEWCOMER_NANOS = Duration.ofSeconds(5).toNanos();

  /** Whoever is the first to claim after the last root was lost is the next one. */
  private static final long CLAIM_NANOS = Duration.ofSeconds(15).toNanos();

  /**
   * How long a link helps out at first, and at most: twice as long each time it is needed again.
   */
  private static final long HELP = Duration.ofSeconds(3).toNanos();

  private static final long MOST_HELP = Duration.ofSeconds(60).toNanos();

  /** Who needed no help for so long begins anew with little. */
  private static final long CALM_NANOS = Duration.ofSeconds(30).toNanos();

  /** A parent that prunes twice within so long does not want to be one. */
  private static final long REGRAFT_NANOS = Duration.ofSeconds(10).toNanos();

  /** A root counts seconds of its clock, or slower: what is farther ahead than this is made up. */
  private static final long MOST_AHEAD = 3_600;

  /** Beacons a second that one link may bring, and at once. */
  static final double PER_SECOND = 1;

  static final double BURST = 20;

  private final NodeId self;
  private final Links links;
  private final Outbox out;
  private final RandomGenerator random;
  private @Nullable NodeId root;
  private @Nullable LinkId parent;
  private long seq;
  private long wallSeconds;
  private int depth;
  private long heardAt;
  private long claimAt = Long.MIN_VALUE;
  private long nextBeacon;
  private long helpedAt = Long.MIN_VALUE / 2;
  private long helping = HELP;

  Tree(NodeId self, Links links, Outbox out, RandomGenerator random) {
    this.self = self;
    this.links = links;
    this.out = out;
    this.random = random;
  }

  /** A link became one between neighbours: its peer is told of the root. */
  void activated(Link link) {
    if (root != null) {
      out.send(link, new Message.Beacon(root, seq, depth, false));
    }
  }

  /** A link is gone, or no longer one between neighbours. */
  void deactivated(Link link) {
    link.child = false;
    link.helpsUntil = 0;
    link.beaconRoot = null;
    if (link.id.equals(parent)) {
      parent = null;
      choose();
    }
  }

  /** A peer tells of the root, and how far from it it is. */
  void beacon(long now, Link link, Message.Beacon beacon) {
    if (!link.inTree()
        || beacon.depth() >= Message.Beacon.MAX_DEPTH
        || beacon.seq() > wallSeconds + MOST_AHEAD
        || !link.beacons.tryTake(1, now)) {
      return;
    }
    link.child = beacon.parent();
    link.eager |= link.child;
    if (beacon.root().equals(self)) {
      // An earlier run of ours counted farther.
      if (self.equals(root)) {
        seq = Math.max(seq, beacon.seq());
      }
      return;
    }
    link.beaconRoot = beacon.root();
    link.beaconSeq = beacon.seq();
    link.beaconDepth = beacon.depth();
    boolean sameRoot = beacon.root().equals(root);
    if (sameRoot ? beacon.seq() > seq : accepts(now, beacon.root())) {
      if (!sameRoot) {
        parent = null;
      }
      root = beacon.root();
      seq = beacon.seq();
      depth = Message.Beacon.MAX_DEPTH;
      heardAt = now;
      claimAt = later(now);
      choose();
      tell(link);
    } else if (sameRoot) {
      choose();
    }
  }

  private boolean accepts(long now, NodeId other) {
    NodeId known = root;
    return known == null
        || other.compareTo(known) < 0
        || (!known.equals(self) && now - heardAt > EXPIRED_NANOS);
  }

  /** Passes the beacon on, and tells the parent that it is one, should our graft have been lost. */
  private void tell(@Nullable Link except) {
    NodeId known = root;
    if (known == null) {
      return;
    }
    List<LinkId> others = new ArrayList<>();
    for (Link link : links.all()) {
      if (link.inTree() && link.id.equals(parent)) {
        out.send(link, new Message.Beacon(known, seq, depth, true));
      } else if (link.inTree() && link != except) {
        others.add(link.id);
      }
    }
    out.send(others, new Message.Beacon(known, seq, depth, false));
  }

  /**
   * Takes the nearest neighbour as the parent; the present one where it is as near. The former
   * parent goes on until the new one's first event says that it is there: else what the one no
   * longer sends and the other does not yet would be lost.
   */
  private void choose() {
    if (self.equals(root)) {
      return;
    }
    Link present = parent == null ? null : links.open(parent);
    Link best = present != null && (above(present) || outdated(present)) ? present : null;
    for (Link link : links.all()) {
      if (above(link) && (best == null || link.beaconDepth < best.beaconDepth)) {
        best = link;
      }
    }
    if (best == null) {
      parent = null;
      return;
    }
    depth = Math.min(depth, best.beaconDepth + 1);
    if (!best.id.equals(parent)) {
      parent = best.id;
      best.eager = true;
      out.send(best, new Message.Graft(List.of()));
    }
  }

  /**
   * Whether a neighbour cannot be below us. What each told of this beacon becomes less and less
   * from child to parent, so that no parents are in a ring; of those that are as far away from the
   * root, the smaller id is above.
   */
  private boolean above(Link link) {
    return link.inTree()
        && link.beaconRoot != null
        && link.beaconRoot.equals(root)
        && link.beaconSeq == seq
        && (link.beaconDepth < depth
            || (link.beaconDepth == depth && link.peer.node().orElse(self).compareTo(self) < 0));
  }

  /** Whether a neighbour has not passed on this beacon yet, but did so with the one before. */
  private boolean outdated(Link link) {
    return link.inTree()
        && link.beaconRoot != null
        && link.beaconRoot.equals(root)
        && link.beaconSeq == seq - 1;
  }

  /** What the tree lost is asked for over a link: until the tree is mended, it helps out. */
  void helps(long now, Link link) {
    if (now - helpedAt >= helping) {
      helping = now - helpedAt < helping + CALM_NANOS ? Math.min(2 * helping, MOST_HELP) : HELP;
      helpedAt = now;
    }
    link.eager = true;
    link.helpsUntil = Math.max(link.helpsUntil, now + helping);
  }

  /**
   * A peer takes us as its parent, or wants what it lacks. Counted as the tree's, a link that helps
   * out would make rings of which nobody knows where to cut them, and each wrong cut costs what is
   * on its way. It is its peer who says when it has helped enough.
   */
  void grafted(long now, Link link, boolean asParent) {
    if (link.inTree()) {
      link.child |= asParent;
      link.eager = true;
      link.helpsUntil = now + MOST_HELP;
    }
  }

  /** A peer no longer wants new events over this link. */
  void pruned(long now, Link link) {
    link.child = false;
    if (!link.id.equals(parent)) {
      link.eager = false;
    } else if (now - link.regraftedAt > REGRAFT_NANOS) {
      // It cannot know yet that we are its child, or no longer does.
      link.regraftedAt = now;
      out.send(link, new Message.Graft(List.of()));
    } else {
      link.eager = false;
      link.beaconRoot = null;
      parent = null;
      choose();
    }
  }

  /** Whether a link is the tree's, so that a duplicate over it is an accident. */
  boolean holds(Link link) {
    return link.child || link.id.equals(parent);
  }

  /** Whether there is a tree, but no way to it. */
  boolean isCutOff() {
    return parent == null && root != null && !self.equals(root);
  }

  /** Does what is due; called twice a second. */
  void tick(long now, long wallMillis) {
    wallSeconds = wallMillis / 1_000;
    endHelp(now);
    if (claimAt == Long.MIN_VALUE) {
      claimAt = now + NEWCOMER_NANOS + random.nextLong(CLAIM_NANOS);
    }
    if (self.equals(root)) {
      if (now >= nextBeacon) {
        nextBeacon = now + BEACON_NANOS;
        seq++;
        tell(null);
      }
    } else if (now >= claimAt && links.count(Link::inTree) > 0) {
      parent = null;
      root = self;
      // Greater than any of an earlier run.
      seq = Math.max(1, wallSeconds);
      depth = 0;
      nextBeacon = now + BEACON_NANOS;
      tell(null);
    }
  }

  /**
   * Ends what helped out, where there is a tree that can do without: it is a short cut to where it
   * leads, and waves that went two ways meet somewhere else in the tree with each event.
   */
  private void endHelp(long now) {
    if (parent == null && !self.equals(root)) {
      return;
    }
    for (Link link : links.all()) {
      if (!link.eager || holds(link)) {
        link.helpsUntil = 0;
      } else if (link.helpsUntil == 0) {
        link.helpsUntil = now + HELP;
      } else if (now >= link.helpsUntil) {
        link.eager = false;
        out.send(link, new Message.Prune());
      }
    }
  }

  private long later(long now) {
    return now + EXPIRED_NANOS + random.nextLong(CLAIM_NANOS);
  }

  void sizes(Map<String, Integer> sizes) {
    sizes.put("depth", depth);
  }
}
