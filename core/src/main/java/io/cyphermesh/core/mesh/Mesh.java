package io.cyphermesh.core.mesh;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Who is linked to whom, and how an event spreads: one state machine a node, driven by {@link
 * #step} on one thread.
 *
 * <p>Events are flooded to all links but the deliverer's. Addresses are asked of peers and dialled
 * by {@link AddressBook}.
 */
public final class Mesh {
  private static final long TICK_NANOS = 500_000_000L;
  private static final long LASTING_NANOS = 5_000_000_000L;
  private static final long PEERS_WANTED_NANOS = 300_000_000_000L;

  /** An answer is a thousand times as long as the question: nobody gets it more often than this. */
  private static final long PEERS_ANSWER_NANOS = 60_000_000_000L;

  /**
   * A node that was too busy for TLS once must not stay a stranger for as long as its link lasts.
   */
  private static final long TLS_AGAIN_NANOS = 600_000_000_000L;

  private static final String SUPERSEDED = "a newer link to the same node";

  private final MeshSettings settings;
  private final NodeId self;
  private final AddressBook book;
  private final Map<LinkId, LinkEntry> links = new TreeMap<>();
  private final Map<PeerId, Long> ignoredUntil = new TreeMap<>();
  private final List<Output> outputs = new ArrayList<>();
  private long pingNumber;
  private long changes;

  public Mesh(MeshSettings settings, NodeId self, RandomGenerator random) {
    this.settings = settings;
    this.self = self;
    this.book = new AddressBook(settings, random);
  }

  /** What the mesh knows of one link. */
  private static final class LinkEntry {
    final LinkId id;
    final PeerId peer;
    final Optional<HostPort> dialled;
    final HostPort shownAddress;
    final boolean privateNetwork;
    final String agent;
    final long upSince;
    long lastReceived;
    boolean pinged;
    boolean closing;
    boolean awaitsPeers;
    long nextPeersWanted;
    long nextPeersAnswer;
    long nextHeartbeat;
    long nextTls;
    Optional<Contest> contest = Optional.empty();
    Optional<Successor> successor = Optional.empty();

    LinkEntry(Input.LinkUp up, boolean privateNetwork, long now) {
      this.id = up.link();
      this.peer = up.peer();
      this.dialled = up.dialled();
      this.shownAddress = up.dialled().orElse(new HostPort(up.remoteHost(), up.listenPort()));
      this.privateNetwork = privateNetwork;
      this.agent = up.agent();
      this.upSince = now;
      this.lastReceived = now;
      this.nextPeersWanted = now;
      this.nextPeersAnswer = now;
      this.nextHeartbeat = now;
      this.nextTls = now + TLS_AGAIN_NANOS;
    }

    boolean plain() {
      return peer instanceof PeerId.PlainHost;
    }
  }

  /** The preferred of two links to one node has to answer a ping, else the other one stays. */
  private record Contest(long ping, LinkId other, long deadline) {}

  /** A newer link by the same dialler, who has until then to close the older one. */
  private record Successor(LinkId link, long deadline) {}

  /** Takes one input, gives what it leads to. {@code now} never goes back. */
  public List<Output> step(long now, Input input) {
    outputs.clear();
    switch (input) {
      case Input.LinkUp up -> linkUp(now, up);
      case Input.LinkDown down -> linkDown(now, down);
      case Input.DialFailed failed -> {
        book.failed(failed.address(), failed.reason(), failed.self(), now);
        changes++;
      }
      case Input.Received received -> received(now, received);
      case Input.Tick ignoredInput -> tick(now);
      case Input.EventVerified verified ->
          outputs.add(
              new Output.Store(
                  verified.link(),
                  verified.deliverer(),
                  verified.event(),
                  verified.bare(),
                  verified.hops()));
      case Input.EventStored stored -> spread(stored);
      case Input.PeersVerified verified -> {
        LinkEntry link = links.get(verified.link());
        if (link != null) {
          verified.records().stream()
              .filter(r -> !r.nodeId().equals(self))
              .forEach(r -> book.learn(r, link.privateNetwork));
        }
      }
      case Input.OwnRecord own -> book.own(own.record());
      case Input.AddAddress add -> {
        book.add(add.address(), add.origin(), add.nodeId(), now);
        dial(now);
        changes++;
      }
      case Input.Ignore ignore -> {
        ignoredUntil.put(
            ignore.peer(), ignore.lasting().map(d -> now + d.toNanos()).orElse(Long.MAX_VALUE));
        links.values().stream()
            .filter(link -> link.peer.equals(ignore.peer()))
            .forEach(link -> close(link, ignore.reason()));
        changes++;
      }
      case Input.Restore restore -> {
        ignoredUntil.remove(restore.peer());
        changes++;
      }
    }
    return List.copyOf(outputs);
  }

  /** Rises whenever {@link #snapshot} would differ in more than times. */
  public long changes() {
    return changes;
  }

  /** The links and addresses at this moment. */
  public MeshSnapshot snapshot() {
    List<MeshSnapshot.LinkState> up =
        links.values().stream()
            .filter(link -> !link.closing)
            .map(
                link ->
                    new MeshSnapshot.LinkState(
                        link.id,
                        link.peer,
                        link.dialled.isPresent(),
                        link.shownAddress,
                        link.agent,
                        link.upSince))
            .toList();
    return new MeshSnapshot(up, book.unlinked(linkedAddresses(), linkedPeers()));
  }

  private void linkUp(long now, Input.LinkUp up) {
    changes++;
    boolean privateNetwork = AddressBook.isPrivateNetwork(up.remoteHost());
    LinkEntry link = new LinkEntry(up, privateNetwork, now);
    links.put(up.link(), link);
    switch (up.peer()) {
      case PeerId.Node(NodeId id) -> securedUp(now, up, id, link);
      case PeerId.PlainHost _ -> plainUp(now, up, link);
    }
  }

  /** Nobody was asked for anything: only bans count. How many there may be is the links' to say. */
  private void plainUp(long now, Input.LinkUp up, LinkEntry link) {
    up.dialled().ifPresent(book::succeededPlain);
    forgetPassedBlocks(now);
    if (ignoredUntil.containsKey(up.peer())) {
      close(link, "the peer is banned");
      return;
    }
    beat(link, now);
    outputs.add(new Output.Replay(link.id));
  }

  private void securedUp(long now, Input.LinkUp up, NodeId peer, LinkEntry link) {
    up.dialled().ifPresent(address -> book.succeeded(address, peer));
    if (peer.equals(self)) {
      up.dialled().ifPresent(address -> book.failed(address, "it is this node itself", true, now));
      close(
          link,
          up.dialled().isPresent()
              ? "a link to ourselves"
              : "our own key at the other end: it was cloned, or we dialled ourselves");
      return;
    }
    forgetPassedBlocks(now);
    if (ignoredUntil.containsKey(up.peer())) {
      close(link, "the peer is banned");
      return;
    }
    // One to the same node is a link's successor, not one more.
    long others =
        links.values().stream()
            .filter(l -> !l.closing && !l.plain() && !l.peer.equals(up.peer()))
            .count();
    if (up.dialled().isEmpty() && others >= settings.maxLinks()) {
      close(link, "as many links as are allowed");
      return;
    }
    up.dialled()
        .ifPresent(
            address -> outputs.add(new Output.Remember(address, peer, book.origin(address))));
    links.values().stream()
        .filter(other -> other != link && other.peer.equals(up.peer()) && !other.closing)
        .toList()
        .forEach(other -> settle(now, other, link));
    if (!link.closing) {
      // Where TLS is spoken after all, nothing plain will do any more.
      links.values().stream()
          .filter(other -> other.plain() && up.dialled().isPresent())
          .filter(other -> other.dialled.equals(up.dialled()))
          .forEach(other -> close(other, "a TLS link to the same address"));
      wantPeers(link, now);
      outputs.add(new Output.Replay(link.id));
    }
  }

  /** Two links to one node: one of them has to go. */
  private void settle(long now, LinkEntry older, LinkEntry newer) {
    if (older.dialled.isPresent() && newer.dialled.isPresent()) {
      close(older, SUPERSEDED);
      return;
    }
    if (older.dialled.isEmpty() && newer.dialled.isEmpty()) {
      // Which one is newer is the dialler's to say: two at the same time may come up here in the
      // other order, and both would be closed. It is only helped where it forgot the older one.
      long deadline =
          older.successor.map(Successor::deadline).orElse(now + settings.contest().toNanos());
      older.successor = Optional.of(new Successor(newer.id, deadline));
      return;
    }
    boolean oursIsPreferred = new PeerId.Node(self).compareTo(newer.peer) < 0;
    LinkEntry preferred = newer.dialled.isPresent() == oursIsPreferred ? newer : older;
    LinkEntry other = preferred == newer ? older : newer;
    Contest contest = new Contest(++pingNumber, other.id, now + settings.contest().toNanos());
    preferred.contest = Optional.of(contest);
    send(preferred, new Message.Ping(contest.ping()));
  }

  private void linkDown(long now, Input.LinkDown down) {
    LinkEntry link = links.remove(down.link());
    if (link != null) {
      link.dialled.ifPresent(address -> book.lost(address, down.reason(), now));
      changes++;
    }
  }

  private void received(long now, Input.Received received) {
    LinkEntry link = links.get(received.link());
    if (link == null || link.closing) {
      return;
    }
    link.lastReceived = now;
    link.pinged = false;
    switch (received.message()) {
      case Message.Ping ping -> send(link, new Message.Pong(ping.n()));
      case Message.Pong pong -> pong(link, pong.n());
      case Message.Event event ->
          outputs.add(new Output.Verify(link.id, link.peer, event.event(), event.hops()));
      case Message.MalformedEvent event ->
          outputs.add(new Output.Penalise(link.id, link.peer, event.why()));
      case Message.UnusualEvent event ->
          outputs.add(new Output.VerifyUnusual(link.id, link.peer, event.event(), event.why()));
      case Message.LeftOut event -> outputs.add(new Output.Ignore(link.id, event.why()));
      case Message.PeersWanted ignoredMessage -> {
        if (now >= link.nextPeersAnswer) {
          link.nextPeersAnswer = now + PEERS_ANSWER_NANOS;
          send(link, new Message.Peers(book.records(link.privateNetwork)));
        }
      }
      case Message.Peers peers -> {
        // Only an answer is looked at: signatures cost time, and nobody else may spend it.
        if (link.awaitsPeers) {
          link.awaitsPeers = false;
          outputs.add(new Output.VerifyPeers(link.id, peers.records()));
        }
      }
      case Message.Hello ignoredMessage -> {}
      case Message.Heartbeat ignoredMessage -> {}
      case Message.Unknown ignoredMessage -> {}
    }
  }

  private void pong(LinkEntry link, long number) {
    link.contest
        .filter(contest -> contest.ping() == number)
        .ifPresent(
            contest -> {
              link.contest = Optional.empty();
              Optional.ofNullable(links.get(contest.other()))
                  .ifPresent(other -> close(other, "a second link to the same node"));
            });
  }

  private void tick(long now) {
    for (LinkEntry link : List.copyOf(links.values())) {
      if (link.closing) {
        continue;
      }
      long idle = now - link.lastReceived;
      if (link.plain()) {
        tickPlain(link, idle, now);
        continue;
      }
      if (idle >= settings.pingAfter().plus(settings.deadAfter()).toNanos()) {
        close(
            link,
            "no sign of life for "
                + settings.pingAfter().plus(settings.deadAfter()).toSeconds()
                + " s");
      } else if (idle >= settings.pingAfter().toNanos() && !link.pinged) {
        link.pinged = true;
        send(link, new Message.Ping(++pingNumber));
      }
      link.contest
          .filter(contest -> now >= contest.deadline())
          .ifPresent(
              contest -> {
                link.contest = Optional.empty();
                if (links.containsKey(contest.other())) {
                  close(link, "a second link to the same node, and it does not answer");
                }
              });
      link.successor
          .filter(successor -> now >= successor.deadline())
          .ifPresent(
              successor -> {
                link.successor = Optional.empty();
                LinkEntry newer = links.get(successor.link());
                if (newer != null && !newer.closing) {
                  close(link, SUPERSEDED);
                }
              });
      if (!link.closing && now >= link.nextPeersWanted) {
        wantPeers(link, now);
      }
      if (!link.closing && now - link.upSince >= LASTING_NANOS) {
        link.dialled.ifPresent(book::lasted);
      }
    }
    dial(now);
    outputs.add(new Output.SetTimer(now + TICK_NANOS));
  }

  private void tickPlain(LinkEntry link, long idle, long now) {
    if (idle >= settings.plain().silence().toNanos()) {
      close(link, "no sign of life for " + settings.plain().silence().toSeconds() + " s");
      return;
    }
    if (now >= link.nextHeartbeat) {
      beat(link, now);
    }
    if (now - link.upSince >= LASTING_NANOS) {
      link.dialled.ifPresent(book::lasted);
    }
    if (now >= link.nextTls) {
      link.nextTls = now + TLS_AGAIN_NANOS;
      link.dialled.ifPresent(
          address -> outputs.add(new Output.Dial(address, new DialPolicy.AnyNode())));
    }
  }

  private void beat(LinkEntry link, long now) {
    link.nextHeartbeat = now + settings.plain().heartbeat().toNanos();
    send(link, new Message.Heartbeat());
  }

  private void dial(long now) {
    forgetPassedBlocks(now);
    long dialled = links.values().stream().filter(l -> l.dialled.isPresent() && !l.closing).count();
    List<Output.Dial> dials =
        book.due(
            now,
            linkedAddresses(),
            linkedPeers(),
            ignoredNodes(),
            settings.dialledLinks() - dialled);
    if (!dials.isEmpty()) {
      outputs.addAll(dials);
      changes++;
    }
  }

  private void spread(Input.EventStored stored) {
    SignedEvent event = stored.event();
    // Nor over a second link to the deliverer; but behind one address there may be many.
    Optional<NodeId> deliverer = stored.from().map(links::get).flatMap(link -> link.peer.node());
    List<LinkId> targets =
        links.values().stream()
            .filter(link -> !link.closing)
            .filter(link -> stored.from().filter(link.id::equals).isEmpty())
            .filter(link -> deliverer.filter(link.peer::is).isEmpty())
            .filter(link -> maySee(link.peer, event, stored.local()))
            .map(link -> link.id)
            .toList();
    if (!targets.isEmpty()) {
      outputs.add(new Output.Send(targets, new Message.Event(event, stored.hops() + 1)));
    }
  }

  private void forgetPassedBlocks(long now) {
    if (ignoredUntil.values().removeIf(until -> until <= now)) {
      changes++;
    }
  }

  /** Whether an event's marking lets it go to a peer. */
  public boolean maySee(PeerId peer, SignedEvent event, boolean local) {
    return switch (peer) {
      case PeerId.Node(NodeId id) -> maySee(id, event, local);
      // Everybody on the way can read; and details that are signed, as those of a retraction are,
      // make
      // a signature that version 1 takes for wrong.
      case PeerId.PlainHost _ ->
          event.tlp().equals(Optional.of(Tlp.CLEAR))
              && event.details().filter(SignedEvent.Details::signed).isEmpty();
    };
  }

  private boolean maySee(NodeId peer, SignedEvent event, boolean local) {
    if (event.reporter().nodeId().equals(peer)) {
      return false;
    }
    return switch (event.tlp().orElse(Tlp.RED)) {
      case CLEAR, GREEN -> true;
      case AMBER -> local && settings.amberPeers().contains(peer);
      case RED -> false;
    };
  }

  private void wantPeers(LinkEntry link, long now) {
    link.awaitsPeers = true;
    link.nextPeersWanted = now + PEERS_WANTED_NANOS;
    send(link, new Message.PeersWanted());
  }

  private void send(LinkEntry link, Message message) {
    outputs.add(new Output.Send(List.of(link.id), message));
  }

  private void close(LinkEntry link, String reason) {
    if (!link.closing) {
      link.closing = true;
      changes++;
      outputs.add(new Output.Close(link.id, reason));
    }
  }

  private Set<HostPort> linkedAddresses() {
    Set<HostPort> addresses = new TreeSet<>(AddressBook.ORDER);
    links.values().stream()
        .filter(link -> !link.closing)
        .forEach(link -> addresses.add(link.shownAddress));
    return addresses;
  }

  private Set<NodeId> linkedPeers() {
    Set<NodeId> peers = new TreeSet<>();
    links.values().stream()
        .filter(link -> !link.closing)
        .forEach(link -> link.peer.node().ifPresent(peers::add));
    return peers;
  }

  private Set<NodeId> ignoredNodes() {
    Set<NodeId> nodes = new TreeSet<>();
    ignoredUntil.keySet().forEach(peer -> peer.node().ifPresent(nodes::add));
    return nodes;
  }
}
