package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.control.PluginDisabledException;
import io.cyphermesh.core.control.UnknownPluginException;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.core.view.Subscription;
import io.cyphermesh.core.view.ViewChange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A node in memory, with a live feed that drops like the real one. */
final class FakeNode implements NodeView, NodeControl {
  static final String NODE_ID = sha256("this node");

  private final InstantSource clock;
  private final Instant startedAt;
  private final List<EventView> events = new ArrayList<>();
  private final List<Feed> feeds = new CopyOnWriteArrayList<>();
  private final List<PeerView> peers = new CopyOnWriteArrayList<>();
  private final List<PluginView> plugins = new CopyOnWriteArrayList<>();
  volatile Optional<String> listening = Optional.of("0.0.0.0:9001");
  volatile Optional<String> warning = Optional.empty();
  volatile boolean broken;
  volatile long rejected = 3;
  volatile long duplicates = 5_120;

  /** What plugins were told, in order. */
  final List<String> orders = new CopyOnWriteArrayList<>();

  /** Whose being disabled keeps an order to any plugin from being carried out. */
  volatile Optional<String> orderFailure = Optional.empty();

  /** What an order to a plugin waits for, as the real ones wait for it to stop. */
  volatile CountDownLatch patience = new CountDownLatch(0);

  FakeNode(InstantSource clock) {
    this.clock = clock;
    this.startedAt = clock.instant().minus(Duration.ofHours(77));
  }

  static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stores an event of {@code reporter}, received {@code age} ago, and tells all who listen. */
  synchronized EventView store(
      String reporter,
      String source,
      String type,
      String severity,
      Optional<String> details,
      Duration age) {
    long seq = events.size() + 1L;
    Instant at = clock.instant().minus(age);
    boolean v1 = reporter.startsWith("original");
    EventView event =
        new EventView(
            seq,
            sha256(seq + source + type),
            sha256(seq + source + type),
            source,
            type,
            severity,
            v1 ? at.toString().substring(0, 19).replace('T', ' ') : at.toString(),
            at,
            v1,
            "-----BEGIN PUBLIC KEY-----\n"
                + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA".repeat(8)
                + "\n-----END PUBLIC KEY-----\n",
            "c2lnbmF0dXJl".repeat(28) + "c2lnbg==",
            details,
            at.plusMillis(420),
            reporter.equals("this node") ? NODE_ID : sha256(reporter),
            reporter.equals("this node"),
            false);
    events.add(event);
    tell(new ViewChange.EventStored(event));
    return event;
  }

  EventView store(String source, String type) {
    return store("peer", source, type, "high", Optional.empty(), Duration.ZERO);
  }

  void peer(PeerView peer) {
    peers.add(peer);
    tell(new ViewChange.PeersChanged());
  }

  void plugin(PluginView plugin) {
    plugins.add(plugin);
    tell(new ViewChange.PluginsChanged());
  }

  int listeners() {
    return feeds.size();
  }

  private void tell(ViewChange change) {
    feeds.forEach(feed -> feed.offer(change));
  }

  @Override
  public synchronized NodeStatus status() {
    if (broken) {
      throw new IllegalStateException("the disk is on fire, says <b>the driver</b>");
    }
    long local = events.stream().filter(EventView::local).count();
    long accepted = events.size() - local;
    return new NodeStatus(
        NODE_ID,
        "0.1.0",
        startedAt,
        clock.instant(),
        listening,
        (int) peers.stream().filter(p -> p.state() == PeerView.State.CONNECTED).count(),
        peers.size(),
        peers.stream().filter(PeerView::banned).count(),
        new NodeStatus.EventCounts(
            events.size(),
            local,
            accepted + duplicates + rejected,
            accepted,
            duplicates,
            0,
            rejected),
        "AmazonCorrettoCryptoProvider",
        18_874_368,
        warning);
  }

  @Override
  public synchronized EventPage events(int limit, Optional<Long> before) {
    long end = Math.min(events.size(), before.orElse(Long.MAX_VALUE) - 1);
    List<EventView> page = new ArrayList<>();
    long seq = end;
    for (; seq > 0 && page.size() < limit; seq--) {
      page.add(events.get((int) seq - 1));
    }
    return new EventPage(page, seq > 0 ? Optional.of(seq + 1) : Optional.empty());
  }

  @Override
  public synchronized Optional<EventView> event(String key) {
    return events.stream().filter(event -> event.key().equals(key)).findFirst();
  }

  @Override
  public List<PeerView> peers() {
    return List.copyOf(peers);
  }

  @Override
  public List<PluginView> plugins() {
    return List.copyOf(plugins);
  }

  @Override
  public Subscription subscribe(int capacity) {
    Feed feed = new Feed(capacity);
    feeds.add(feed);
    return feed;
  }

  @Override
  public boolean addPeer(HostPort address) {
    Optional<String> text = Optional.of(address.toString());
    if (peers.stream().anyMatch(known -> known.address().equals(text))) {
      return false;
    }
    peer(peerAt(address.toString()));
    return true;
  }

  @Override
  public ImportedEvents importEvents(String json) {
    if (!json.contains("events")) {
      throw new IllegalArgumentException("the body is to be {\"events\": [EVENT, ...]}");
    }
    return new ImportedEvents(
        1, 2, List.of(new ImportedEvents.Refused(3, "-", "source_ip is missing")));
  }

  @Override
  public PluginView enablePlugin(String id) throws InterruptedException {
    return order(id, "ACTIVE");
  }

  @Override
  public PluginView disablePlugin(String id) throws InterruptedException {
    return order(id, "DISABLED");
  }

  @Override
  public PluginView reloadPlugin(String id) throws InterruptedException {
    if (plugins.stream()
        .anyMatch(plugin -> plugin.id().equals(id) && plugin.state().equals("DISABLED"))) {
      throw new PluginDisabledException(id);
    }
    return order(id, "ACTIVE");
  }

  private PluginView order(String id, String state) throws InterruptedException {
    orders.add(state + " " + id);
    patience.await();
    if (orderFailure.isPresent()) {
      throw new PluginDisabledException(orderFailure.get());
    }
    for (int i = 0; i < plugins.size(); i++) {
      PluginView plugin = plugins.get(i);
      // As the real one: a jar that is refused has no id of its own.
      if (plugin.id().equals(id) && !plugin.kinds().isEmpty()) {
        PluginView then = Plugins.in(state, plugin, clock.instant());
        plugins.set(i, then);
        tell(new ViewChange.PluginsChanged());
        return then;
      }
    }
    throw new UnknownPluginException(id);
  }

  static PeerView peerAt(String address) {
    return new PeerView(
        Optional.empty(),
        Optional.of(address),
        PeerView.State.CONNECTING,
        Optional.empty(),
        Optional.empty(),
        0,
        false,
        Optional.empty(),
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public EventView report(ManualReport report) {
    if (report.severity().equals("unknown")) {
      throw new IllegalArgumentException("severity is low, medium, high or critical");
    }
    return store(
        "this node",
        report.sourceIp(),
        report.threatType(),
        report.severity(),
        report.detailsJson(),
        Duration.ZERO);
  }

  private final class Feed implements Subscription {
    private final BlockingQueue<ViewChange> waiting;
    private final AtomicBoolean missed = new AtomicBoolean();

    Feed(int capacity) {
      waiting = new ArrayBlockingQueue<>(capacity);
    }

    void offer(ViewChange change) {
      if (!waiting.offer(change)) {
        missed.set(true);
      }
    }

    @Override
    public Optional<ViewChange> next(Duration patience) throws InterruptedException {
      ViewChange change = waiting.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (change == null && missed.getAndSet(false)) {
        return Optional.of(new ViewChange.Missed());
      }
      return Optional.ofNullable(change);
    }

    @Override
    public void close() {
      feeds.remove(this);
    }
  }
}
