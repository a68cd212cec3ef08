package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.peer.LinkTraffic;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.ScorePoint;
import io.cyphermesh.core.view.EventCheck;
import io.cyphermesh.core.view.LiveFeed;
import io.cyphermesh.core.view.NodeFacts;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.core.view.ScoreHistory;
import io.cyphermesh.core.view.Subscription;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The view of this very node. */
final class LocalView implements ViewOfStore {
  private static final int MAX_PEERS = 500;

  private final Sources sources;
  private final StoreView stored;

  /**
   * What is looked at.
   *
   * @param facts what the node is and where it lives
   * @param traffic what went over a link so far; empty once it is gone
   * @param listening where the node listens, once it does
   */
  record Sources(
      NodeId self,
      Supplier<NodeFacts> facts,
      String version,
      String cryptoProvider,
      Instant startedAt,
      InstantSource clock,
      EventStore store,
      EventInspection inspection,
      Reputation reputation,
      MeshDriver mesh,
      VerdictCounts verdicts,
      ClockSkew clockSkew,
      Function<LinkId, Optional<LinkTraffic>> traffic,
      Supplier<Optional<HostPort>> listening,
      Supplier<List<PluginView>> plugins,
      LiveFeed feed) {}

  LocalView(Sources sources) {
    this.sources = sources;
    this.stored = new StoreView(sources.store(), sources.clock());
  }

  @Override
  public StoreView stored() {
    return stored;
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
  public EventCheck verify(String json) {
    return sources.inspection().of(json);
  }

  @Override
  public List<PeerView> peers() {
    return new PeerList(
            sources.store().peers(MAX_PEERS),
            sources.self(),
            sources.clock().instant(),
            sources.mesh()::sinceNanos,
            sources.traffic())
        .of(sources.mesh().snapshot(), MAX_PEERS);
  }

  @Override
  public Optional<ScoreHistory> scores(String peer) {
    Instant now = sources.clock().instant();
    List<ScorePoint> points = sources.store().scores(PeerNames.parse(peer), now);
    return points.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ScoreHistory(
                now.minus(ScorePoint.KEPT),
                now,
                ScorePoint.SLOT,
                points.stream()
                    .map(point -> new ScoreHistory.Point(point.slot(), point.score()))
                    .toList()));
  }

  @Override
  public NodeFacts facts() {
    return sources.facts().get();
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
