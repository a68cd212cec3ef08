package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueType;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.control.NodeBusyException;
import io.cyphermesh.core.control.PluginDisabledException;
import io.cyphermesh.core.control.UnknownPluginException;
import io.cyphermesh.core.plugin.HostedPlugin.About;
import io.cyphermesh.core.plugin.HostedPlugin.Note;
import io.cyphermesh.core.plugin.RunningCopies.Copy;
import io.cyphermesh.core.source.FollowSettings;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.core.view.PluginView.FailedUpgrade;
import io.cyphermesh.core.view.PluginView.PluginFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads plugins from folders of jars, lends them what their contract promises, supervises them, and
 * follows what happens in the folders: a new jar is loaded, a changed one takes the place of the
 * former, which comes back if the new one does not start, and one that is gone is unloaded.
 *
 * <p>A jar that is broken, does not fit or fails is shown as {@code FAILED} with the reason; it
 * never keeps another one from running and never throws at the node. That contains faults, not
 * malice: Java has no sandbox.
 */
public final class PluginHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

  /** So many runs of one plugin may be left behind; each holds its memory until it ends. */
  private static final int MOST_LEFT_BEHIND = 3;

  private static final int MOST_ORDERS = 16;

  /** A plugin's threads get at least this to heed an interrupt. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** So long an order waits for an extension to be made. */
  private static final Duration KNOWN_SOON = Duration.ofSeconds(2);

  private static final Set<PluginState> ON_THE_WAY =
      EnumSet.of(PluginState.INSTALLED, PluginState.RESOLVED, PluginState.STARTING);

  private final PluginHostSettings settings;
  private final Timing timing;
  private final String apiVersion;
  private final RunningCopies copies;
  private final PluginTrust trust;
  private final PluginMemory memory;
  private final PluginFolders folders;
  private final RunFactory runFactory;
  private final Pf4jPlugins pf4j;
  private final InstantSource clock;
  private final Map<String, HostedPlugin> plugins = new ConcurrentHashMap<>();
  private final List<CheckpointSlot> slots = new CopyOnWriteArrayList<>();
  private final Doorbell stored = new Doorbell();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Semaphore orders = new Semaphore(MOST_ORDERS);
  private final Thread checkpoints;
  private volatile Optional<ScheduledFuture<?>> ticking = Optional.empty();
  private volatile boolean exports;

  /** PF4J is not thread-safe: this one thread makes all calls of it. */
  private final ScheduledThreadPoolExecutor control =
      new ScheduledThreadPoolExecutor(1, this::controlThread);

  private volatile @Nullable Thread controlThread;

  // From here on the control thread's own.

  /** What runs, in the order in which it was loaded. */
  private final Map<String, PluginRun> runs = new LinkedHashMap<>();

  private final List<LeftBehind> leftBehind = new ArrayList<>();

  /** Jars that were decided on without a run: they failed to load, or are disabled. */
  private final Map<String, PluginJar> decided = new HashMap<>();

  /** Jars that were to take the place of a run and cannot. */
  private final Map<String, PluginJar> unfitUpgrades = new HashMap<>();

  private final Set<String> forced = new HashSet<>();

  /** The names under which refused jars and folders are listed. */
  private final Set<String> shown = new HashSet<>();

  private JarScan scan = new JarScan(Map.of(), Map.of(), List.of());
  private Openings openings = Openings.none();

  /** The settings as they were last read. */
  private Config config;

  private String lastComplaint = "";

  /** Whether the first jars are still being loaded, with the settings that the node began with. */
  private boolean first = true;

  private long nextLook;

  /** A run that did not stop; its plugin may have another one by now. */
  private record LeftBehind(String id, PluginRun run) {}

  /**
   * The host's times.
   *
   * @param checkpointEvery how often detectors' own checkpoints are saved
   * @param stop how long all plugins together may take to stop
   * @param tick how often it is seen to what became due
   * @param rescan how often the folders are looked at without a hint
   * @param settle how long a jar must not have changed to be taken as whole
   * @param probation how long an upgrade has to run without a fault
   */
  record Timing(
      FollowSettings follow,
      Duration checkpointEvery,
      Duration stop,
      SupervisedExtension.Pause pause,
      Duration tick,
      Duration rescan,
      Duration settle,
      Duration probation) {
    Timing(
        FollowSettings follow,
        Duration checkpointEvery,
        Duration stop,
        SupervisedExtension.Pause pause) {
      this(
          follow,
          checkpointEvery,
          stop,
          pause,
          Duration.ofMillis(500),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Duration.ofSeconds(10));
    }

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
    this.clock = clock;
    this.timing = timing;
    this.apiVersion = apiVersion();
    this.copies = new RunningCopies(settings.dataDirectory().resolve("plugins-running"));
    this.config = settings.config();
    this.trust = PluginTrust.of(settings.config(), settings.dataDirectory());
    this.memory = PluginMemory.open(settings.dataDirectory().resolve("plugins.json"));
    this.pf4j = new Pf4jPlugins(apiVersion);
    this.folders =
        new PluginFolders(
            settings.folders(),
            pf4j.getVersionManager(),
            apiVersion,
            timing.settle(),
            System::nanoTime);
    this.runFactory =
        new RunFactory(
            pf4j, settings.dataDirectory().resolve("plugins-data"), sink, clock, random, timing);
    this.checkpoints =
        Thread.ofPlatform().daemon().name("plugin-checkpoints").unstarted(this::saveCheckpoints);
    control.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    control.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
  }

  /**
   * Opens a host; nothing is loaded yet.
   *
   * @throws SettingsException if {@code plugins.trust} and what belongs to it is wrong
   */
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
   * Finds and loads the jars of all folders, and follows what happens there from now on. Called
   * once. Returns when each one's fate is known.
   */
  public void load() {
    onControl(
        () -> {
          try {
            look();
            warnOfUnknownSections();
          } catch (RuntimeException | StackOverflowError | LinkageError e) {
            // The node is worth more than its plugins; the next looks try again.
            LOG.error("loading the plugins failed", e);
          }
          first = false;
        });
    ticking =
        Optional.of(
            control.scheduleWithFixedDelay(
                this::tick,
                timing.tick().toMillis(),
                timing.tick().toMillis(),
                TimeUnit.MILLISECONDS));
  }

  /** The transports that were loaded and are not used yet; the node starts and uses them. */
  public List<LoadedTransport> transports() {
    List<LoadedTransport> found = new ArrayList<>();
    onControl(
        () -> {
          for (PluginRun run : runs.values()) {
            for (Part part : run.parts()) {
              if (part instanceof Part.OfTransport of) {
                found.add(of.transport());
              }
            }
          }
        });
    return found;
  }

  /** Hands over transports that come later, and takes back those that go. */
  public void useTransports(TransportUser user) {
    open(openings -> openings.with(user));
  }

  /** Starts the detectors, now and later. */
  public void startDetectors() {
    open(Openings::withDetectors);
  }

  /** Starts the exporters, now and later. Called before anything is stored. */
  public void startExporters(EventStore store, NodeId self) {
    open(openings -> openings.with(new ExporterWork.Node(store, self, stored)));
  }

  /** Says that an event was stored; exporters have something to do. Never blocks. */
  public void stored() {
    if (exports) {
      stored.ring();
    }
  }

  /** Starts what looks for peers, now and later. Called when the node listens. */
  public void startDiscovery(DiscoverySink node) {
    open(openings -> openings.with(node));
  }

  /** Shows what looks for peers as {@code DISABLED}, where the operator does not want any. */
  public void disableDiscovery() {
    open(Openings::withoutDiscoveries);
  }

  /** All plugins as they are now, by id. */
  public List<PluginView> views() {
    return plugins.values().stream()
        .map(HostedPlugin::view)
        .sorted(Comparator.comparing(PluginView::id))
        .toList();
  }

  /**
   * Has a plugin run from now on, also after a restart of the node, with its settings as they are
   * now.
   *
   * @throws UnknownPluginException if there is none of that id
   * @throws IllegalArgumentException if the settings cannot be read; the message is one line
   */
  public PluginView enable(String id) throws InterruptedException {
    return order(
        id,
        () -> {
          requireKnown(id);
          config = settings.reread().get();
          memory.switched(id, true);
          decided.remove(id);
          look();
        });
  }

  /**
   * Stops a plugin, and keeps it stopped after a restart of the node.
   *
   * @throws UnknownPluginException if there is none of that id
   */
  public PluginView disable(String id) throws InterruptedException {
    return order(
        id,
        () -> {
          requireKnown(id);
          memory.switched(id, false);
          memory.forgetRollBack(id);
          unfitUpgrades.remove(id);
          decided.remove(id);
          look();
        });
  }

  /**
   * Stops a plugin and starts it from its jar and its settings as they are now.
   *
   * @throws UnknownPluginException if there is none of that id
   * @throws PluginDisabledException if it is disabled
   * @throws IllegalArgumentException if the settings cannot be read; the message is one line
   */
  public PluginView reload(String id) throws InterruptedException {
    return order(
        id,
        () -> {
          HostedPlugin plugin = plugins.get(id);
          if (plugin != null && plugin.state() == PluginState.DISABLED) {
            throw new PluginDisabledException(id);
          }
          config = settings.reread().get();
          memory.forgetRollBack(id);
          unfitUpgrades.remove(id);
          decided.remove(id);
          forced.add(id);
          Optional.ofNullable(plugin)
              .flatMap(HostedPlugin::file)
              .ifPresent(file -> folders.takeAsItIs(Path.of(file.path())));
          look();
        });
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
    ticking.ifPresent(each -> each.cancel(false));
    onControl(
        () -> {
          end(withDependents(runs.keySet()), true);
          folders.close();
        });
    control.shutdown();
  }

  private PluginView order(String id, Runnable work) throws InterruptedException {
    if (!plugins.containsKey(id)) {
      throw new UnknownPluginException(id);
    }
    if (!orders.tryAcquire()) {
      throw new NodeBusyException("too many orders for plugins at once: try again");
    }
    try {
      if (closed.get()) {
        throw new NodeBusyException("the node stops");
      }
      control
          .submit(
              () -> {
                if (closed.get()) {
                  throw new NodeBusyException("the node stops");
                }
                work.run();
              })
          .get();
    } catch (CancellationException | RejectedExecutionException e) {
      throw new NodeBusyException("the node stops");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NodeBusyException busy) {
        throw busy;
      }
      if (e.getCause() instanceof UnknownPluginException unknown) {
        throw unknown;
      }
      if (e.getCause() instanceof PluginDisabledException disabled) {
        throw disabled;
      }
      if (e.getCause() instanceof IllegalArgumentException wrongSettings) {
        throw wrongSettings;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      orders.release();
    }
    return soonKnown(id);
  }

  /** A jar that is listed by its name, or a folder, is nothing that could be switched. */
  private void requireKnown(String id) {
    if (!scan.chosen().containsKey(id)
        && !runs.containsKey(id)
        && leftBehind.stream().noneMatch(left -> left.id().equals(id))) {
      throw new UnknownPluginException(id);
    }
  }

  /** An extension is made on a thread of its own; that takes a moment. */
  private PluginView soonKnown(String id) throws InterruptedException {
    long end = System.nanoTime() + KNOWN_SOON.toNanos();
    synchronized (listeners) {
      while (true) {
        HostedPlugin plugin = plugins.get(id);
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (plugin == null || !ON_THE_WAY.contains(plugin.state()) || left <= 0) {
          break;
        }
        listeners.wait(left);
      }
    }
    HostedPlugin plugin = plugins.get(id);
    if (plugin == null) {
      throw new UnknownPluginException(id);
    }
    return plugin.view();
  }

  private Thread controlThread(Runnable work) {
    Thread thread = Thread.ofPlatform().daemon().name("plugin-control").unstarted(work);
    controlThread = thread;
    return thread;
  }

  private void open(UnaryOperator<Openings> change) {
    onControl(
        () -> {
          openings = change.apply(openings);
          startParts();
        });
  }

  private void startParts() {
    if (closed.get()) {
      return;
    }
    for (PluginRun run : List.copyOf(runs.values())) {
      run.parts().forEach(part -> part.start(openings));
    }
    exports =
        runs.values().stream()
            .flatMap(run -> run.parts().stream())
            .anyMatch(part -> part.kind() == ExtensionKind.EXPORTER);
  }

  private void tick() {
    try {
      boolean hint = folders.changed();
      if (hint || !folders.settled() || System.nanoTime() - nextLook >= 0) {
        look();
      }
      for (PluginRun run : List.copyOf(runs.values())) {
        prove(run);
      }
      letGo();
    } catch (OutOfMemoryError e) {
      // No plugin's own, since no code of theirs runs here: for whoever hears of such threads.
      Thread current = Thread.currentThread();
      current.getUncaughtExceptionHandler().uncaughtException(current, e);
    } catch (Throwable e) {
      // The next one comes all the same: else nothing in the folders would be seen any more.
      LOG.error("looking after the plugins failed", e);
    }
  }

  /** Brings what runs in line with what is in the folders and with what the operator wants. */
  private void look() {
    scan = folders.look();
    nextLook = System.nanoTime() + timing.rescan().toNanos();
    Map<String, PreparedJar> ready = new HashMap<>();
    Set<String> ending = new LinkedHashSet<>();
    Set<String> ordered = Set.copyOf(forced);
    forced.clear();
    for (PluginRun run : List.copyOf(runs.values())) {
      String id = run.jar().id();
      PluginJar jar = scan.chosen().get(id);
      if (memory.switched(id).equals(Optional.of(false))) {
        ending.add(id);
      } else if (jar == null) {
        Optional<JarScan.Refused> instead = refusedInPlaceOf(run);
        if (instead.isEmpty()) {
          ending.add(id);
        } else {
          note(run, instead.get().version(), file(instead.get()), instead.get().reason());
        }
      } else if (ordered.contains(id)) {
        prepared(run, jar).ifPresent(fresh -> ready.put(id, fresh));
      } else if (jar.sameFile(run.jar().jar()) && !isUnfit(jar)) {
        // What was to take its place is gone.
        forgetUpgrade(id);
      } else if (!isUnfit(jar)) {
        prepared(run, jar)
            .filter(fresh -> isOther(run, fresh))
            .ifPresent(fresh -> ready.put(id, fresh));
      }
    }
    ending.addAll(ready.keySet());
    Map<String, PreparedJar> former = new HashMap<>();
    ready.forEach(
        (id, fresh) -> {
          PluginRun now = runs.get(id);
          if (now != null && !now.jar().sameContent(fresh)) {
            PreparedJar proven = now.fallback().orElse(now.jar());
            // One that the operator took away does not come back.
            if (proven.jar().file().equals(fresh.jar().file())
                || Files.exists(proven.jar().file())) {
              former.put(id, proven);
            }
          }
        });
    List<String> all = withDependents(ending);
    keepDependents(all, ending, ready);
    end(all, false);
    show(scan.refused());
    begin(ready, former);
    forget();
    copies.clean(copiesInUse());
  }

  /** What only ends since another one does begins again as it is. */
  private void keepDependents(
      List<String> all, Set<String> ending, Map<String, PreparedJar> ready) {
    for (String id : all) {
      PluginRun run = runs.get(id);
      if (run != null && !ending.contains(id)) {
        ready.putIfAbsent(id, run.jar());
      }
    }
  }

  private void forgetUpgrade(String id) {
    unfitUpgrades.remove(id);
    HostedPlugin plugin = plugins.get(id);
    if (plugin != null && plugin.note(Optional.empty())) {
      memory.forgetRollBack(id);
      changed();
    }
  }

  /** The jar of a run is still there, but is not fit any more. */
  private Optional<JarScan.Refused> refusedInPlaceOf(PluginRun run) {
    Path file = run.jar().jar().file();
    return scan.refused().stream()
        .filter(
            refused ->
                refused.file().equals(Optional.of(file)) || refused.name().equals(run.jar().id()))
        .findFirst();
  }

  private boolean isUnfit(PluginJar jar) {
    PluginJar unfit = unfitUpgrades.get(jar.id());
    return unfit != null && unfit.sameFile(jar);
  }

  /** What is to take the place of a run; if it cannot, the run goes on and says so. */
  private Optional<PreparedJar> prepared(PluginRun run, PluginJar jar) {
    try {
      return Optional.of(prepare(jar));
    } catch (PluginRefusedException e) {
      if (!isPassing(e)) {
        unfitUpgrades.put(jar.id(), jar);
      }
      note(
          run,
          jar.version(),
          HostedPlugin.file(jar, Optional.empty()),
          String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private boolean isOther(PluginRun run, PreparedJar fresh) {
    if (run.jar().sameContent(fresh)) {
      run.seenAs(fresh.jar());
      HostedPlugin plugin = plugins.get(fresh.id());
      if (plugin != null) {
        plugin.about(About.of(fresh.jar(), Optional.of(fresh.copy().sha256())));
        plugin.note(Optional.empty());
        changed();
      }
      memory.forgetRollBack(fresh.id());
      return false;
    }
    Optional<PluginMemory.RolledBack> failed = failedBefore(fresh);
    if (failed.isEmpty()) {
      return true;
    }
    unfitUpgrades.put(fresh.id(), fresh.jar());
    HostedPlugin plugin = plugins.get(fresh.id());
    if (plugin != null
        && plugin.note(Optional.of(rolledBack(fresh, run.jar().jar(), failed.get().reason())))) {
      changed();
    }
    return false;
  }

  /** That this very content did not start; empty if it was not tried. */
  private Optional<PluginMemory.RolledBack> failedBefore(PreparedJar fresh) {
    return memory
        .rolledBack(fresh.id())
        .filter(known -> known.refused().equals(fresh.copy().sha256()));
  }

  /** Says of a run that what was to take its place cannot. */
  private void note(PluginRun run, String version, PluginFile file, String reason) {
    HostedPlugin plugin = plugins.get(run.jar().id());
    Note note = refused(version, file, reason, run.jar().jar());
    if (plugin != null && plugin.note(Optional.of(note))) {
      LOG.warn("plugin {}: {}", plugin.id(), note.text());
      changed();
    }
  }

  private static Note refused(String version, PluginFile file, String reason, PluginJar runs) {
    return new Note(
        new FailedUpgrade(version, file, reason),
        "%s was refused: %s; %s runs on"
            .formatted(
                version.isEmpty() ? runs.file().getFileName() : "version " + version,
                reason,
                runs.version()));
  }

  private PreparedJar prepare(PluginJar jar) throws PluginRefusedException {
    PreparedJar prepared = PreparedJar.of(jar, copies, trust);
    prepared.jar().requireFit(pf4j.getVersionManager(), apiVersion);
    return prepared;
  }

  /** All that has to end when these end, last loaded first. */
  private List<String> withDependents(Set<String> ids) {
    Set<String> all = new LinkedHashSet<>(ids);
    // What depends on a plugin was loaded after it.
    for (PluginRun run : runs.values()) {
      if (run.jar().jar().dependencies().stream().anyMatch(all::contains)) {
        all.add(run.jar().id());
      }
    }
    return runs.keySet().stream().filter(all::contains).toList().reversed();
  }

  /**
   * Stops runs together and unloads them.
   *
   * @param forGood whether the host is closed, and their last state is to be seen afterwards
   */
  private void end(List<String> ids, boolean forGood) {
    if (ids.isEmpty()) {
      return;
    }
    List<PluginRun> ending =
        ids.stream().flatMap(id -> Optional.ofNullable(runs.get(id)).stream()).toList();
    long end = System.nanoTime() + timing.stop().toNanos();
    for (PluginRun run : ending) {
      for (Part part : run.parts()) {
        try {
          part.stop(openings);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
          LOG.warn("plugin {} failed to stop: {}", run.jar().id(), Fault.line(e));
        }
      }
    }
    boolean interrupted = false;
    for (PluginRun run : ending) {
      List<String> hanging = new ArrayList<>();
      for (Part part : run.parts()) {
        try {
          if (!part.awaitStop(left(end, interrupted))) {
            part.status().now().lastError().ifPresent(hanging::add);
          }
        } catch (InterruptedException e) {
          interrupted = true;
          hanging.add("interrupted while it stopped");
        }
      }
      slots.removeAll(run.slots());
      for (CheckpointSlot slot : run.slots()) {
        interrupted |= !flushAtLast(slot);
      }
      run.parts().forEach(Part::close);
      String id = run.jar().id();
      if (hanging.isEmpty()) {
        stopPlugin(id);
        interrupted |= !awaitOwnThreads(run, end, hanging);
      }
      runs.remove(id);
      if (hanging.isEmpty()) {
        unload(id);
        ended(id, forGood);
      } else {
        run.loader().keepOpen();
        unload(id);
        leaveBehind(run, hanging);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration left(long end, boolean hurry) {
    return hurry ? Duration.ZERO : Duration.ofNanos(end - System.nanoTime());
  }

  /** Whether it was not interrupted. */
  private static boolean awaitOwnThreads(PluginRun run, long end, List<String> hanging) {
    try {
      List<Thread> living = run.interruptLeftThreads();
      if (!living.isEmpty()) {
        Duration left = left(end, false);
        living = PluginRun.awaitEnd(living, left.compareTo(GRACE) < 0 ? GRACE : left);
      }
      if (!living.isEmpty()) {
        hanging.add(
            "it left %d %s behind that %s not stop: %s%s"
                .formatted(
                    living.size(),
                    living.size() == 1 ? "thread" : "threads",
                    living.size() == 1 ? "does" : "do",
                    LeftThreads.names(living),
                    Fault.place(living.getFirst())));
      }
      return true;
    } catch (InterruptedException e) {
      hanging.add("interrupted while its threads stopped");
      return false;
    }
  }

  private void ended(String id, boolean forGood) {
    HostedPlugin plugin = plugins.get(id);
    if (plugin == null) {
      return;
    }
    if (forGood) {
      if (plugin.own().now().state() == PluginState.ACTIVE) {
        plugin.own().to(PluginState.STOPPED);
      }
    } else {
      plugin.own().to(PluginState.STOPPED);
      plugin.ended();
    }
  }

  private void leaveBehind(PluginRun run, List<String> hanging) {
    String id = run.jar().id();
    String reason = String.join("; ", hanging);
    LOG.warn("plugin {} {} did not stop: {}", id, run.jar().jar().version(), reason);
    leftBehind.add(new LeftBehind(id, run));
    HostedPlugin plugin = plugins.get(id);
    // Where a thread of an extension hangs, its own state says so, also when it ends at last.
    if (plugin != null
        && run.parts().stream()
            .noneMatch(part -> part.status().now().state() == PluginState.WEDGED)) {
      plugin.own().wedged(reason);
    }
  }

  /** Runs that were left behind and have ended after all. */
  private void letGo() {
    List<LeftBehind> ended = leftBehind.stream().filter(left -> left.run().hasEnded()).toList();
    if (ended.isEmpty()) {
      return;
    }
    leftBehind.removeAll(ended);
    for (LeftBehind left : ended) {
      LOG.info("plugin {} {} has stopped at last", left.id(), left.run().jar().jar().version());
      left.run().closeAtLast();
      HostedPlugin plugin = plugins.get(left.id());
      if (plugin != null && plugin.run().equals(Optional.of(left.run()))) {
        plugin.own().begins(PluginState.STOPPED);
        plugin.ended();
        decided.remove(left.id());
      }
    }
    look();
  }

  /** Loads all that is to run and does not, what others need first. */
  private void begin(Map<String, PreparedJar> ready, Map<String, PreparedJar> former) {
    Map<String, PluginJar> waiting = new LinkedHashMap<>(scan.chosen());
    waiting.keySet().removeAll(runs.keySet());
    waiting.values().removeIf(this::isDecided);
    boolean read = first;
    boolean progress = true;
    while (progress) {
      progress = false;
      for (PluginJar jar : List.copyOf(waiting.values())) {
        if (closed.get()) {
          return;
        }
        if (runs.keySet().containsAll(jar.dependencies())) {
          waiting.remove(jar.id());
          if (!read) {
            rereadSettings();
            read = true;
          }
          begin(
              jar,
              Optional.ofNullable(ready.get(jar.id())),
              Optional.ofNullable(former.get(jar.id())));
          progress = true;
        }
      }
    }
    for (PluginJar jar : waiting.values()) {
      fail(
          known(jar),
          "it needs the plugins " + String.join(", ", jar.dependencies()) + ", not all are loaded");
    }
    startParts();
  }

  /** A jar that comes while the node runs may have got its settings a moment before. */
  private void rereadSettings() {
    try {
      config = settings.reread().get();
      lastComplaint = "";
    } catch (IllegalArgumentException e) {
      String complaint = String.valueOf(e.getMessage());
      if (!complaint.equals(lastComplaint)) {
        LOG.warn("the settings cannot be read, so plugins get the former ones: {}", complaint);
        lastComplaint = complaint;
      }
    }
  }

  private boolean isDecided(PluginJar jar) {
    PluginJar known = decided.get(jar.id());
    return known != null && known.sameFile(jar);
  }

  private void begin(PluginJar jar, Optional<PreparedJar> ready, Optional<PreparedJar> former) {
    HostedPlugin plugin = known(jar);
    String id = jar.id();
    try {
      if (!memory.switched(id).orElse(true)
          || (memory.switched(id).isEmpty() && !jar.enabled(jar.section(config)))) {
        LOG.info("plugin {} is disabled", id);
        decided.put(id, jar);
        plugin.note(Optional.empty());
        if (plugin.state() == PluginState.WEDGED) {
          return;
        }
        plugin.own().to(PluginState.DISABLED);
        return;
      }
      long hanging = leftBehind.stream().filter(left -> left.id().equals(id)).count();
      if (hanging >= MOST_LEFT_BEHIND) {
        throw new PluginRefusedException(
            hanging + " former runs of it did not stop: restart the node to load it again");
      }
      PreparedJar fresh;
      Optional<Instead> instead = Optional.empty();
      if (ready.isPresent()) {
        fresh = ready.get();
      } else {
        try {
          fresh = prepare(jar);
          instead = instead(fresh);
        } catch (PluginRefusedException e) {
          fresh = older(jar).orElseThrow(() -> e);
          unfitUpgrades.put(id, jar);
          instead =
              Optional.of(
                  new Instead(
                      fresh,
                      refused(
                          jar.version(),
                          HostedPlugin.file(jar, Optional.empty()),
                          String.valueOf(e.getMessage()),
                          fresh.jar())));
        }
      }
      run(plugin, instead.map(Instead::jar).orElse(fresh));
      plugin.note(instead.map(Instead::note));
      PluginRun run = runs.get(id);
      if (run != null && former.isPresent()) {
        run.onProbation(former.get(), System.nanoTime() + timing.probation().toNanos());
        plugin.onTrialUntil(Optional.of(clock.instant().plus(timing.probation())));
      }
    } catch (PluginRefusedException | SettingsException e) {
      failed(plugin, jar, ready, former, String.valueOf(e.getMessage()), isPassing(e));
    } catch (RuntimeException | StackOverflowError e) {
      // Settings that are made to confuse what reads them.
      failed(plugin, jar, ready, former, Fault.line(e), false);
    }
  }

  private void failed(
      HostedPlugin plugin,
      PluginJar jar,
      Optional<PreparedJar> ready,
      Optional<PreparedJar> former,
      String reason,
      boolean passing) {
    if (former.isPresent() && ready.isPresent()) {
      rollBack(plugin, ready.get(), former.get(), reason);
      return;
    }
    if (!passing) {
      decided.put(jar.id(), jar);
    }
    fail(plugin, reason);
  }

  /** Whether it may be otherwise at the next look: the disk was full, or the file being changed. */
  private static boolean isPassing(Throwable refusal) {
    return refusal.getCause() instanceof IOException;
  }

  /** The newest of the other jars of its id that may run. */
  private Optional<PreparedJar> older(PluginJar jar) {
    for (PluginJar other : scan.older().getOrDefault(jar.id(), List.of())) {
      try {
        return Optional.of(prepare(other));
      } catch (PluginRefusedException e) {
        LOG.debug("nor may {} run: {}", other.file(), e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** What runs in the place of a jar that is known not to start, and what is said of that. */
  private record Instead(PreparedJar jar, Note note) {}

  /** The former jar, where this one is known not to start. */
  private Optional<Instead> instead(PreparedJar fresh) throws PluginRefusedException {
    Optional<PluginMemory.RolledBack> known = failedBefore(fresh);
    if (known.isEmpty()) {
      memory.forgetRollBack(fresh.id());
      return Optional.empty();
    }
    try {
      Optional<Copy> kept = copies.kept(fresh.id(), known.get().runs());
      if (kept.isEmpty()) {
        memory.forgetRollBack(fresh.id());
        return Optional.empty();
      }
      trust.check(fresh.jar(), kept.get());
      PluginJar read = fresh.jar().readFrom(kept.get().file());
      read.requireFit(pf4j.getVersionManager(), apiVersion);
      unfitUpgrades.put(fresh.id(), fresh.jar());
      return Optional.of(
          new Instead(
              new PreparedJar(read, kept.get()), rolledBack(fresh, read, known.get().reason())));
    } catch (IOException e) {
      throw new PluginRefusedException("its former jar cannot be read: " + Fault.line(e), e);
    }
  }

  private static Note rolledBack(PreparedJar refused, PluginJar runs, String reason) {
    return new Note(
        new FailedUpgrade(
            refused.jar().version(),
            HostedPlugin.file(refused.jar(), Optional.of(refused.copy().sha256())),
            reason),
        "version %s did not start: %s; %s runs again"
            .formatted(refused.jar().version(), reason, runs.version()));
  }

  /** Loads a jar that is to run. */
  private void run(HostedPlugin plugin, PreparedJar jar) throws PluginRefusedException {
    String id = jar.id();
    try {
      PluginRun run = runFactory.load(jar, jar.jar().section(config), plugin);
      plugin.about(About.of(jar.jar(), Optional.of(jar.copy().sha256())));
      plugin.kinds(run.parts().stream().map(part -> part.kind().label()).distinct().toList());
      plugin.own().begins(run.parts().isEmpty() ? PluginState.ACTIVE : PluginState.RESOLVED);
      plugin.onTrialUntil(Optional.empty());
      plugin.begins(run);
      runs.put(id, run);
      slots.addAll(run.slots());
      decided.remove(id);
      LOG.info("plugin {} {} is loaded from {}", id, jar.jar().version(), jar.jar().file());
    } catch (PluginRefusedException | SettingsException e) {
      unloadFailed(jar);
      throw e;
    } catch (Throwable e) {
      LOG.debug("plugin {}: {}", id, Fault.line(e));
      unloadFailed(jar);
      throw new PluginRefusedException(Fault.line(e));
    }
  }

  /** Its Plugin-Class may have started threads, or hang. */
  private void unloadFailed(PreparedJar jar) {
    if (pf4j.getPlugin(jar.id()) != null
        && pf4j.getPluginClassLoader(jar.id()) instanceof IsolatedClassLoader loader) {
      PluginRun failed = new PluginRun(jar, loader, List.of(), List.of());
      try {
        List<Thread> living = failed.interruptLeftThreads();
        if (!PluginRun.awaitEnd(living, living.isEmpty() ? Duration.ZERO : GRACE).isEmpty()) {
          loader.keepOpen();
          leftBehind.add(new LeftBehind(jar.id(), failed));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    unload(jar.id());
  }

  /** An upgrade that had a fault within its probation has failed. */
  private void prove(PluginRun run) {
    // Another one's roll-back may have replaced it a moment ago.
    if (run.fallback().isEmpty() || !run.equals(runs.get(run.jar().id()))) {
      return;
    }
    Optional<String> crash = run.crash();
    if (crash.isPresent()) {
      PreparedJar former = run.fallback().get();
      PreparedJar failed = run.jar();
      List<String> all = withDependents(Set.of(failed.id()));
      Map<String, PreparedJar> dependents = new HashMap<>();
      keepDependents(all, Set.of(failed.id()), dependents);
      end(all, false);
      HostedPlugin plugin = plugins.get(failed.id());
      if (plugin != null) {
        rollBack(plugin, failed, former, crash.get());
        begin(dependents, Map.of());
      }
    } else if (run.hasPassed(System.nanoTime())) {
      run.passed();
      HostedPlugin plugin = plugins.get(run.jar().id());
      if (plugin != null) {
        plugin.onTrialUntil(Optional.empty());
        changed();
      }
      memory.forgetRollBack(run.jar().id());
      copies.clean(copiesInUse());
    }
  }

  private void rollBack(
      HostedPlugin plugin, PreparedJar failed, PreparedJar former, String reason) {
    LOG.warn(
        "plugin {} {} did not start, so {} comes back: {}",
        plugin.id(),
        failed.jar().version(),
        former.jar().version(),
        reason);
    unfitUpgrades.put(plugin.id(), failed.jar());
    memory.rolledBack(
        plugin.id(),
        new PluginMemory.RolledBack(failed.copy().sha256(), former.copy().sha256(), reason));
    try {
      trust.check(former.jar(), former.copy());
      run(plugin, former);
      plugin.note(Optional.of(rolledBack(failed, former.jar(), reason)));
    } catch (PluginRefusedException | SettingsException e) {
      decided.put(plugin.id(), failed.jar());
      fail(plugin, reason + "; nor does the former: " + e.getMessage());
    }
    startParts();
    changed();
  }

  /** The plugin of a jar, as it is known or else anew. */
  private HostedPlugin known(PluginJar jar) {
    About about = About.of(jar, Optional.empty());
    HostedPlugin plugin = plugins.computeIfAbsent(jar.id(), id -> hosted(id, about));
    if (plugin.run().isEmpty()) {
      plugin.about(about);
      plugin.kinds(jar.kinds());
    }
    return plugin;
  }

  private HostedPlugin hosted(String id, About about) {
    return new HostedPlugin(
        id,
        about,
        clock,
        this::changed,
        new ReportGate(System::nanoTime, timing.pause(), this::changed));
  }

  private void fail(HostedPlugin plugin, String reason) {
    if (plugin.own().now().state() == PluginState.FAILED
        && plugin.own().now().lastError().equals(Optional.of(reason))) {
      return;
    }
    LOG.warn("plugin {}: {}", plugin.id(), reason);
    plugin.own().failed(reason, Optional.empty(), Optional.empty());
  }

  /** As much as is known of a file that was not loaded. */
  private static PluginFile file(JarScan.Refused refused) {
    return new PluginFile(
        refused.file().map(Path::toString).orElse(refused.name()),
        refused.bundled(),
        Optional.empty(),
        refused.modified());
  }

  private void show(List<JarScan.Refused> refused) {
    Set<Optional<Path>> running =
        runs.values().stream()
            .map(run -> Optional.of(run.jar().jar().file()))
            .collect(Collectors.toSet());
    shown.clear();
    for (JarScan.Refused each : refused) {
      if (runs.containsKey(each.name()) || running.contains(each.file())) {
        continue;
      }
      // Two of one name are told apart by where they lie.
      String shownAs =
          shown.add(each.name())
              ? each.name()
              : each.file().map(Path::toString).orElse(each.name());
      shown.add(shownAs);
      About about =
          new About(
              each.version(),
              each.provider(),
              each.description(),
              "",
              each.file().map(path -> file(each)));
      HostedPlugin plugin = plugins.computeIfAbsent(shownAs, name -> hosted(name, about));
      plugin.about(about);
      fail(plugin, each.reason());
    }
  }

  /** Plugins of which nothing is left, in the folders or in memory, are not shown any more. */
  private void forget() {
    Set<String> alive = new HashSet<>(runs.keySet());
    alive.addAll(scan.chosen().keySet());
    alive.addAll(shown);
    leftBehind.forEach(left -> alive.add(left.id()));
    Set<String> gone = new HashSet<>(plugins.keySet());
    gone.removeAll(alive);
    for (String id : gone) {
      plugins.remove(id);
      memory.forgetRollBack(id);
      LOG.info("plugin {} is gone", id);
    }
    decided.keySet().retainAll(alive);
    unfitUpgrades.keySet().retainAll(alive);
    if (!gone.isEmpty()) {
      changed();
    }
  }

  private Set<Path> copiesInUse() {
    Set<Path> used = new HashSet<>();
    for (PluginRun run : runs.values()) {
      used.add(run.jar().copy().file());
      run.fallback().ifPresent(former -> used.add(former.copy().file()));
    }
    leftBehind.forEach(left -> used.add(left.run().jar().copy().file()));
    return used;
  }

  private void warnOfUnknownSections() {
    if (!settings.config().hasPath("plugins")
        || settings.config().getValue("plugins").valueType() != ConfigValueType.OBJECT) {
      return;
    }
    settings
        .config()
        .getObject("plugins")
        .forEach(
            (id, value) -> {
              if (value.valueType() == ConfigValueType.OBJECT && !scan.chosen().containsKey(id)) {
                LOG.warn("plugins.{} is configured, but there is no such plugin", id);
              }
            });
  }

  private void stopPlugin(String id) {
    try {
      pf4j.stopPlugin(id);
    } catch (Throwable e) {
      LOG.warn("plugin {} failed to stop: {}", id, Fault.line(e));
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
    if (Thread.currentThread().equals(controlThread)) {
      work.run();
      return;
    }
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

  private static boolean flushAtLast(CheckpointSlot slot) {
    try {
      slot.flushAtLast(GRACE);
      return true;
    } catch (InterruptedException e) {
      return false;
    } catch (RuntimeException e) {
      LOG.warn("the last checkpoint could not be saved: {}", e.toString());
      return true;
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
    synchronized (listeners) {
      listeners.notifyAll();
    }
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
}
