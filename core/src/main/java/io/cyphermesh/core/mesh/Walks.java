package io.cyphermesh.core.mesh;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Random walks over links between neighbours: those that make a newcomer known, and shuffles, which
 * keep every reserve a random sample of the network. An answer comes back the way that its question
 * took, so that nobody dials for one.
 */
final class Walks {
  private static final long ANSWER_NANOS = Duration.ofSeconds(15).toNanos();
  private static final int MOST = 256;
  private static final int MOST_TO_DIAL = 32;
  private static final int OWN_RECORDS = 2;

  /** Walks a second that one link may begin or pass on, and at once: each costs signatures. */
  static final double PER_SECOND = 1;

  static final double BURST = 20;

  private final MembershipSettings settings;
  private final NodeId self;
  private final AddressBook book;
  private final Links links;
  private final Outbox out;
  private final RandomGenerator random;
  private final Reserve reserve;
  private final Map<Long, Walk> walks = new LinkedHashMap<>();

  /** By when the record of each has to be verified: a forged one never is. */
  private final Map<NodeId, Long> toDial = new TreeMap<>();

  private final Set<LinkId> toTellOf = new TreeSet<>();
  private long number;
  private long nextShuffle = Long.MIN_VALUE;

  /**
   * A walk that went out.
   *
   * @param back the link it came from; null for one of our own
   */
  private record Walk(LinkId on, @Nullable LinkId back, long backNumber, long until) {}

  Walks(
      MembershipSettings settings,
      NodeId self,
      AddressBook book,
      Links links,
      Outbox out,
      RandomGenerator random,
      Reserve reserve) {
    this.settings = settings;
    this.self = self;
    this.book = book;
    this.links = links;
    this.out = out;
    this.random = random;
    this.reserve = reserve;
  }

  private Optional<Link> anotherThan(Link link, NodeId node) {
    List<Link> others =
        links.where(l -> l.active() && l.hyparview && l != link && !l.peer.is(node));
    return others.isEmpty()
        ? Optional.empty()
        : Optional.of(others.get(random.nextInt(others.size())));
  }

  // ---- newcomers

  /** A newcomer is to be made known, as soon as it has said where it can be reached. */
  void tellOf(Link link) {
    toTellOf.add(link.id);
    recordsCame(link);
  }

  /** Records came over a link, the peer's own perhaps among them. */
  void recordsCame(Link link) {
    if (!toTellOf.contains(link.id)) {
      return;
    }
    Optional<PeerRecord> record = link.peer.node().flatMap(node -> book.record(node, true));
    if (record.isPresent()) {
      toTellOf.remove(link.id);
      List<LinkId> others =
          links.where(l -> l.active() && l.hyparview && l != link).stream().map(l -> l.id).toList();
      out.send(others, new Message.ForwardJoin(record.get(), settings.activeWalk()));
    }
  }

  void forwardJoined(long now, Link link, Message.ForwardJoin join) {
    NodeId node = join.peer().nodeId();
    if (node.equals(self) || !link.active() || !link.walks.tryTake(1, now)) {
      return;
    }
    Optional<Link> next = anotherThan(link, node);
    int ttl = Math.min(join.ttl(), settings.activeWalk());
    if (ttl <= 0 || next.isEmpty()) {
      if (toDial.size() < MOST_TO_DIAL) {
        toDial.put(node, now + ANSWER_NANOS);
      }
      out.add(new Output.VerifyPeers(link.id, List.of(join.peer())));
      return;
    }
    if (ttl == settings.passiveWalk()) {
      out.add(new Output.VerifyPeers(link.id, List.of(join.peer())));
    }
    out.send(next.get(), new Message.ForwardJoin(join.peer(), ttl - 1));
  }

  /** Whether a walk ended here with this node; asked once. */
  boolean wasToBeDialled(long now, NodeId node) {
    Long until = toDial.remove(node);
    return until != null && until >= now;
  }

  // ---- shuffles

  private void shuffle(long now) {
    List<Link> active = links.where(l -> l.active() && l.hyparview);
    if (active.isEmpty()) {
      return;
    }
    Link link = active.get(random.nextInt(active.size()));
    List<PeerRecord> records =
        new ArrayList<>(book.ownRecords(link.privateNetwork).stream().limit(OWN_RECORDS).toList());
    active.remove(link);
    for (int i = 0; i < settings.shuffleNeighbours() && !active.isEmpty(); i++) {
      Link neighbour = active.remove(random.nextInt(active.size()));
      neighbour
          .peer
          .node()
          .flatMap(node -> book.record(node, link.privateNetwork))
          .ifPresent(records::add);
    }
    reserve.sample(settings.shufflePassive()).stream()
        .filter(r -> BookRecords.tellable(r, link.privateNetwork))
        .forEach(records::add);
    long walk = begin(now, link, null, 0);
    out.send(link, new Message.Shuffle(walk, settings.activeWalk(), bounded(records)));
  }

  private static List<PeerRecord> bounded(List<PeerRecord> records) {
    return records.subList(0, Math.min(records.size(), Message.Shuffle.MAX_RECORDS));
  }

  private long begin(long now, Link on, @Nullable Link back, long backNumber) {
    if (walks.size() >= MOST) {
      Iterator<Long> eldest = walks.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
    walks.put(
        ++number, new Walk(on.id, back == null ? null : back.id, backNumber, now + ANSWER_NANOS));
    return number;
  }

  void shuffled(long now, Link link, Message.Shuffle shuffle) {
    if (!link.active() || !link.walks.tryTake(1, now)) {
      return;
    }
    int ttl = Math.min(shuffle.ttl(), settings.activeWalk());
    Optional<Link> next = ttl > 1 ? anotherThan(link, self) : Optional.empty();
    // What a private network says of itself is not for others.
    if (next.isPresent() && (next.get().privateNetwork || !link.privateNetwork)) {
      long walk = begin(now, next.get(), link, shuffle.walk());
      out.send(next.get(), new Message.Shuffle(walk, ttl - 1, shuffle.records()));
      return;
    }
    List<PeerRecord> answer =
        reserve.sample(Math.min(shuffle.records().size(), Message.Shuffle.MAX_RECORDS)).stream()
            .filter(r -> BookRecords.tellable(r, link.privateNetwork))
            .toList();
    out.send(link, new Message.ShuffleReply(shuffle.walk(), answer));
    learn(link, shuffle.records());
  }

  void answered(long now, Link link, Message.ShuffleReply reply) {
    Walk walk = walks.get(reply.walk());
    if (walk == null || !walk.on.equals(link.id) || walk.until < now) {
      return;
    }
    walks.remove(reply.walk());
    if (walk.back == null) {
      learn(link, reply.records());
      return;
    }
    Link back = links.open(walk.back);
    if (back != null) {
      out.send(back, new Message.ShuffleReply(walk.backNumber, reply.records()));
    }
  }

  private void learn(Link link, List<PeerRecord> records) {
    List<PeerRecord> unknown = new ArrayList<>();
    for (PeerRecord record : bounded(records)) {
      Optional<PeerRecord> known = book.record(record.nodeId(), true);
      // A signature that was checked before is not checked again.
      if (known.filter(k -> k.seq() >= record.seq()).isPresent()) {
        if (!links.has(record.nodeId())) {
          reserve.add(known.get(), book.group(known.get().address()));
        }
      } else if (!record.nodeId().equals(self)) {
        unknown.add(record);
      }
    }
    if (!unknown.isEmpty()) {
      out.add(new Output.VerifyPeers(link.id, unknown));
    }
  }

  void tick(long now) {
    if (nextShuffle == Long.MIN_VALUE) {
      // The first one soon, but not with all who started at the same time.
      nextShuffle = now + random.nextLong(settings.shuffleEvery().toNanos() / 4);
    }
    if (now >= nextShuffle) {
      long fifth = settings.shuffleEvery().toNanos() / 5;
      nextShuffle = now + 4 * fifth + random.nextLong(2 * fifth + 1);
      shuffle(now);
    }
    Iterator<Walk> oldest = walks.values().iterator();
    while (oldest.hasNext() && oldest.next().until < now) {
      oldest.remove();
    }
    toDial.values().removeIf(until -> until < now);
  }

  void linkDown(Link link) {
    toTellOf.remove(link.id);
  }

  void sizes(Map<String, Integer> sizes) {
    sizes.put("walks", walks.size());
    sizes.put("toDial", toDial.size());
    sizes.put("toTellOf", toTellOf.size());
  }
}
