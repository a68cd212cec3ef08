package io.cyphermesh.core.node;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.LiveFeed;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.core.view.Subscription;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The view of this very node. */
final class LocalView implements NodeView {
  private static final int MAX_LIMIT = 500;
  private static final int MAX_PEERS = 500;

  private final Sources sources;

  /**
   * What is looked at.
   *
   * @param listening where the node listens, once it does
   */
  record Sources(
      NodeId self,
      String version,
      String cryptoProvider,
      Instant startedAt,
      InstantSource clock,
      EventStore store,
      Reputation reputation,
      MeshDriver mesh,
      VerdictCounts verdicts,
      ClockSkew clockSkew,
      Supplier<Optional<HostPort>> listening,
      Supplier<List<PluginView>> plugins,
      LiveFeed feed) {}

  LocalView(Sources sources) {
    this.sources = sources;
  }

  @Override
  public NodeStatus status() {
    EventStore.Counts counts = sources.store().counts();
    MeshSnapshot mesh = sources.mesh().snapshot();
    VerdictCounts verdicts = sources.verdicts();
    return new NodeStatus(
        sources.self().hex(),
        sources.version(),
        sources.startedAt(),
        sources.clock().instant(),
        sources.listening().get().map(HostPort::toString),
        mesh.links().size(),
        mesh.links().size() + mesh.addresses().size(),
        sources.reputation().banned(),
        new NodeStatus.EventCounts(
            counts.stored(),
            counts.local(),
            verdicts.received(),
            verdicts.accepted(),
            verdicts.duplicates(),
            verdicts.ignored(),
            verdicts.rejected()),
        sources.cryptoProvider(),
        sources.store().bytes(),
        sources.clockSkew().warning());
  }

  @Override
  public EventPage events(int limit, Optional<Long> before) {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit is 1 to " + MAX_LIMIT + ", not " + limit);
    }
    List<StoredEvent> found = sources.store().newest(limit + 1, before.orElse(Long.MAX_VALUE));
    List<EventView> page = found.stream().limit(limit).map(LocalView::view).toList();
    return new EventPage(
        page, found.size() > limit ? Optional.of(page.getLast().seq()) : Optional.empty());
  }

  @Override
  public Optional<EventView> event(String key) {
    return sources.store().find(new EventId(key)).map(LocalView::view);
  }

  static EventView view(StoredEvent stored) {
    SignedEvent event = stored.event();
    EventTime time = event.time().orElse(new EventTime(stored.receivedAt(), true));
    return new EventView(
        stored.seq(),
        event.claimedId().hex(),
        stored.key().hex(),
        event.sourceIp(),
        event.threatType(),
        event.severity(),
        event.timestamp(),
        time.instant(),
        time.approximate(),
        event.reporter().pem(),
        event.signatureText(),
        event.details().map(SignedEvent.Details::json),
        stored.receivedAt(),
        event.reporter().nodeId().hex(),
        stored.local(),
        stored.bare());
  }

  @Override
  public List<PeerView> peers() {
    Map<PeerId, Standing> standings = new LinkedHashMap<>();
    sources.store().peers(MAX_PEERS).forEach(s -> standings.put(s.peer(), s));
    standings.remove(new PeerId.Node(sources.self()));
    MeshSnapshot mesh = sources.mesh().snapshot();
    List<PeerView> views = new ArrayList<>();
    Set<PeerId> linked = new HashSet<>();
    for (MeshSnapshot.LinkState link : mesh.links()) {
      Optional<Standing> standing = Optional.ofNullable(standings.get(link.peer()));
      linked.add(link.peer());
      views.add(
          view(
              link.peer().node(),
              Optional.of(text(link.address())),
              PeerView.State.CONNECTED,
              Optional.of(link.dialled() ? "outbound" : "inbound"),
              Optional.of(link.agent()),
              standing,
              Optional.of(sources.mesh().sinceNanos(link.upSinceNanos())),
              Optional.empty()));
    }
    standings.keySet().removeAll(linked);
    Set<PeerId> shown = new HashSet<>();
    for (MeshSnapshot.AddressState address : mesh.addresses()) {
      Optional<PeerId> peer = address.nodeId().map(PeerId.Node::new);
      Optional<Standing> standing = peer.map(standings::get);
      peer.ifPresent(shown::add);
      views.add(
          view(
              address.nodeId(),
              Optional.of(text(address.address())),
              address.dialling() ? PeerView.State.CONNECTING : PeerView.State.DISCONNECTED,
              Optional.empty(),
              Optional.empty(),
              standing,
              Optional.empty(),
              address.lastError()));
    }
    for (Standing standing : standings.values()) {
      if (!shown.contains(standing.peer())) {
        views.add(
            view(
                standing.peer().node(),
                standing.peer() instanceof PeerId.PlainHost(String ip)
                    ? Optional.of(ip)
                    : Optional.empty(),
                PeerView.State.DISCONNECTED,
                Optional.empty(),
                standing.peer() instanceof PeerId.PlainHost
                    ? Optional.of(Message.Hello.ORIGINAL.agent())
                    : Optional.empty(),
                Optional.of(standing),
                Optional.empty(),
                Optional.empty()));
      }
    }
    return views.subList(0, Math.min(views.size(), MAX_PEERS));
  }

  /** Who dialled us over a plain link did not say where it listens. */
  private static String text(HostPort address) {
    return address.port() == 0 ? address.host() : address.toString();
  }

  private PeerView view(
      Optional<NodeId> nodeId,
      Optional<String> address,
      PeerView.State state,
      Optional<String> direction,
      Optional<String> agent,
      Optional<Standing> standing,
      Optional<Instant> since,
      Optional<String> lastError) {
    Instant now = sources.clock().instant();
    return new PeerView(
        nodeId.map(NodeId::hex),
        address,
        state,
        direction,
        agent,
        standing.map(Standing::score).orElse(0L),
        standing.map(Standing::banned).orElse(false),
        standing.flatMap(Standing::blockedUntil).filter(now::isBefore),
        standing.map(Standing::valid).orElse(0L),
        standing.map(Standing::invalid).orElse(0L),
        since,
        standing.map(Standing::lastSeen),
        lastError);
  }

  @Override
  public List<PluginView> plugins() {
    return sources.plugins().get();
  }

  @Override
  public Subscription subscribe(int capacity) {
    return sources.feed().subscribe(capacity);
  }
}
