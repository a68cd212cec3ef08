package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.mesh.LinkRole;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.peer.LinkTraffic;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.view.LinkView;
import io.cyphermesh.core.view.PeerView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;

/** Brings together what mesh, links and store know of each peer. */
final class PeerList {
  private static final double NANOS_PER_MILLI = 1_000_000.0;
  private static final LinkTraffic NONE = new LinkTraffic(0, 0, 0, 0, 0, 0, 0);

  private final Map<PeerId, Standing> standings = new LinkedHashMap<>();
  private final NodeId self;
  private final Instant now;
  private final LongFunction<Instant> meshTime;
  private final Function<LinkId, Optional<LinkTraffic>> traffic;

  /**
   * @param standings who is known as a reporter or deliverer, the last seen first
   * @param meshTime when it was what on the mesh's clock, in nanoseconds
   * @param traffic what went over a link so far; empty once it is gone
   */
  PeerList(
      List<Standing> standings,
      NodeId self,
      Instant now,
      LongFunction<Instant> meshTime,
      Function<LinkId, Optional<LinkTraffic>> traffic) {
    standings.forEach(standing -> this.standings.put(standing.peer(), standing));
    this.standings.remove(new PeerId.Node(self));
    this.self = self;
    this.now = now;
    this.meshTime = meshTime;
    this.traffic = traffic;
  }

  /** The first {@code most}: linked ones, who is being dialled, the reserve, all others. */
  List<PeerView> of(MeshSnapshot mesh, int most) {
    List<PeerView> views = new ArrayList<>();
    Set<PeerId> shown = new HashSet<>();
    for (MeshSnapshot.LinkState link : mesh.links()) {
      shown.add(link.peer());
      views.add(linked(link));
    }
    Set<NodeId> reserve = new LinkedHashSet<>(mesh.reserve());
    reserve.remove(self);
    mesh.links().forEach(link -> link.peer().node().ifPresent(reserve::remove));
    for (MeshSnapshot.AddressState address : mesh.addresses()) {
      Optional<PeerId> peer = address.nodeId().map(PeerId.Node::new);
      peer.ifPresent(shown::add);
      views.add(
          view(
              peer,
              address.nodeId(),
              Optional.of(text(address.address())),
              address.dialling() ? PeerView.State.CONNECTING : PeerView.State.DISCONNECTED,
              Optional.empty(),
              peer.map(standings::get),
              address.lastError(),
              address.nodeId().filter(reserve::contains).isPresent()));
    }
    for (NodeId node : reserve) {
      PeerId peer = new PeerId.Node(node);
      if (shown.add(peer)) {
        views.add(unmet(peer, Optional.ofNullable(standings.get(peer)), true));
      }
    }
    for (Standing standing : standings.values()) {
      if (shown.add(standing.peer())) {
        views.add(unmet(standing.peer(), Optional.of(standing), false));
      }
    }
    return views.stream().sorted(Comparator.comparingInt(PeerList::rank)).limit(most).toList();
  }

  private static int rank(PeerView peer) {
    return switch (peer.state()) {
      case CONNECTED -> 0;
      case CONNECTING -> 1;
      case DISCONNECTED -> peer.reserve() ? 2 : 3;
    };
  }

  private PeerView linked(MeshSnapshot.LinkState link) {
    LinkTraffic moved = traffic.apply(link.link()).orElse(NONE);
    LinkView view =
        new LinkView(
            role(link.role()),
            link.tree(),
            link.roundTripNanos().isPresent()
                ? Optional.of(link.roundTripNanos().getAsLong() / NANOS_PER_MILLI)
                : Optional.empty(),
            moved.bytesIn(),
            moved.bytesOut(),
            moved.eventsIn(),
            moved.eventsOut(),
            link.score());
    return view(
        Optional.of(link.peer()),
        link.peer().node(),
        Optional.of(text(link.address())),
        PeerView.State.CONNECTED,
        Optional.of(new Linked(link.dialled(), link.agent(), link.upSinceNanos(), view)),
        Optional.ofNullable(standings.get(link.peer())),
        Optional.empty(),
        false);
  }

  private static String role(LinkRole role) {
    return switch (role) {
      case ACTIVE -> "active";
      case SYNC -> "sync";
      case PLAIN -> "v1";
    };
  }

  /** Of whom no address is in use. */
  private PeerView unmet(PeerId peer, Optional<Standing> standing, boolean reserve) {
    Optional<String> address =
        peer instanceof PeerId.PlainHost(String ip) ? Optional.of(ip) : Optional.empty();
    return view(
        Optional.of(peer),
        peer.node(),
        address,
        PeerView.State.DISCONNECTED,
        Optional.empty(),
        standing,
        Optional.empty(),
        reserve);
  }

  /** Who dialled us over a plain link did not say where it listens. */
  private static String text(HostPort address) {
    return address.port() == 0 ? address.host() : address.toString();
  }

  private record Linked(boolean dialled, String agent, long upSinceNanos, LinkView view) {}

  private PeerView view(
      Optional<PeerId> peer,
      Optional<NodeId> nodeId,
      Optional<String> address,
      PeerView.State state,
      Optional<Linked> link,
      Optional<Standing> standing,
      Optional<String> lastError,
      boolean reserve) {
    boolean plain = standing.filter(s -> s.peer() instanceof PeerId.PlainHost).isPresent();
    return new PeerView(
        nodeId.map(NodeId::hex),
        address,
        state,
        link.map(l -> l.dialled() ? "outbound" : "inbound"),
        link.map(Linked::agent)
            .or(() -> plain ? Optional.of(Message.Hello.ORIGINAL.agent()) : Optional.empty()),
        standing.map(Standing::score).orElse(0L),
        standing.map(Standing::banned).orElse(false),
        standing.flatMap(Standing::blockedUntil).filter(now::isBefore),
        standing.map(Standing::valid).orElse(0L),
        standing.map(Standing::invalid).orElse(0L),
        link.map(l -> meshTime.apply(l.upSinceNanos())),
        standing.map(Standing::lastSeen),
        lastError,
        link.map(Linked::view),
        reserve,
        peer.map(PeerNames::of),
        standing.map(Standing::byOperator).orElse(false));
  }
}
