package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Who is linked to whom, how an event spreads, and how a node that was away catches up: one state
 * machine a node, driven by {@link #step} on one thread.
 *
 * <p>{@link Membership} decides who is a neighbour, {@link Broadcast} what goes over links between
 * neighbours, {@link Upkeep} whether a link is alive. Plain links of version 1, and nodes that lack
 * a capability, get every event that they have not sent.
 */
public final class Mesh {
  /** What a node of this kind says that it can do. */
  public static final Set<String> CAPABILITIES = Set.of(Link.HYPARVIEW, Link.PLUMTREE, Link.RBSR);

  private static final long TICK_NANOS = 500_000_000L;
  private static final long SAVE_NANOS = 300_000_000_000L;

  /** So many neighbours are enough to do without one more. */
  private static final int FEW = 3;

  /** More than one thing counts against a link; docs/protocol.md has them all. */
  static final String TOO_LOW =
      "its score is too low: it promises what it does not keep, or sends what is far too old";

  private final MeshSettings settings;
  private final NodeId self;
  private final Outbox out = new Outbox();
  private final Links links = new Links(out);
  private final Scores scores = new Scores();
  private final WallTime wall = new WallTime();
  private final Ignored ignored = Ignored.lasting();
  private final AddressBook book;
  private final Membership membership;
  private final Broadcast broadcast;
  private final Upkeep upkeep;
  private final CatchingUp catchingUp;

  /** Whom the node told us to ignore: it refuses them itself, so that none need be remembered. */
  private final Blocks banned = new Blocks();

  /** Who scored too low here, which nobody else knows of. */
  private final Blocks away = new Blocks();

  private long nextTick = Long.MIN_VALUE;
  private long timer = Long.MAX_VALUE;

  private long nextHeal;

  /** Never before it is known what was saved in an earlier run: it would be lost. */
  private long nextSave = Long.MAX_VALUE;

  public Mesh(MeshSettings settings, NodeId self, RandomGenerator random) {
    this.settings = settings;
    this.self = self;
    this.book = new AddressBook(settings, random);
    RoundTrips roundTrips = new RoundTrips();
    this.broadcast =
        new Broadcast(
            settings.broadcast(),
            links,
            out,
            scores,
            roundTrips,
            new Tree(self, links, out, random),
            this::maySee,
            wall,
            settings.reconciliation().retention(),
            ignored,
            random);
    this.membership =
        new Membership(
            settings.membership(),
            self,
            book,
            links,
            out,
            random,
            new Membership.Neighbours() {
              @Override
              public void activated(long now, Link link) {
                broadcast.activated(now, link);
              }

              @Override
              public void deactivated(Link link) {
                broadcast.deactivated(link);
              }
            },
            this::ignoredNodes);
    this.upkeep = new Upkeep(settings, self, book, links, out, roundTrips);
    this.catchingUp =
        new CatchingUp(
            settings.reconciliation(),
            links,
            out,
            scores,
            membership,
            random,
            wall,
            ignored,
            broadcast::pulling);
  }

  /** Takes one input, gives what it leads to. {@code now} never goes back. */
  public List<Output> step(long now, Input input) {
    switch (input) {
      case Input.LinkUp up -> linkUp(now, up);
      case Input.LinkDown down -> linkDown(now, down);
      case Input.DialFailed failed -> {
        book.failed(failed.address(), failed.reason(), failed.self(), now);
        membership.dialFailed(now, failed.address());
        links.changed();
      }
      case Input.Received received -> {
        Link link = links.open(received.link());
        if (link != null) {
          upkeep.heard(now, link);
          received(now, link, received.message());
        }
      }
      case Input.Tick tick -> tick(now, tick);
      case Input.EventVerified verified ->
          out.add(
              new Output.Store(
                  verified.link(),
                  verified.deliverer(),
                  verified.event(),
                  verified.bare(),
                  verified.route()));
      case Input.EventStored stored -> {
        broadcast.stored(now, stored);
        catchingUp.stored(now, stored);
      }
      case Input.EventRefused refused -> {
        broadcast.refused(now, refused);
        catchingUp.refused(now, refused);
      }
      case Input.Missing missing -> broadcast.missing(now, missing, catchingUp.fetching());
      case Input.SetLoaded loaded -> catchingUp.loaded(loaded);
      case Input.EventsDeleted deleted -> catchingUp.deleted(deleted);
      case Input.PeersVerified verified -> {
        Link link = links.open(verified.link());
        if (link != null) {
          membership.verified(now, link, verified.records());
        }
      }
      case Input.Recall recall -> {
        recall.addresses().forEach(remembered -> book.recall(remembered, now));
        nextSave = now + SAVE_NANOS;
        membership.recalled(now);
        links.changed();
      }
      case Input.Stopping _ -> {
        if (nextSave != Long.MAX_VALUE) {
          remember();
        }
      }
      case Input.OwnRecord own -> book.own(own.record());
      case Input.AddAddress add -> {
        book.add(add.address(), add.origin(), add.nodeId(), now);
        membership.maintain(now);
        links.changed();
      }
      case Input.ForgetAddress forget -> {
        if (!links.addresses().contains(forget.address())) {
          book.forget(forget.address());
          links.changed();
        }
      }
      case Input.Ignore ignore ->
          ignore(
              banned,
              ignore.peer(),
              ignore.reason(),
              ignore.lasting().map(d -> now + d.toNanos()).orElse(Long.MAX_VALUE));
      case Input.Restore restore -> {
        banned.remove(restore.peer());
        away.remove(restore.peer());
        links.changed();
      }
    }
    long wake = Math.min(nextTick, Math.min(broadcast.nextWake(), catchingUp.nextWake()));
    if (wake != timer && nextTick != Long.MIN_VALUE) {
      timer = wake;
      out.add(new Output.SetTimer(wake));
    }
    return out.take();
  }

  private void remember() {
    membership.anchor();
    out.add(new Output.RememberAll(book.toRemember()));
  }

  private void ignore(Blocks blocks, PeerId peer, String reason, long until) {
    blocks.add(peer, until);
    links.where(link -> link.peer.equals(peer)).forEach(link -> links.close(link, reason));
    links.changed();
  }

  /** Rises whenever {@link #snapshot} would differ in more than times. */
  public long changes() {
    return links.changes();
  }

  /** How many stored events it compares with those of others. */
  public long compared() {
    return catchingUp.compared();
  }

  /** The links and addresses at this moment. */
  public MeshSnapshot snapshot() {
    return new MeshSnapshot(
        linkStates(), book.unlinked(links.addresses(), links.peers()), membership.reserve());
  }

  /** The links at this moment; what changes about them all the time is not counted as a change. */
  public List<MeshSnapshot.LinkState> linkStates() {
    return links.where(_ -> true).stream()
        .map(
            link ->
                new MeshSnapshot.LinkState(
                    link.id,
                    link.peer,
                    link.isDialled(),
                    link.shownAddress,
                    link.agent,
                    link.upSince,
                    link.role,
                    link.flooded() || link.eager,
                    link.roundTrip,
                    link.score))
        .toList();
  }

  // ---- links

  private void linkUp(long now, Input.LinkUp up) {
    Link link =
        new Link(
            up,
            book.group(up.dialled().orElse(new HostPort(up.remoteHost(), up.listenPort()))),
            now);
    links.add(link);
    forgetPassedBlocks(now);
    switch (up.peer()) {
      case PeerId.Node(NodeId id) -> securedUp(now, id, link);
      case PeerId.PlainHost _ -> plainUp(now, link);
    }
  }

  /** Nobody was asked for anything: only bans count. How many there may be is the links' to say. */
  private void plainUp(long now, Link link) {
    link.dialled.ifPresent(
        address -> {
          book.succeededPlain(address);
          membership.undialled(address);
        });
    if (ignored(link.peer)) {
      links.close(link, "the peer is banned");
      return;
    }
    upkeep.beat(now, link);
    out.add(new Output.Replay(link.id));
  }

  private void securedUp(long now, NodeId peer, Link link) {
    link.dialled.ifPresent(address -> book.succeeded(address, peer));
    if (peer.equals(self)) {
      link.dialled.ifPresent(
          address -> {
            book.failed(address, "it is this node itself", true, now);
            membership.undialled(address);
          });
      links.close(
          link,
          link.isDialled()
              ? "a link to ourselves"
              : "our own key at the other end: it was cloned, or we dialled ourselves");
      return;
    }
    if (ignored(link.peer)) {
      link.dialled.ifPresent(membership::undialled);
      links.close(link, "the peer is banned");
      return;
    }
    // One to the same node is a link's successor, not one more.
    int others = links.count(l -> !l.plain() && !l.peer.equals(link.peer));
    if (!link.isDialled() && others >= settings.maxLinks() && !membership.makeRoomFor(link)) {
      links.close(link, Links.AS_MANY);
      return;
    }
    link.dialled.ifPresent(
        address -> out.add(new Output.Remember(address, peer, book.origin(address))));
    upkeep.settle(now, link);
    if (link.closing) {
      link.dialled.ifPresent(membership::undialled);
      return;
    }
    // Where TLS is spoken after all, nothing plain will do any more.
    links
        .where(other -> other.plain() && link.isDialled() && other.dialled.equals(link.dialled))
        .forEach(other -> links.close(other, "a TLS link to the same address"));
    membership.linkUp(now, link);
    if (!link.closing) {
      upkeep.linkUp(now, link);
      if (link.rbsr) {
        link.toReconcile = link.isDialled();
      } else {
        out.add(new Output.Replay(link.id));
      }
    }
  }

  private void linkDown(long now, Input.LinkDown down) {
    Link link = links.remove(down.link());
    if (link != null) {
      link.dialled.ifPresent(
          address -> {
            if (link.parted) {
              book.left(address, now);
            } else {
              book.lost(address, down.reason(), now);
            }
          });
      catchingUp.linkDown(now, link);
      membership.linkDown(now, link);
    }
  }

  // ---- messages

  private void received(long now, Link link, Message message) {
    switch (message) {
      case Message.Ping ping -> out.send(link, new Message.Pong(ping.n()));
      case Message.Pong pong -> upkeep.pong(now, link, pong.n());
      case Message.Event event -> broadcast.pushed(now, link, event);
      case Message.MalformedEvent event ->
          out.add(new Output.Penalise(link.id, link.peer, event.why()));
      case Message.UnusualEvent event ->
          out.add(new Output.VerifyUnusual(link.id, link.peer, event.event(), event.why()));
      case Message.LeftOut event -> out.add(new Output.Ignore(link.id, event.why()));
      case Message.PeersWanted wanted -> upkeep.peersWanted(now, link, wanted.most());
      case Message.Peers peers -> upkeep.peers(link, peers);
      case Message.Join _ -> membership.requested(now, link, true, true);
      case Message.Neighbor neighbor -> membership.requested(now, link, neighbor.high(), false);
      case Message.NeighborReply reply -> membership.answered(now, link, reply.accepted());
      case Message.Disconnect _ -> membership.disconnected(now, link);
      case Message.ForwardJoin join -> membership.forwardJoined(now, link, join);
      case Message.Shuffle shuffle -> membership.shuffled(now, link, shuffle);
      case Message.ShuffleReply reply -> membership.shuffleAnswered(now, link, reply);
      case Message.IHave announcement -> broadcast.announced(now, link, announcement);
      case Message.Graft graft -> broadcast.grafted(now, link, graft);
      case Message.Beacon beacon -> broadcast.beacon(now, link, beacon);
      case Message.Prune _ -> broadcast.pruned(now, link);
      case Message.Want want -> broadcast.wanted(link, want);
      case Message.Events events -> events(now, link, events);
      case Message.Digest _, Message.Reconcile _, Message.WantOffered _ ->
          catchingUp.received(now, link, message);
      case Message.Hello _, Message.Heartbeat _, Message.Unknown _ -> {}
    }
  }

  private void events(long now, Link link, Message.Events events) {
    for (Message message : events.events()) {
      switch (message) {
        case Message.Event event -> {
          Route.Way way = way(now, link, event.event());
          if (way == Route.Way.PUSHED) {
            broadcast.unasked(now, link, event.event());
          }
          broadcast.received(now, link, event.event(), new Route(1, way));
        }
        case Message.MalformedEvent event ->
            out.add(new Output.Penalise(link.id, link.peer, event.why()));
        default -> throw new IllegalArgumentException("no event: " + message);
      }
    }
  }

  /** Only what we asked for is old; whoever sends us what we did not, pushes it. */
  private Route.Way way(long now, Link link, SignedEvent event) {
    if (broadcast.pulls(link, event)) {
      return Route.Way.PULLED;
    }
    return catchingUp.arrived(now, link, event.claimedId())
        ? Route.Way.RECONCILED
        : Route.Way.PUSHED;
  }

  // ---- time

  private void tick(long now, Input.Tick tick) {
    timer = Long.MAX_VALUE;
    wall.set(now, tick.wallMillis());
    broadcast.tick(now);
    catchingUp.tick(now);
    if (now < nextTick) {
      return;
    }
    nextTick = now + TICK_NANOS;
    forgetPassedBlocks(now);
    upkeep.tick(now);
    membership.tick(now);
    broadcast.tend(now);
    broadcast.forget(now);
    catchingUp.tend(now);
    if (now >= nextSave) {
      nextSave = now + SAVE_NANOS;
      remember();
    }
    if (now >= nextHeal) {
      nextHeal = now + Scores.HEAL_NANOS;
      links.all().forEach(scores::heal);
    }
    for (Link link : links.where(l -> l.score < Scores.LEAST)) {
      boolean worst = link.score < Scores.WORST;
      // With few others a peer that is slow is better than none.
      if (worst || links.count(l -> l.active() && l.score >= Scores.LEAST) >= FEW) {
        ignore(
            away, link.peer, TOO_LOW, now + (worst ? Scores.AWAY_LONG_NANOS : Scores.AWAY_NANOS));
      }
    }
  }

  private Set<NodeId> ignoredNodes() {
    Set<NodeId> nodes = new TreeSet<>();
    banned.peers().forEach(peer -> peer.node().ifPresent(nodes::add));
    away.peers().forEach(peer -> peer.node().ifPresent(nodes::add));
    return nodes;
  }

  private boolean ignored(PeerId peer) {
    return banned.contains(peer) || away.contains(peer);
  }

  private void forgetPassedBlocks(long now) {
    boolean passed = banned.forgetPassed(now);
    passed |= away.forgetPassed(now);
    if (passed) {
      links.changed();
    }
  }

  /** How much of each kind it remembers, for tests: all of it is bounded. */
  Map<String, Integer> sizes() {
    Map<String, Integer> sizes = new TreeMap<>();
    sizes.put("banned", banned.peers().size());
    sizes.put("away", away.peers().size());
    broadcast.sizes(sizes);
    catchingUp.sizes(sizes);
    membership.sizes(sizes);
    return sizes;
  }

  // ---- markings

  /** Whether an event's marking lets it go to a peer. */
  public boolean maySee(PeerId peer, SignedEvent event, boolean local) {
    return maySee(event, local).test(peer);
  }

  /** The same for many peers: the marking is looked up once. */
  private Predicate<PeerId> maySee(SignedEvent event, boolean local) {
    Tlp tlp = event.tlp().orElse(Tlp.RED);
    return peer -> maySee(peer, event, tlp, local);
  }

  private boolean maySee(PeerId peer, SignedEvent event, Tlp tlp, boolean local) {
    return switch (peer) {
      case PeerId.Node(NodeId id) ->
          !event.reporter().nodeId().equals(id) && marked(id, tlp, local);
      // Everybody on the way can read; and details that are signed, as those of a retraction are,
      // make a signature that version 1 takes for wrong.
      case PeerId.PlainHost _ ->
          tlp == Tlp.CLEAR && event.details().filter(SignedEvent.Details::signed).isEmpty();
    };
  }

  /**
   * Whether a peer that asks for an event may have it: also its own reporter, who may have lost it.
   */
  public boolean mayHave(PeerId peer, SignedEvent event, boolean local) {
    Tlp tlp = event.tlp().orElse(Tlp.RED);
    return peer.node().filter(id -> marked(id, tlp, local)).isPresent();
  }

  private boolean marked(NodeId peer, Tlp tlp, boolean local) {
    return switch (tlp) {
      case CLEAR, GREEN -> true;
      case AMBER -> local && settings.amberPeers().contains(peer);
      case RED -> false;
    };
  }
}
