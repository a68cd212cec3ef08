package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.mesh.Link.Purpose;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who is whose neighbour: a few links each way, kept up from a reserve of addresses that random
 * walks keep fresh (Leitão, Pereira, Rodrigues, <i>HyParView</i>, 2007).
 *
 * <p>Beyond the paper a neighbour is exchanged now and then, and often after losses: without it a
 * crash leaves splinters that never find each other again.
 */
final class Membership {
  private static final String NO_ROOM = "it has no room for a neighbour";

  private static final long ANSWER_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long ASK_AGAIN_NANOS = Duration.ofSeconds(60).toNanos();

  /** Whom nobody dials within this time, nobody can reach. */
  private static final long REACHED_NANOS = Duration.ofMinutes(5).toNanos();

  private static final int MOST_DIALS = 8;
  private static final int ANCHORS = 2;

  /** So many known addresses in one network are many. */
  private static final int CROWD = 8;

  private static final int MOST_REFUSED = 256;

  private final MembershipSettings settings;
  private final NodeId self;
  private final AddressBook book;
  private final Links links;
  private final Outbox out;
  private final RandomGenerator random;
  private final Neighbours neighbours;
  private final Supplier<Set<NodeId>> ignored;
  private final Reserve reserve;
  private final Walks walks;
  private final Map<HostPort, Purpose> dials = new TreeMap<>(AddressBook.ORDER);
  private final Map<NodeId, Long> refusedUntil = new TreeMap<>();
  private final Deque<Long> losses = new ArrayDeque<>();
  private long nextEviction;
  private long nextMix;
  private long nextFeeler;
  private long quickUntil;
  private long startedAt;
  private long reachedAt;
  private boolean reached;
  private boolean started;
  private boolean joined;
  private @Nullable Taken taken;
  private long takenAt;

  /** Is told who becomes a neighbour, and who is one no longer. */
  interface Neighbours {
    void activated(long now, Link link);

    void deactivated(Link link);
  }

  Membership(
      MembershipSettings settings,
      NodeId self,
      AddressBook book,
      Links links,
      Outbox out,
      RandomGenerator random,
      Neighbours neighbours,
      Supplier<Set<NodeId>> ignored) {
    this.settings = settings;
    this.self = self;
    this.book = book;
    this.links = links;
    this.out = out;
    this.random = random;
    this.neighbours = neighbours;
    this.ignored = ignored;
    this.reserve = new Reserve(settings.passive(), settings.dialledPerNetgroup(), self, random);
    this.walks = new Walks(settings, self, book, links, out, random, reserve);
  }

  // ---- links

  /** A link with a node came up. */
  void linkUp(long now, Link link) {
    link.purpose = link.dialled.map(dials::remove).orElse(Purpose.NEIGHBOUR);
    if (!link.isDialled()) {
      reached = true;
      reachedAt = now;
    }
    if (!link.hyparview) {
      if (!link.isDialled()) {
        if (hasPlaceWithoutMembership(link)) {
          activate(now, link);
        } else {
          links.part(link, "no place for another neighbour");
        }
        return;
      }
      boolean wanted =
          operators(link)
              || (link.purpose != Purpose.SYNC && dialledNeighbours() < settings.dialledMost());
      if (wanted) {
        activate(now, link);
      } else {
        links.part(link, "as many neighbours as are wanted");
      }
      return;
    }
    if (!link.isDialled()) {
      makeRoomForSync();
      return;
    }
    switch (link.purpose) {
      case NEIGHBOUR -> {
        if (operators(link) || dialledNeighbours() < settings.dialledMost()) {
          ask(now, link);
        } else {
          links.part(link, "as many neighbours as are wanted");
        }
      }
      case MIX -> ask(now, link);
      case FEELER -> {
        if (dialledNeighbours() < wanted(now)) {
          ask(now, link);
        } else {
          links.part(link, "its address was only tried out");
        }
      }
      case SYNC -> {}
    }
  }

  /** Whether a peer that cannot ask, and never gives way, becomes a neighbour by its link alone. */
  private boolean hasPlaceWithoutMembership(Link link) {
    // A link's successor takes its place. A third one does not, or there would be any number.
    if (links.count(l -> l.active() && l.peer.equals(link.peer)) == 1) {
      return true;
    }
    return hasRoomInNetgroup(link)
        && links.count(Link::active) < settings.neighbours()
        && links.count(l -> l.active() && !l.hyparview && !l.isDialled())
            < settings.withoutMembership();
  }

  private boolean operators(Link link) {
    return link.dialled.filter(a -> book.origin(a) == AddressOrigin.OPERATOR).isPresent();
  }

  private void ask(long now, Link link) {
    link.answerDue = now + ANSWER_NANOS;
    out.send(
        link, joined ? new Message.Neighbor(links.count(Link::active) == 0) : new Message.Join());
  }

  /** Accepted links that serve reconciliation alone are few; the most crowded network yields. */
  private void makeRoomForSync() {
    List<Link> sync = links.where(l -> !l.isDialled() && l.role == LinkRole.SYNC);
    if (sync.size() <= settings.syncLinks()) {
      return;
    }
    links.close(mostCrowded(sync), Links.AS_MANY);
  }

  private static Link mostCrowded(List<Link> among) {
    return Collections.max(
        among,
        Comparator.comparingLong(
                (Link link) -> among.stream().filter(l -> l.group.equals(link.group)).count())
            .thenComparing(l -> l.id));
  }

  /**
   * Closes another accepted link for the sake of this one, where there are as many as are allowed,
   * and says whether there was one: else whoever came first from one network would shut all out.
   */
  boolean makeRoomFor(Link newcomer) {
    if (!newcomer.hyparview && !hasPlaceWithoutMembership(newcomer)) {
      return false;
    }
    List<Link> sync =
        links.where(
            l ->
                l == newcomer
                    || (!l.isDialled()
                        && l.role == LinkRole.SYNC
                        && !l.peer.equals(newcomer.peer)));
    Link victim = mostCrowded(sync);
    if (victim == newcomer) {
      return false;
    }
    links.close(victim, Links.AS_MANY);
    return true;
  }

  private void activate(long now, Link link) {
    link.answerDue = 0;
    if (link.role != LinkRole.ACTIVE) {
      link.role = LinkRole.ACTIVE;
      links.changed();
      neighbours.activated(now, link);
    }
    joined |= link.hyparview;
    link.peer.node().ifPresent(reserve::remove);
  }

  private void deactivate(Link link) {
    link.role = LinkRole.SYNC;
    links.changed();
    neighbours.deactivated(link);
    link.peer.node().flatMap(node -> book.record(node, true)).ifPresent(this::reserve);
  }

  private void reserve(PeerRecord record) {
    reserve.add(record, book.group(record.address()));
  }

  /** A link is gone. */
  void linkDown(long now, Link link) {
    walks.linkDown(link);
    neighbours.deactivated(link);
    if (link.role == LinkRole.ACTIVE && !link.closing) {
      losses.addLast(now);
      while (losses.peekFirst() < now - settings.lossWindow().toNanos()
          || losses.size() > settings.losses()) {
        losses.removeFirst();
      }
      if (losses.size() >= settings.losses()) {
        if (quickUntil < now) {
          nextMix = Math.min(nextMix, now + jittered(settings.mixQuickly()));
        }
        quickUntil = now + settings.mixQuicklyFor().toNanos();
      }
    }
    maintain(now);
  }

  /** A dial came to nothing. */
  void dialFailed(long now, HostPort address) {
    dials.remove(address);
    reserve.remove(address);
    maintain(now);
  }

  /** A dial came to a link that is of no use here. */
  void undialled(HostPort address) {
    dials.remove(address);
  }

  // ---- messages

  /** A peer asks to become a neighbour. */
  void requested(long now, Link link, boolean high, boolean joins) {
    boolean accepted =
        link.active()
            || (hasRoomInNetgroup(link)
                && (links.count(Link::active) < settings.neighbours() || (high && evictOne(now))));
    out.send(link, new Message.NeighborReply(accepted));
    if (accepted) {
      activate(now, link);
      makeRoomForSync();
      if (joins) {
        walks.tellOf(link);
      }
    }
  }

  private boolean hasRoomInNetgroup(Link link) {
    return Netgroups.exempt(link.remoteHost)
        || links.count(l -> l.active() && l != link && l.group.equals(link.group))
            < settings.perNetgroup();
  }

  /** Whom the operator named does not stand back behind those of its network that dialled us. */
  private boolean makeRoomInNetgroup(Link link) {
    List<Link> accepted = acceptedBeside(link);
    if (!operators(link) || accepted.isEmpty()) {
      return false;
    }
    evict(accepted);
    makeRoomForSync();
    return true;
  }

  /** Neighbours in a link's network that can be told that they are neighbours no longer. */
  private List<Link> acceptedBeside(Link link) {
    return links.where(
        l ->
            l.active() && l.hyparview && !l.isDialled() && l != link && l.group.equals(link.group));
  }

  private boolean evictOne(long now) {
    if (now < nextEviction) {
      return false;
    }
    List<Link> accepted = links.where(l -> l.active() && l.hyparview && !l.isDialled());
    if (accepted.isEmpty()) {
      return false;
    }
    nextEviction = now + settings.evictEvery().toNanos();
    evict(accepted);
    return true;
  }

  private void evict(List<Link> among) {
    Link victim = anyWithLeast(among, l -> l.score);
    out.send(victim, new Message.Disconnect());
    deactivate(victim);
  }

  /** A peer answers our request. */
  void answered(long now, Link link, boolean accepted) {
    if (link.answerDue == 0) {
      return;
    }
    link.answerDue = 0;
    if (!accepted) {
      refused(now, link, NO_ROOM);
      return;
    }
    // Since we asked, others of its network may have become neighbours.
    if (!link.active() && !hasRoomInNetgroup(link) && !makeRoomInNetgroup(link)) {
      out.send(link, new Message.Disconnect());
      refused(now, link, "as many neighbours as are wanted in its network");
      return;
    }
    activate(now, link);
    if (link.purpose == Purpose.MIX) {
      link.purpose = Purpose.NEIGHBOUR;
      List<Link> old =
          links.where(
              l -> l.active() && l.hyparview && l.isDialled() && l != link && !operators(l));
      if (!old.isEmpty() && dialledNeighbours() > wanted(now)) {
        // Whoever has many addresses has them in few networks: what the first minutes gave him of
        // us, each exchange takes back.
        Link victim = anyWithLeast(old, l -> -crowd(l));
        out.send(victim, new Message.Disconnect());
        deactivate(victim);
        links.part(victim, "exchanged for another neighbour");
      }
    }
  }

  /** Any of those of whom {@code measure} is least. */
  private Link anyWithLeast(List<Link> among, ToLongFunction<Link> measure) {
    long least = among.stream().mapToLong(measure).min().orElseThrow();
    List<Link> worst = among.stream().filter(l -> measure.applyAsLong(l) == least).toList();
    return worst.get(random.nextInt(worst.size()));
  }

  /** How crowded a link's network is, in doublings; a handful is nobody's crowd. */
  private int crowd(Link link) {
    int addresses = Netgroups.exempt(link.remoteHost) ? 0 : book.crowd(link.group);
    return addresses < CROWD ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(addresses);
  }

  private void refused(long now, Link link, String reason) {
    link.nextRequest = now + ASK_AGAIN_NANOS;
    // Whom the operator named stays linked all the same, to reconcile.
    if (!operators(link)) {
      link.peer
          .node()
          .filter(_ -> refusedUntil.size() < MOST_REFUSED)
          .ifPresent(id -> refusedUntil.put(id, now + ASK_AGAIN_NANOS));
      links.part(link, reason);
    }
    maintain(now);
  }

  /** A peer does not want to be a neighbour any longer. */
  void disconnected(long now, Link link) {
    if (link.active() && link.hyparview) {
      deactivate(link);
      link.nextRequest = now + ASK_AGAIN_NANOS;
      if (link.isDialled() && !operators(link)) {
        links.part(link, "no longer neighbours");
      }
      makeRoomForSync();
      maintain(now);
    }
  }

  void forwardJoined(long now, Link link, Message.ForwardJoin join) {
    walks.forwardJoined(now, link, join);
  }

  void shuffled(long now, Link link, Message.Shuffle shuffle) {
    walks.shuffled(now, link, shuffle);
  }

  void shuffleAnswered(long now, Link link, Message.ShuffleReply reply) {
    walks.answered(now, link, reply);
  }

  /** These records are as they were signed. */
  void verified(long now, Link link, List<PeerRecord> records) {
    for (PeerRecord record : records) {
      if (record.nodeId().equals(self)) {
        continue;
      }
      Netgroup network = book.learn(record, link.privateNetwork, link.group);
      if (network != null && !links.has(record.nodeId())) {
        reserve.add(record, network);
      }
      if (walks.wasToBeDialled(now, record.nodeId())
          && dialledNeighbours() + pending() < settings.dialledMost()
          && usable(now, record)) {
        dial(book.dial(record), Purpose.NEIGHBOUR);
      }
    }
    walks.recordsCame(link);
  }

  // ---- what is due

  /** Does what is due; called twice a second. */
  void tick(long now) {
    if (!started) {
      started = true;
      startedAt = now;
      nextMix = now + jittered(settings.mixEvery());
      nextFeeler = now + jittered(settings.feelEvery());
    }
    for (Link link : links.where(l -> l.answerDue != 0 && l.answerDue <= now)) {
      link.answerDue = 0;
      refused(now, link, NO_ROOM);
    }
    for (Link link :
        links.where(
            l ->
                l.role == LinkRole.SYNC
                    && l.isDialled()
                    && l.answerDue == 0
                    && l.nextRequest != 0
                    && l.nextRequest <= now
                    && operators(l)
                    && (hasRoomInNetgroup(l) || !acceptedBeside(l).isEmpty()))) {
      ask(now, link);
    }
    if (!refusedUntil.isEmpty()) {
      refusedUntil.values().removeIf(until -> until <= now);
    }
    walks.tick(now);
    if (now >= nextMix) {
      boolean quick = now < quickUntil;
      nextMix = now + jittered(quick ? settings.mixQuickly() : settings.mixEvery());
      if (joined && dialledNeighbours() >= wanted(now)) {
        dialOne(now, Purpose.MIX);
      }
    }
    if (now >= nextFeeler) {
      nextFeeler = now + jittered(settings.feelEvery());
      book.feeler(now, taken())
          .filter(c -> !dials.containsKey(c.address()))
          .ifPresent(c -> dial(book.dial(c.address()), Purpose.FEELER));
    }
    maintain(now);
  }

  /** What was known in an earlier run is known again: its anchors come first. */
  void recalled(long now) {
    for (Candidate anchor : book.anchors(now, taken())) {
      dial(book.dial(anchor.address()), Purpose.NEIGHBOUR);
    }
    maintain(now);
  }

  /** Has the neighbours that lasted longest dialled first after a restart. */
  void anchor() {
    Set<HostPort> longest = new LinkedHashSet<>();
    links.where(l -> l.active() && l.isDialled()).stream()
        .sorted(Comparator.comparingLong(l -> l.upSince))
        .limit(ANCHORS)
        .forEach(l -> longest.add(l.shownAddress));
    if (!longest.isEmpty()) {
      book.anchor(longest);
    }
  }

  /** Whether a partner for a reconciliation is dialled now. */
  boolean dialForSync(long now) {
    Optional<Candidate> candidate = book.pick(now, taken(), c -> !dials.containsKey(c.address()));
    candidate.ifPresent(c -> dial(book.dial(c.address()), Purpose.SYNC));
    return candidate.isPresent();
  }

  /** Sees to it that there are enough neighbours. */
  void maintain(long now) {
    if (book.hasOperators()) {
      for (Output.Dial due : book.dueOperators(now, taken())) {
        dial(due, Purpose.NEIGHBOUR);
      }
    }
    int missing = wanted(now) - dialledNeighbours();
    if (missing <= 0) {
      return;
    }
    boolean trouble = links.count(Link::active) < 3;
    int most = Math.min(MOST_DIALS, trouble ? missing * settings.atOnce() : missing);
    for (int open = most - pending(); open > 0; open--) {
      if (!dialOne(now, Purpose.NEIGHBOUR)) {
        return;
      }
    }
  }

  private boolean dialOne(long now, Purpose purpose) {
    Optional<Output.Dial> dial =
        reserve
            .pick(record -> usable(now, record))
            .map(book::dial)
            .or(
                () ->
                    book.pick(now, taken(), c -> mayBeNeighbour(c.address(), c.nodeId(), c.group()))
                        .map(c -> book.dial(c.address())));
    dial.ifPresent(d -> dial(d, purpose));
    return dial.isPresent();
  }

  private void dial(Output.Dial dial, Purpose purpose) {
    dials.put(dial.address(), purpose);
    links.changed();
    out.add(dial);
  }

  private boolean usable(long now, PeerRecord record) {
    Optional<NodeId> node = Optional.of(record.nodeId());
    return book.mayDial(record.address(), node, now, taken())
        && mayBeNeighbour(record.address(), node, book.group(record.address()));
  }

  private boolean mayBeNeighbour(HostPort address, Optional<NodeId> node, Netgroup group) {
    if (dials.containsKey(address) || node.filter(refusedUntil::containsKey).isPresent()) {
      return false;
    }
    if (group.exempt()) {
      return true;
    }
    int same = 0;
    int accepted = 0;
    for (Link link : links.all()) {
      if (!link.closing && link.group.equals(group)) {
        if (link.isDialled()) {
          same++;
        } else if (link.active()) {
          accepted++;
        }
      }
    }
    for (HostPort dialling : dials.keySet()) {
      if (book.group(dialling).equals(group)) {
        same++;
      }
    }
    return same < settings.dialledPerNetgroup() && same + accepted < settings.perNetgroup();
  }

  /** With whom there is a link, and who is ignored; made anew only where that changed. */
  private Taken taken() {
    if (taken == null || takenAt != links.changes()) {
      takenAt = links.changes();
      taken = new Taken(links.addresses(), links.peers(), ignored.get());
    }
    return taken;
  }

  private int dialledNeighbours() {
    return links.count(
        l -> l.isDialled() && !l.plain() && (l.role == LinkRole.ACTIVE || l.answerDue != 0));
  }

  private int pending() {
    int count = 0;
    for (Purpose purpose : dials.values()) {
      if (purpose == Purpose.NEIGHBOUR) {
        count++;
      }
    }
    return count;
  }

  private int wanted(long now) {
    boolean unreachable =
        now - startedAt > REACHED_NANOS && (!reached || now - reachedAt > 12 * REACHED_NANOS);
    return unreachable ? settings.dialledUnreachable() : settings.dialled();
  }

  private long jittered(Duration period) {
    long fifth = period.toNanos() / 5;
    return period.toNanos() - fifth + random.nextLong(2 * fifth + 1);
  }

  /** Nodes that may become neighbours. */
  List<NodeId> reserve() {
    return reserve.nodes();
  }

  void sizes(Map<String, Integer> sizes) {
    sizes.put("dials", dials.size());
    sizes.put("refused", refusedUntil.size());
    sizes.put("reserve", reserve.nodes().size());
    walks.sizes(sizes);
  }
}
