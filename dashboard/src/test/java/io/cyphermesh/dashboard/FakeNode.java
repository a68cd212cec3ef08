package io.cyphermesh.dashboard;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Severity;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.control.PeerBan;
import io.cyphermesh.core.control.PeerLinkedException;
import io.cyphermesh.core.control.PluginDisabledException;
import io.cyphermesh.core.control.UnknownPeerException;
import io.cyphermesh.core.control.UnknownPluginException;
import io.cyphermesh.core.view.EventCheck;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.NodeFacts;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.core.view.RelatedView;
import io.cyphermesh.core.view.ScoreHistory;
import io.cyphermesh.core.view.SortOrder;
import io.cyphermesh.core.view.Span;
import io.cyphermesh.core.view.Subscription;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import io.cyphermesh.core.view.ViewChange;
import java.io.IOException;
import java.io.StringReader;
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

  /** Done before a page of events is read. */
  volatile Runnable beforePage = () -> {};

  /** Done before the status is read. */
  volatile Runnable beforeStatus = () -> {};

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
            false,
            reporter.equals("this node")
                ? Optional.empty()
                : Optional.of(v1 ? "203.0.113.61" : sha256("lighthouse")));
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

  /** Puts {@code peer} in the place of the one with its id, without telling anybody. */
  void changePeer(PeerView peer) {
    peers.replaceAll(known -> known.nodeId().equals(peer.nodeId()) ? peer : known);
  }

  /** Forgets the peer with that id, and tells all who listen. */
  void forgetPeer(String nodeId) {
    peers.removeIf(known -> known.nodeId().equals(Optional.of(nodeId)));
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

  private void failIfBroken() {
    if (broken) {
      throw new IllegalStateException("the disk is on fire, says <b>the driver</b>");
    }
  }

  @Override
  public synchronized NodeStatus status() {
    beforeStatus.run();
    failIfBroken();
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
    failIfBroken();
    long end = Math.min(events.size(), before.orElse(Long.MAX_VALUE) - 1);
    List<EventView> page = new ArrayList<>();
    long seq = end;
    for (; seq > 0 && page.size() < limit; seq--) {
      page.add(events.get((int) seq - 1));
    }
    return new EventPage(page, seq > 0 ? Optional.of(seq + 1) : Optional.empty());
  }

  @Override
  public List<EventView> eventsAfter(long after, int limit) {
    beforePage.run();
    return stored(after, limit);
  }

  private synchronized List<EventView> stored(long after, int limit) {
    int from = (int) Math.min(events.size(), after);
    return List.copyOf(events.subList(from, Math.min(events.size(), from + limit)));
  }

  @Override
  public EventCheck verify(String json) {
    try (JsonReader reader = new JsonReader(new StringReader(json))) {
      reader.setStrictness(Strictness.STRICT);
      reader.beginObject();
      while (reader.hasNext()) {
        var _ = reader.nextName();
        reader.skipValue();
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new IllegalArgumentException("the body cannot be read: not JSON");
      }
    } catch (IOException | IllegalStateException e) {
      throw new IllegalArgumentException("the body cannot be read: not JSON", e);
    }
    if (json.contains("reporter_pubkey")) {
      return new EventCheck(
          true,
          false,
          Optional.of("0".repeat(64)),
          Optional.of(NODE_ID),
          List.of(
              new EventCheck.Step("form", true, "wire protocol", "all fields are there"),
              new EventCheck.Step("id", true, "SHA-256, SUN", "it is the hash of the content"),
              new EventCheck.Step(
                  "signature",
                  true,
                  "RSASSA-PSS with SHA-256, AmazonCorrettoCryptoProvider",
                  "made by the key that the event carries"),
              new EventCheck.Step("time", true, "this node's clock", "within what is taken"),
              new EventCheck.Step("tlp", true, "marking", "clear: it may go to anybody")),
          Optional.of(1L));
    }
    return new EventCheck(
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        List.of(new EventCheck.Step("form", false, "wire protocol", "id is missing")),
        Optional.empty());
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
  public NodeFacts facts() {
    return new NodeFacts(
        "RSA-2048",
        Optional.of(startedAt.minus(Duration.ofDays(40))),
        "/var/lib/cyphermesh",
        Optional.of(42L << 30),
        6);
  }

  @Override
  public Optional<ScoreHistory> scores(String peer) {
    requirePeer(peer);
    Instant now = clock.instant();
    return peers.stream()
        .filter(known -> known.id().equals(Optional.of(peer)))
        .findFirst()
        .map(
            known ->
                new ScoreHistory(
                    now.minus(Duration.ofDays(7)),
                    now,
                    Duration.ofMinutes(15),
                    List.of(
                        new ScoreHistory.Point(now.minus(Duration.ofDays(6)), 0),
                        new ScoreHistory.Point(
                            now.minus(Duration.ofDays(2)), known.reputation() / 2 + 3),
                        new ScoreHistory.Point(
                            now.minus(Duration.ofHours(1)), known.reputation()))));
  }

  private static void requirePeer(String peer) {
    if (!peer.matches("[0-9a-f]{64}|[0-9]+(\\.[0-9]+){3}")) {
      throw new IllegalArgumentException("a peer is named by its node id");
    }
  }

  @Override
  public PeerBan ban(String peer) {
    requirePeer(peer);
    if (peer.equals(NODE_ID)) {
      throw new IllegalArgumentException("that is this node itself");
    }
    return banned(peer, true).orElse(new PeerBan(peer, true, 0, Optional.empty(), true));
  }

  @Override
  public PeerBan lift(String peer) {
    requirePeer(peer);
    return banned(peer, false).orElseThrow(() -> new UnknownPeerException(peer));
  }

  private Optional<PeerBan> banned(String peer, boolean banned) {
    Optional<PeerView> known =
        peers.stream().filter(each -> each.id().equals(Optional.of(peer))).findFirst();
    known.ifPresent(
        old -> {
          peers.replaceAll(
              each ->
                  each.equals(old)
                      ? new PeerView(
                          old.nodeId(),
                          old.address(),
                          banned ? PeerView.State.DISCONNECTED : old.state(),
                          banned ? Optional.empty() : old.direction(),
                          banned ? Optional.empty() : old.agent(),
                          banned ? old.reputation() : Math.max(0, old.reputation()),
                          banned,
                          Optional.empty(),
                          old.validEvents(),
                          old.invalidEvents(),
                          old.since(),
                          old.lastSeen(),
                          banned ? Optional.of("the peer is banned") : old.lastError(),
                          banned ? Optional.empty() : old.link(),
                          old.reserve(),
                          old.id(),
                          banned)
                      : each);
          tell(new ViewChange.PeersChanged());
        });
    return known.map(
        old ->
            new PeerBan(
                peer,
                banned,
                banned ? old.reputation() : Math.max(0, old.reputation()),
                Optional.empty(),
                old.banned() != banned));
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
  public void forgetPeer(HostPort address) {
    PeerView known =
        peers.stream()
            .filter(peer -> peer.address().equals(Optional.of(address.toString())))
            .findFirst()
            .orElseThrow(() -> new UnknownPeerException("at " + address));
    if (known.state() == PeerView.State.CONNECTED) {
      throw new PeerLinkedException(address);
    }
    peers.remove(known);
    tell(new ViewChange.PeersChanged());
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
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        false);
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

  /** Whether it answers searches and statistics by what it has, and not with examples. */
  volatile boolean counts;

  private synchronized Counts counts() {
    return new Counts(List.copyOf(events), clock.instant());
  }

  /** What was asked last. */
  volatile EventFilter asked = EventFilter.ALL;

  /** Looks at ten events a page, as the real one looks at many thousands. */
  @Override
  public EventPage events(EventFilter filter, int limit, Optional<Long> before) {
    beforePage.run();
    return found(filter, limit, before);
  }

  private synchronized EventPage found(EventFilter filter, int limit, Optional<Long> before) {
    asked = filter;
    if (filter.equals(EventFilter.ALL)) {
      return events(limit, before);
    }
    if (counts) {
      return counts().page(filter, limit, before);
    }
    List<EventView> looked =
        events.reversed().stream()
            .filter(event -> event.seq() < before.orElse(Long.MAX_VALUE))
            .limit(10)
            .toList();
    List<EventView> found =
        looked.stream()
            .filter(
                event -> filter.type().isEmpty() || filter.type().get().equals(event.threatType()))
            .limit(limit)
            .toList();
    boolean full = found.size() == limit;
    long last = full ? found.getLast().seq() : looked.isEmpty() ? 1 : looked.getLast().seq();
    return new EventPage(found, last > 1 ? Optional.of(last) : Optional.empty(), !full && last > 1);
  }

  @Override
  public Optional<RelatedView> related(String key, int limit) {
    if (counts) {
      return event(key).flatMap(event -> counts().related(event));
    }
    return event(key)
        .map(
            event ->
                new RelatedView(
                    indicator(event.sourceIp()),
                    List.of(new RelatedView.Sighting(event.reporterId(), 3)),
                    List.of(event)));
  }

  private IndicatorView indicator(String value) {
    return new IndicatorView(
        value,
        3,
        1,
        Severity.HIGH,
        List.of("port-scan"),
        clock.instant().minusSeconds(9),
        clock.instant());
  }

  @Override
  public IndicatorPage indicators(
      IndicatorSort sort,
      SortOrder order,
      Optional<String> text,
      int limit,
      Optional<String> cursor) {
    if (counts) {
      int from = cursor.map(at -> Integer.parseInt(at.substring(1))).orElse(0);
      return counts().indicators(sort, order, text, limit, from);
    }
    if (cursor.isPresent() && !cursor.get().equals("e3-1")) {
      throw new IllegalArgumentException("that cursor is of no page");
    }
    return new IndicatorPage(
        List.of(indicator(text.orElse("203.0.113.1"))),
        cursor.isPresent() ? Optional.empty() : Optional.of("e3-1"),
        false);
  }

  @Override
  public Timeline timeline(Span span) {
    if (counts) {
      return counts().timeline(span);
    }
    return new Timeline(
        span.bucket(), List.of(new Timeline.Bucket(clock.instant(), 1, 2, 3, 4, 5)));
  }

  @Override
  public TopLists tops(Span span) {
    if (counts) {
      return counts().tops(span);
    }
    return new TopLists(
        clock.instant(),
        10,
        5,
        List.of(new TopLists.Top("203.0.113.1", 6)),
        List.of(new TopLists.Top("<script>", 4)),
        List.of());
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
