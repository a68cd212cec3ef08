package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.OriginalKeys;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.mesh.Mesh;
import io.cyphermesh.core.mesh.Remembered;
import io.cyphermesh.core.mesh.Route;
import io.cyphermesh.core.peer.CatchUp;
import io.cyphermesh.core.peer.LinkSession;
import io.cyphermesh.core.peer.PeerLinks;
import io.cyphermesh.core.peer.Uploads;
import io.cyphermesh.core.pipeline.EventImport;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.pipeline.LocalReports;
import io.cyphermesh.core.pipeline.OriginalVerifier;
import io.cyphermesh.core.pipeline.Pipeline;
import io.cyphermesh.core.pipeline.ReporterRates;
import io.cyphermesh.core.plugin.PluginHost;
import io.cyphermesh.core.plugin.PluginHostSettings;
import io.cyphermesh.core.plugin.SettingsException;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PlainCodec;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.reputation.ReputationRules;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.view.LiveFeed;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.ViewChange;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node: every part is named here once, in the order in which data meets them, and stopped in the
 * reverse order.
 */
public final class MeshNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MeshNode.class);
  private static final String NETWORK = "cyphermesh";
  private static final Duration SEEDS_WAIT = Duration.ofSeconds(10);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private volatile Optional<TransportSlot> transports = Optional.empty();

  /** Whether what looks for peers was told where this node listens; a later change is told, too. */
  private volatile boolean discovering;

  private volatile Optional<PeerLinks> links = Optional.empty();
  private volatile Optional<MeshDriver> driver = Optional.empty();
  private volatile Optional<PluginHost> plugins = Optional.empty();
  private final NodeView view;
  private final NodeControl control;

  /**
   * Starts a node. Returns when it listens and its plugins have been started.
   *
   * @throws IOException if it cannot run here; the message is one line that says what to do
   */
  public static MeshNode start(NodeSettings settings, MeterRegistry meters, InstantSource clock)
      throws IOException {
    return new MeshNode(settings, meters, clock);
  }

  private MeshNode(NodeSettings settings, MeterRegistry meters, InstantSource clock)
      throws IOException {
    boolean started = false;
    try {
      Limits limits = Limits.from(settings.config());
      LongSupplier nanos = System::nanoTime;
      SecureRandom secureRandom = new SecureRandom();
      SplittableRandom random = new SplittableRandom(secureRandom.nextLong());
      ThreadFactory threads = Thread.ofVirtual().name("node-", 0).factory();
      Path data = settings.dataDirectory();
      createPrivate(data);
      Dwelling dwelling = new Dwelling(data.toAbsolutePath());

      Rsa rsa = Rsa.fastest();
      NodeIdentity identity =
          NodeIdentity.open(
              dwelling.keys(), Optional.ofNullable(System.getenv("CYPHER_KEY_PASSPHRASE")), rsa);
      NodeId self = identity.nodeId();

      SqliteEventStore store =
          own(
              SqliteEventStore.open(
                  dwelling.database(),
                  limits.store(),
                  new ReporterRates(limits.reporters(), limits.late(), nanos),
                  clock,
                  nanos));
      LiveFeed feed = new LiveFeed();
      Reputation reputation =
          new Reputation(
              store,
              clock,
              standing -> feed.publish(new ViewChange.PeersChanged()),
              standing -> ignoredOrNot(standing, clock));
      Pipeline pipeline =
          new Pipeline(
              new EventVerifier(rsa),
              new OriginalVerifier(new OriginalKeys()),
              store,
              reputation::ignored,
              limits.store().retention(),
              clock);
      BiConsumer<StoredEvent, Route> storedHere =
          (stored, route) -> {
            driver.ifPresent(d -> d.storedHere(stored, route));
            publish(feed, stored);
          };
      VerdictCounts verdicts = new VerdictCounts(meters);
      LocalReports reports =
          new LocalReports(
              identity,
              store,
              clock,
              stored -> {
                verdicts.countLocal();
                storedHere.accept(stored, Route.NONE);
              });

      FrameCodec codec = new FrameCodec(clock, () -> randomId(secureRandom));
      ClockSkew clockSkew = new ClockSkew();
      OwnRecords ownRecords = new OwnRecords(identity, clock);
      ExecutorService verifiers = own(verifiers());
      EventImport imports =
          new EventImport(
              pipeline,
              store,
              Optional.of(self),
              verifiers,
              stored -> storedHere.accept(stored, Route.IMPORTED));
      MeshDriver mesh =
          new MeshDriver(
              new Mesh(limits.mesh(settings.acceptV1()), self, random.split()),
              new MeshDriver.Parts(
                  self,
                  () -> links.orElseThrow(),
                  () -> transports.flatMap(TransportSlot::transport),
                  pipeline,
                  reputation,
                  store,
                  new CatchUp(store, codec, limits.replay()),
                  own(new Uploads(store, codec, limits.uploadBytesPerSecond(), nanos, LOG)),
                  rsa,
                  codec,
                  verdicts,
                  new Reconciliations(meters, LOG),
                  verifiers,
                  threads,
                  clock,
                  nanos,
                  ownRecords,
                  clockSkew,
                  stored -> publish(feed, stored),
                  () -> feed.publish(new ViewChange.PeersChanged()),
                  LOG));
      own(mesh);
      driver = Optional.of(mesh);

      // Before the links, so that it outlives them: they run in a plugin's classes.
      PluginHost host =
          own(
              PluginHost.open(
                  new PluginHostSettings(
                      data, settings.pluginFolders(), settings.config(), settings.reread()),
                  new PluginReports(reports, store),
                  clock,
                  random.split()));

      ScheduledThreadPoolExecutor timers = timers();
      own(timers);
      PeerLinks peerLinks =
          own(
              new PeerLinks(
                  limits.link(),
                  limits.sessions(),
                  limits.plain(settings.acceptV1()),
                  new Message.Hello(2, NETWORK, 0, "cyphermesh/" + version(), Mesh.CAPABILITIES),
                  new PeerLinks.Shared(
                      codec,
                      new PlainCodec(clock, () -> randomId(secureRandom)),
                      clock,
                      nanos,
                      Thread.ofVirtual().name("link-", 0).factory(),
                      new Semaphore(Runtime.getRuntime().availableProcessors()),
                      timers,
                      new PeerLinks.Meters(
                          Counter.builder("cyphermesh.links.left.out")
                              .description("Events that a full queue left out for now")
                              .register(meters),
                          Counter.builder("cyphermesh.links.dropped")
                              .description("Announcements for which a queue had no room")
                              .register(meters)),
                      LOG),
                  mesh));
      links = Optional.of(peerLinks);

      plugins = Optional.of(host);
      host.onChange(() -> feed.publish(new ViewChange.PluginsChanged()));
      host.load();
      host.startExporters(store, self);

      view =
          new LocalView(
              new LocalView.Sources(
                  self,
                  dwelling::facts,
                  version(),
                  rsa.providerName(),
                  clock.instant(),
                  clock,
                  store,
                  new EventInspection(rsa, pipeline, store),
                  reputation,
                  mesh,
                  verdicts,
                  clockSkew,
                  id -> peerLinks.session(id).map(LinkSession::traffic),
                  () -> transports.flatMap(TransportSlot::address),
                  host::views,
                  feed));
      control = new LocalControl(self, store, reputation, mesh, reports, imports, host, verdicts);
      gauges(meters, store, mesh, reputation);
      NodeMeters.bind(
          meters,
          store,
          peerLinks,
          mesh::waiting,
          () -> verifiers instanceof ThreadPoolExecutor pool ? pool.getQueue().size() : 0);

      mesh.start();
      reputation.ignored().forEach(standing -> ignoredOrNot(standing, clock));
      TransportSlot slot =
          own(
              new TransportSlot(
                  settings.listen(),
                  new TransportSlot.How(identity.tls(), limits.transport(), settings.acceptV1()),
                  peerLinks,
                  address -> {
                    ownRecords.listensOn(address.port());
                    if (discovering) {
                      discover(settings, host, self, mesh);
                    }
                  }));
      transports = Optional.of(slot);
      // The host knows its user first, so that a transport that goes meanwhile is left as well.
      host.useTransports(slot);
      slot.useFirst(host.transports());
      boolean known = dialKnown(settings, store, mesh);
      seeds(limits, known, mesh);
      discovering = true;
      discover(settings, host, self, mesh);
      host.startDetectors();
      started = true;
    } catch (SettingsException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  /**
   * Verification runs on as many threads as there are cores; what waits is bounded by the links'
   * in-flight limits.
   */
  private static ExecutorService verifiers() {
    int cores = Runtime.getRuntime().availableProcessors();
    return new ThreadPoolExecutor(
        cores,
        cores,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(65_536),
        Thread.ofPlatform().name("verify-", 0).daemon().factory());
  }

  private static ScheduledThreadPoolExecutor timers() {
    ScheduledThreadPoolExecutor timers = new Timers();
    timers.setRemoveOnCancelPolicy(true);
    timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timers.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    return timers;
  }

  /** What ends a task is told as though nobody had caught it; the JDK's keeps it to itself. */
  private static final class Timers extends ScheduledThreadPoolExecutor {
    Timers() {
      super(1, Thread.ofPlatform().name("link-timers").daemon().factory());
    }

    @Override
    protected void afterExecute(Runnable task, Throwable thrown) {
      super.afterExecute(task, thrown);
      if (task instanceof Future<?> done && done.state() == Future.State.FAILED) {
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, done.exceptionNow());
      }
    }
  }

  /** Who knows addresses asks nobody before they were tried. */
  private void seeds(Limits limits, boolean known, MeshDriver mesh) {
    own(new DnsSeeds(
            limits.dnsSeeds(),
            DnsSeeds::system,
            () -> mesh.snapshot().links().size(),
            address ->
                mesh.tell(new Input.AddAddress(address, AddressOrigin.DNS, Optional.empty())),
            known ? SEEDS_WAIT : Duration.ZERO,
            LOG))
        .start();
  }

  /** Whether there are any. */
  private static boolean dialKnown(NodeSettings settings, EventStore store, MeshDriver mesh)
      throws InterruptedException {
    List<Remembered> known = store.addresses().stream().map(KnownAddresses::remembered).toList();
    mesh.put(new Input.Recall(known));
    if (settings.seed().isPresent()) {
      mesh.put(
          new Input.AddAddress(settings.seed().get(), AddressOrigin.OPERATOR, Optional.empty()));
    }
    return !known.isEmpty() || settings.seed().isPresent();
  }

  private void discover(NodeSettings settings, PluginHost host, NodeId self, MeshDriver mesh) {
    Optional<HostPort> address = transports.flatMap(TransportSlot::address);
    if (!settings.discovery() || address.filter(MeshNode::isLoopback).isPresent()) {
      host.disableDiscovery();
    } else if (address.isPresent()) {
      host.startDiscovery(
          new FoundPeers(
              self,
              () -> transports.flatMap(TransportSlot::address).map(HostPort::port).orElse(0),
              mesh));
    }
  }

  /** Nobody else could follow an invitation there. */
  private static boolean isLoopback(HostPort address) {
    return address.host().equalsIgnoreCase("localhost")
        || IpText.parse(address.host()).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  private void ignoredOrNot(Standing standing, InstantSource clock) {
    Instant now = clock.instant();
    Input input =
        standing.ignoredAt(now)
            ? new Input.Ignore(
                standing.peer(),
                whyIgnored(standing),
                standing.banned()
                    ? Optional.empty()
                    : standing.blockedUntil().map(until -> Duration.between(now, until)))
            : new Input.Restore(standing.peer());
    if (input instanceof Input.Ignore ignore) {
      LOG.info(
          "{} is ignored at a score of {}: {}",
          standing.peer().abbreviated(),
          standing.score(),
          ignore.reason());
    }
    driver.ifPresent(d -> d.tell(input));
  }

  private static String whyIgnored(Standing standing) {
    if (standing.banned()) {
      return "the peer is banned";
    }
    return standing.peer() instanceof PeerId.PlainHost && ReputationRules.bans(standing.score())
        ? "its plain links are banned for " + ReputationRules.PLAIN_BAN.toHours() + " h"
        : "too many invalid events within a minute";
  }

  private void publish(LiveFeed feed, StoredEvent stored) {
    plugins.ifPresent(PluginHost::stored);
    if (feed.hasListeners()) {
      feed.publish(new ViewChange.EventStored(StoreView.view(stored)));
    }
  }

  private static void gauges(
      MeterRegistry meters, EventStore store, MeshDriver mesh, Reputation reputation) {
    Gauge.builder("cyphermesh.events.stored", store, s -> s.counts().stored())
        .description("Events in the store")
        .register(meters);
    Gauge.builder("cyphermesh.store.bytes", store, EventStore::bytes)
        .description("Size of the database's files")
        .baseUnit("bytes")
        .register(meters);
    Gauge.builder("cyphermesh.links", mesh, m -> m.snapshot().links().size())
        .description("Links to peers that are up")
        .register(meters);
    Gauge.builder("cyphermesh.events.compared", mesh, MeshDriver::compared)
        .description("Stored events that are compared with those of peers")
        .register(meters);
    Gauge.builder("cyphermesh.peers.banned", reputation, Reputation::banned)
        .description("Peers that are banned")
        .register(meters);
  }

  private static UUID randomId(SecureRandom random) {
    long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low);
  }

  private static void createPrivate(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(directory);
    }
  }

  /** The software's version, as its jar tells it. */
  public static String version() {
    return Optional.ofNullable(MeshNode.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /** What can be seen of it. */
  public NodeView view() {
    return view;
  }

  /** What it can be told. */
  public NodeControl control() {
    return control;
  }

  /** Stops everything in the reverse order; durable state is complete afterwards. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        if (part instanceof ExecutorService pool) {
          pool.shutdownNow();
          if (!pool.awaitTermination(5, TimeUnit.SECONDS)) {
            LOG.warn("a pool did not stop in time");
          }
        } else {
          part.close();
        }
      } catch (Exception e) {
        LOG.warn("a part did not stop in order", e);
      }
    }
  }
}
