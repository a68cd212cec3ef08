package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.PeerDiscovery;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.api.Transport;
import io.cyphermesh.core.export.ExportSettings;
import io.cyphermesh.core.plugin.Extensions.Extension;
import io.cyphermesh.core.source.FailedLine;
import io.cyphermesh.core.source.FollowSettings;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.view.PluginView;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.pf4j.PluginWrapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads plugins from folders of jars, lends them what their contract promises, and supervises them.
 *
 * <p>A jar that is broken, does not fit or fails is shown as {@code FAILED} with the reason; it
 * never keeps another one from running and never throws at the node. That contains faults, not
 * malice: Java has no sandbox.
 */
public final class PluginHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

  /** The section that is the same for every exporter. */
  private static final String EXPORT = "export";

  private static final Config EXPORT_DEFAULTS =
      ConfigFactory.parseString(
          "from = end, batch = 100, amber = false, min-severity = low, types = [],"
              + " exclude-types = [], only-local = false");

  private final PluginHostSettings settings;
  private final DetectionSink sink;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Timing timing;
  private final String apiVersion;
  private final RunningCopies copies;
  private final Map<String, HostedPlugin> plugins = new ConcurrentHashMap<>();
  private final List<SupervisedExtension<?>> detectors = new CopyOnWriteArrayList<>();
  private final List<CheckpointSlot> slots = new CopyOnWriteArrayList<>();
  private final List<LoadedExporter> exporters = new CopyOnWriteArrayList<>();
  private final List<SupervisedExtension<?>> exporting = new CopyOnWriteArrayList<>();
  private final Doorbell stored = new Doorbell();
  private final List<LoadedDiscovery> discoveries = new CopyOnWriteArrayList<>();
  private final List<SupervisedExtension<?>> discovering = new CopyOnWriteArrayList<>();
  private final List<LoadedTransport> transports = new CopyOnWriteArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread checkpoints;

  /** PF4J is not thread-safe: this one thread makes all calls of it. */
  private final ThreadPoolExecutor control =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(16),
          Thread.ofPlatform().daemon().name("plugin-control").factory());

  private final Pf4jPlugins pf4j;

  /**
   * The host's times.
   *
   * @param checkpointEvery how often detectors' own checkpoints are saved
   * @param stop how long all plugins together may take to stop
   */
  record Timing(
      FollowSettings follow,
      Duration checkpointEvery,
      Duration stop,
      SupervisedExtension.Pause pause) {
    static Timing usual() {
      return new Timing(
          FollowSettings.live(), Duration.ofSeconds(5), Duration.ofSeconds(10), Thread::sleep);
    }
  }

  private PluginHost(
      PluginHostSettings settings,
      DetectionSink sink,
      InstantSource clock,
      RandomGenerator random,
      Timing timing) {
    this.settings = settings;
    this.sink = sink;
    this.clock = clock;
    this.random = random;
    this.timing = timing;
    this.apiVersion = apiVersion();
    this.copies = new RunningCopies(settings.dataDirectory().resolve("plugins-running"));
    this.pf4j = new Pf4jPlugins(apiVersion);
    this.checkpoints =
        Thread.ofPlatform().daemon().name("plugin-checkpoints").unstarted(this::saveCheckpoints);
  }

  /** Opens a host; nothing is loaded yet. */
  public static PluginHost open(
      PluginHostSettings settings,
      DetectionSink sink,
      InstantSource clock,
      RandomGenerator random) {
    return open(settings, sink, clock, random, Timing.usual());
  }

  static PluginHost open(
      PluginHostSettings settings,
      DetectionSink sink,
      InstantSource clock,
      RandomGenerator random,
      Timing timing) {
    PluginHost host = new PluginHost(settings, sink, clock, random, timing);
    host.checkpoints.start();
    return host;
  }

  /**
   * Finds and loads the jars of all folders. Called once. Returns when each one's fate is known.
   */
  public void load() {
    onControl(this::loadAll);
    changed();
  }

  /** The transports that were loaded; the node starts and uses them. */
  public List<LoadedTransport> transports() {
    return List.copyOf(transports);
  }

  /** Starts the detectors that were loaded. Called once. Returns at once. */
  public void startDetectors() {
    detectors.forEach(SupervisedExtension::start);
  }

  /** Starts the exporters that were loaded. Called once, before anything is stored. */
  public void startExporters(EventStore store, NodeId self) {
    for (LoadedExporter loaded : exporters) {
      SupervisedExtension<Exporter> exporter =
          new SupervisedExtension<>(
              loaded.pluginId(),
              loaded.type(),
              new ExporterWork(
                  loaded.pluginId() + "/" + loaded.type().getName(),
                  loaded.context(),
                  loaded.settings(),
                  new ExporterWork.Node(store, self, stored),
                  loaded.status(),
                  timing.pause(),
                  new SplittableRandom(random.nextLong())),
              clock,
              loaded.status(),
              restarts(),
              timing.pause());
      exporting.add(exporter);
      exporter.start();
    }
  }

  /** Says that an event was stored; exporters have something to do. Never blocks. */
  public void stored() {
    if (!exporting.isEmpty()) {
      stored.ring();
    }
  }

  /** Starts what looks for peers. Called at most once, when the node listens. Returns at once. */
  public void startDiscovery(DiscoverySink node) {
    for (LoadedDiscovery loaded : discoveries) {
      SupervisedExtension<PeerDiscovery> discovery =
          new SupervisedExtension<>(
              loaded.pluginId(),
              loaded.type(),
              new DiscoveryWork(loaded.context(), node, loaded.status()),
              clock,
              loaded.status(),
              restarts(),
              timing.pause());
      discovering.add(discovery);
      discovery.start();
    }
  }

  /** Shows what looks for peers as {@code DISABLED}, where the operator does not want any. */
  public void disableDiscovery() {
    discoveries.forEach(loaded -> loaded.status().to(PluginState.DISABLED));
  }

  public PluginView enable(String id) throws InterruptedException {
    return view(id);
  }

  public PluginView disable(String id) throws InterruptedException {
    return view(id);
  }

  public PluginView reload(String id) throws InterruptedException {
    return view(id);
  }

  private PluginView view(String id) throws InterruptedException {
    HostedPlugin plugin = plugins.get(id);
    if (plugin == null) {
      throw new io.cyphermesh.core.control.UnknownPluginException(id);
    }
    Thread.sleep(0);
    return plugin.view();
  }

  /** All plugins as they are now, by id. */
  public List<PluginView> views() {
    return plugins.values().stream()
        .map(HostedPlugin::view)
        .sorted(Comparator.comparing(PluginView::id))
        .toList();
  }

  /**
   * Has a listener called after each change of a plugin's state, on any thread; it must not block.
   */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /**
   * Stops every plugin, within 10 s in all; what does not stop becomes {@code WEDGED} and can
   * report nothing any more. Checkpoints are saved.
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    checkpoints.interrupt();
    List<SupervisedExtension<?>> running = new ArrayList<>(discovering);
    running.addAll(detectors);
    running.addAll(exporting);
    running.forEach(SupervisedExtension::stop);
    Stream.concat(
            discoveries.stream().map(LoadedDiscovery::status),
            exporters.stream().map(LoadedExporter::status))
        .filter(status -> status.now().state() == PluginState.RESOLVED)
        .forEach(status -> status.to(PluginState.STOPPED));
    transports.forEach(LoadedTransport::stop);
    boolean interrupted = false;
    boolean wedged = false;
    long end = System.nanoTime() + timing.stop().toNanos();
    for (SupervisedExtension<?> extension : running) {
      try {
        wedged |= !extension.awaitStop(left(end, interrupted));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    for (LoadedTransport transport : transports) {
      try {
        wedged |= !transport.awaitStop(left(end, interrupted));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    for (CheckpointSlot slot : slots) {
      interrupted |= !flush(slot);
    }
    // Closing a jar under a thread that still runs in it gives it errors that explain nothing.
    boolean unload = !wedged && !interrupted;
    onControl(() -> stopAll(unload));
    control.shutdown();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration left(long end, boolean hurry) {
    return hurry ? Duration.ZERO : Duration.ofNanos(end - System.nanoTime());
  }

  private void loadAll() {
    JarScan scan = JarScan.of(settings.directories(), pf4j.getVersionManager(), apiVersion);
    for (JarScan.Refused refused : scan.refused()) {
      LOG.warn("plugin {}: {}", refused.name(), refused.reason());
      HostedPlugin plugin =
          new HostedPlugin(
              refused.name(),
              refused.version(),
              refused.provider(),
              refused.description(),
              List.of(),
              status());
      plugin.own().failed(refused.reason(), Optional.empty());
      plugins.put(plugin.id(), plugin);
    }
    Map<String, PluginJar> waiting = new LinkedHashMap<>(scan.chosen());
    boolean progress = true;
    while (progress) {
      progress = false;
      for (PluginJar jar : List.copyOf(waiting.values())) {
        if (jar.dependencies().stream().allMatch(id -> pf4j.getPlugin(id) != null)) {
          waiting.remove(jar.id());
          loadOne(jar);
          progress = true;
        }
      }
    }
    for (PluginJar jar : waiting.values()) {
      fail(
          known(jar),
          "it needs the plugins " + String.join(", ", jar.dependencies()) + ", not all are loaded");
    }
    copies.clean();
    warnOfUnknownSections(scan.chosen().keySet());
  }

  private void loadOne(PluginJar jar) {
    HostedPlugin plugin = known(jar);
    try {
      Config section = jar.section(settings.config());
      if (!jar.enabled(section)) {
        LOG.info("plugin {} is disabled", jar.id());
        plugin.own().to(PluginState.DISABLED);
        return;
      }
      Path copy = copies.of(jar.id(), jar.file());
      pf4j.loadPlugin(copy);
      List<Extension> extensions = Extensions.find(jar, pf4j.getPluginClassLoader(jar.id()));
      String pluginClass = pf4j.getPlugin(jar.id()).getDescriptor().getPluginClass();
      if (extensions.isEmpty()
          && (pluginClass == null || pluginClass.equals(org.pf4j.Plugin.class.getName()))) {
        throw new PluginRefusedException(
            "it extends nothing: name a class in "
                + ExtensionKind.DETECTOR.serviceFile()
                + " or mark one with @Extension");
      }
      start(jar.id());
      plugin.own().to(extensions.isEmpty() ? PluginState.ACTIVE : PluginState.RESOLVED);
      host(plugin, section.withoutPath("enabled"), extensions);
      LOG.info("plugin {} {} is loaded from {}", jar.id(), jar.version(), jar.file());
    } catch (SettingsException | PluginRefusedException e) {
      fail(plugin, String.valueOf(e.getMessage()));
      unload(jar.id());
    } catch (Throwable e) {
      LOG.debug("plugin {}", jar.id(), e);
      fail(plugin, Fault.line(e));
      unload(jar.id());
    }
  }

  private void start(String id) throws PluginRefusedException {
    if (pf4j.startPlugin(id) == org.pf4j.PluginState.STARTED) {
      return;
    }
    Throwable cause = pf4j.getPlugin(id).getFailedException();
    throw new PluginRefusedException(
        cause == null ? "PF4J did not start it" : String.valueOf(cause.getMessage()));
  }

  private void host(HostedPlugin plugin, Config section, List<Extension> extensions) {
    boolean exports = extensions.stream().anyMatch(each -> each.kind() == ExtensionKind.EXPORTER);
    plugin.kinds(extensions.stream().map(each -> each.kind().label()).distinct().toList());
    PluginContext context =
        new HostedContext(
            plugin.id(),
            exports ? section.withoutPath(EXPORT) : section,
            clock,
            settings.dataDirectory().resolve("plugins-data").resolve(plugin.id()));
    for (Extension extension : extensions) {
      ExtensionStatus status = status();
      status.to(PluginState.RESOLVED);
      plugin.add(status);
      switch (extension.kind()) {
        case DETECTOR -> {
          Class<? extends Detector> type = extension.type().asSubclass(Detector.class);
          String owner = plugin.id() + "/" + type.getName();
          CheckpointSlot slot =
              new CheckpointSlot(sink, owner, plugin.id(), status, timing.pause());
          Restarts restarts = restarts();
          // Lines that make a parser fail can be written by anybody who writes to the log: a few of
          // them must not stop the detector for good.
          FailedLine failedLine = new FailedLine(restarts::forget);
          slots.add(slot);
          detectors.add(
              new SupervisedExtension<>(
                  plugin.id(),
                  type,
                  new DetectorWork(context, slot, failedLine, timing.follow()),
                  clock,
                  status,
                  restarts,
                  timing.pause()));
        }
        case TRANSPORT ->
            transports.add(
                new LoadedTransport(
                    plugin.id(), extension.type().asSubclass(Transport.class), context, status));
        case EXPORTER ->
            exporters.add(
                new LoadedExporter(
                    plugin.id(),
                    extension.type().asSubclass(Exporter.class),
                    context,
                    exportSettings(plugin.id(), section),
                    status));
        case DISCOVERY ->
            discoveries.add(
                new LoadedDiscovery(
                    plugin.id(),
                    extension.type().asSubclass(PeerDiscovery.class),
                    context,
                    status));
      }
    }
  }

  private static ExportSettings exportSettings(String id, Config section) {
    Config own = section.hasPath(EXPORT) ? section.getConfig(EXPORT) : ConfigFactory.empty(EXPORT);
    return RecordConfig.read(
        own.withFallback(EXPORT_DEFAULTS), "plugins." + id + "." + EXPORT, ExportSettings.class);
  }

  private Restarts restarts() {
    return new Restarts(clock, new SplittableRandom(random.nextLong()));
  }

  private HostedPlugin known(PluginJar jar) {
    HostedPlugin plugin =
        new HostedPlugin(
            jar.id(), jar.version(), jar.provider(), jar.description(), jar.kinds(), status());
    plugins.put(jar.id(), plugin);
    return plugin;
  }

  private void fail(HostedPlugin plugin, String reason) {
    LOG.warn("plugin {}: {}", plugin.id(), reason);
    plugin.own().failed(reason, Optional.empty());
  }

  private ExtensionStatus status() {
    return new ExtensionStatus(PluginState.INSTALLED, clock, this::changed);
  }

  private void warnOfUnknownSections(Set<String> ids) {
    if (!settings.config().hasPath("plugins")
        || settings.config().getValue("plugins").valueType() != ConfigValueType.OBJECT) {
      return;
    }
    settings
        .config()
        .getObject("plugins")
        .forEach(
            (id, value) -> {
              if (value.valueType() == ConfigValueType.OBJECT && !ids.contains(id)) {
                LOG.warn("plugins.{} is configured, but there is no such plugin", id);
              }
            });
  }

  /** One by one over a copy: PF4J's own stopPlugins() stumbles over its list. */
  private void stopAll(boolean unload) {
    for (PluginWrapper wrapper : List.copyOf(pf4j.getStartedPlugins()).reversed()) {
      try {
        pf4j.stopPlugin(wrapper.getPluginId());
      } catch (Throwable e) {
        LOG.warn("plugin {} failed to stop: {}", wrapper.getPluginId(), Fault.line(e));
      }
    }
    for (HostedPlugin plugin : plugins.values()) {
      if (plugin.own().now().state() == PluginState.ACTIVE) {
        plugin.own().to(PluginState.STOPPED);
      }
    }
    if (unload) {
      List<String> ids = new ArrayList<>();
      pf4j.getPlugins().forEach(wrapper -> ids.add(wrapper.getPluginId()));
      ids.forEach(this::unload);
    }
  }

  private void unload(String id) {
    try {
      if (pf4j.getPlugin(id) != null) {
        pf4j.unloadPlugin(id);
      }
    } catch (Throwable e) {
      LOG.warn("plugin {} cannot be unloaded: {}", id, Fault.line(e));
    }
  }

  private void onControl(Runnable work) {
    Future<?> done = control.submit(work);
    boolean interrupted = false;
    while (true) {
      try {
        done.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void saveCheckpoints() {
    try {
      while (!closed.get()) {
        Thread.sleep(timing.checkpointEvery());
        for (CheckpointSlot slot : slots) {
          if (!flush(slot)) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("checkpoints are saved by close() now");
    }
  }

  /** Whether to go on: false when interrupted. */
  private static boolean flush(CheckpointSlot slot) {
    try {
      slot.flush();
      return true;
    } catch (InterruptedException e) {
      return false;
    } catch (RuntimeException e) {
      LOG.warn("a checkpoint could not be saved: {}", e.toString());
      return true;
    }
  }

  private void changed() {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.warn("a listener to plugin changes failed", e);
      }
    }
  }

  /** The build's, without -SNAPSHOT, which no range would match. */
  static String apiVersion() {
    try (InputStream in = PluginHost.class.getResourceAsStream("api.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      String version = properties.getProperty("version");
      if (version == null) {
        throw new IllegalStateException("api.properties is not in the core's jar");
      }
      return version.replaceFirst("-SNAPSHOT$", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Looks for peers, once the node listens. */
  private record LoadedDiscovery(
      String pluginId,
      Class<? extends PeerDiscovery> type,
      PluginContext context,
      ExtensionStatus status) {}

  /** An exporter of a loaded plugin; it runs once the node has its store. */
  private record LoadedExporter(
      String pluginId,
      Class<? extends Exporter> type,
      PluginContext context,
      ExportSettings settings,
      ExtensionStatus status) {}
}
