package io.cyphermesh.bench.queries;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.control.PeerBan;
import io.cyphermesh.core.node.StoreView;
import io.cyphermesh.core.node.ViewOfStore;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.view.EventCheck;
import io.cyphermesh.core.view.EventView;
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

/** A node of which there is but the store, for a dashboard over it. It takes no orders. */
final class StoreNode implements ViewOfStore, NodeControl {
  private final EventStore store;
  private final StoreView stored;
  private final LiveFeed feed = new LiveFeed();
  private final Instant begin = Instant.now();

  StoreNode(EventStore store) {
    this.store = store;
    this.stored = new StoreView(store, InstantSource.system());
  }

  @Override
  public StoreView stored() {
    return stored;
  }

  @Override
  public NodeStatus status() {
    EventStore.Counts counts = store.counts();
    return new NodeStatus(
        "0".repeat(64),
        "bench",
        begin,
        Instant.now(),
        Optional.empty(),
        0,
        0,
        0,
        new NodeStatus.EventCounts(counts.stored(), counts.local(), 0, 0, 0, 0, 0),
        "none",
        store.bytes(),
        Optional.empty());
  }

  @Override
  public NodeFacts facts() {
    return new NodeFacts("none", Optional.empty(), "", Optional.empty(), 0);
  }

  @Override
  public List<PeerView> peers() {
    return List.of();
  }

  @Override
  public Optional<ScoreHistory> scores(String peer) {
    return Optional.empty();
  }

  @Override
  public List<PluginView> plugins() {
    return List.of();
  }

  @Override
  public Subscription subscribe(int capacity) {
    return feed.subscribe(capacity);
  }

  @Override
  public EventCheck verify(String json) {
    throw none();
  }

  @Override
  public boolean addPeer(HostPort address) {
    throw none();
  }

  @Override
  public void forgetPeer(HostPort address) {
    throw none();
  }

  @Override
  public PeerBan ban(String peer) {
    throw none();
  }

  @Override
  public PeerBan lift(String peer) {
    throw none();
  }

  @Override
  public EventView report(ManualReport report) {
    throw none();
  }

  @Override
  public ImportedEvents importEvents(String json) {
    throw none();
  }

  @Override
  public PluginView enablePlugin(String id) {
    throw none();
  }

  @Override
  public PluginView disablePlugin(String id) {
    throw none();
  }

  @Override
  public PluginView reloadPlugin(String id) {
    throw none();
  }

  private static UnsupportedOperationException none() {
    return new UnsupportedOperationException("only questions are asked here");
  }
}
