package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.core.plugin.Extensions.Extension;
import io.cyphermesh.core.plugin.ReplayedDetector.Batch;
import io.cyphermesh.core.plugin.ReplayedDetector.Outcome;
import io.cyphermesh.core.plugin.ReplayedDetector.Result;
import io.cyphermesh.core.source.LineReader;
import io.cyphermesh.core.source.ReplayInput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.pf4j.PluginWrapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the detectors of installed plugins over given logs, without a node: what they report is
 * handed out instead of signed and stored, and nothing is remembered.
 *
 * <p>Each detector runs on a thread of its own as in a node, and all get the same lines. Reading
 * goes one batch ahead of them. Not thread-safe: one thread makes all calls.
 */
public final class DetectorReplay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DetectorReplay.class);
  private static final Duration STOP = Duration.ofSeconds(1);

  private final Pf4jPlugins pf4j = new Pf4jPlugins(PluginHost.apiVersion());
  private final Path scratch;
  private final Config config;
  private final PluginTrust trust;
  private final Limits limits;
  private final Map<String, Installed> installed = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private final List<ReplayedDetector> running = new ArrayList<>();

  /**
   * How long a detector may take.
   *
   * @param begin until it asks for lines
   * @param end from the end of the lines until it returns
   */
  record Limits(Duration begin, Duration end) {
    static Limits usual() {
      return new Limits(Duration.ofSeconds(5), Duration.ofSeconds(10));
    }
  }

  private record Installed(
      String id, PluginJar jar, Class<? extends Detector> type, boolean enabled) {}

  private DetectorReplay(PluginHostSettings settings, Path scratch, Limits limits) {
    this.scratch = scratch;
    this.config = settings.config();
    this.trust = PluginTrust.of(config, settings.dataDirectory());
    this.limits = limits;
  }

  /**
   * Loads all detectors of the jars in some folders; runs none yet.
   *
   * @param settings as those of the node whose plugins these are; nothing of it is changed
   * @param scratch an empty folder for copies of the jars and for what detectors write; the
   *     caller's to delete once this is closed
   * @throws SettingsException if a detector's section of the configuration is wrong
   * @throws IOException if the copies cannot be written
   */
  public static DetectorReplay load(PluginHostSettings settings, Path scratch) throws IOException {
    return load(settings, scratch, Limits.usual());
  }

  static DetectorReplay load(PluginHostSettings settings, Path scratch, Limits limits)
      throws IOException {
    DetectorReplay replay = new DetectorReplay(settings, scratch, limits);
    try {
      replay.loadAll(settings.folders());
      return replay;
    } catch (IOException | RuntimeException e) {
      replay.close();
      throw e;
    }
  }

  private void loadAll(List<PluginFolder> folders) throws IOException {
    JarScan scan = JarScan.of(folders, pf4j.getVersionManager(), PluginHost.apiVersion());
    for (JarScan.Refused refused : scan.refused()) {
      problems.add("plugin " + refused.name() + ": " + refused.reason());
    }
    Map<String, PluginJar> jars = scan.chosen();
    RunningCopies copies = new RunningCopies(scratch.resolve("jars"));
    Set<String> visited = new LinkedHashSet<>();
    for (PluginJar jar : jars.values()) {
      if (jar.kinds().contains(ExtensionKind.DETECTOR.label()) || !jar.indexed().isEmpty()) {
        try {
          loadJar(jar, jars, copies, visited);
          find(jar);
        } catch (PluginRefusedException e) {
          problems.add("plugin " + jar.id() + ": " + e.getMessage());
        }
      }
    }
  }

  /** What it depends on comes first. */
  private void loadJar(
      PluginJar jar, Map<String, PluginJar> jars, RunningCopies copies, Set<String> visited)
      throws IOException, PluginRefusedException {
    if (!visited.add(jar.id())) {
      return;
    }
    for (String id : jar.dependencies()) {
      PluginJar needed = jars.get(id);
      if (needed == null) {
        throw new PluginRefusedException("it needs the plugin " + id + ", which is not there");
      }
      loadJar(needed, jars, copies, visited);
    }
    Path copy = PreparedJar.of(jar, copies, trust).copy().file();
    try {
      pf4j.loadPlugin(copy);
    } catch (RuntimeException | LinkageError e) {
      throw new PluginRefusedException(Fault.line(e), e);
    }
  }

  private void find(PluginJar jar) throws PluginRefusedException {
    if (pf4j.getPlugin(jar.id()) == null) {
      throw new PluginRefusedException("what it needs could not be loaded");
    }
    boolean enabled = jar.enabled(jar.section(config));
    List<Class<? extends Detector>> types = new ArrayList<>();
    for (Extension extension : Extensions.find(jar, pf4j.getPluginClassLoader(jar.id()))) {
      if (extension.kind() == ExtensionKind.DETECTOR) {
        types.add(extension.type().asSubclass(Detector.class));
      }
    }
    for (Class<? extends Detector> type : types) {
      String id = types.size() == 1 ? jar.id() : jar.id() + "/" + type.getSimpleName();
      installed.put(id, new Installed(id, jar, type, enabled));
    }
  }

  /**
   * Ids of all detectors: the plugin's id, with {@code /ClassName} behind it where the plugin has
   * several.
   */
  public List<String> detectors() {
    return List.copyOf(installed.keySet());
  }

  /** Ids of the detectors that a node would run: those of plugins that are not disabled. */
  public List<String> enabled() {
    return installed.values().stream().filter(Installed::enabled).map(Installed::id).toList();
  }

  /**
   * Ids of the detectors that a plugin's id, a detector's id or a class name means; may be none.
   */
  public List<String> named(String name) {
    return installed.values().stream()
        .filter(
            each ->
                each.id().equals(name)
                    || each.jar().id().equals(name)
                    || each.type().getSimpleName().equals(name)
                    || each.type().getName().equals(name))
        .map(Installed::id)
        .toList();
  }

  /** Why jars in the folders were not loaded, one line each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /**
   * Gives the lines of inputs to detectors, and what they report to {@code output}. Called once.
   *
   * @param ids what {@link #detectors} gave
   * @param inputs in the order in which they are read
   * @param tracing whether to ask the detectors for reasons
   * @throws ReplayException if no detector can be run, or one failed
   * @throws IOException if an input cannot be read; the message names it
   * @throws InterruptedException if told to stop
   */
  public void run(List<String> ids, List<ReplayInput> inputs, boolean tracing, ReplayOutput output)
      throws ReplayException, IOException, InterruptedException {
    for (String id : ids) {
      start(installed(id), inputs.getFirst().time(), tracing);
    }
    List<ReplayedDetector> following = following(output);
    Progress progress = new Progress();
    for (ReplayInput input : inputs) {
      feed(input, following, progress, tracing, output);
    }
    for (ReplayedDetector detector : following) {
      detector.end();
    }
    for (ReplayedDetector detector : following) {
      finish(detector, output);
    }
    output.progress(progress.bytes, progress.lines, progress.matched);
  }

  private Installed installed(String id) {
    Installed known = installed.get(id);
    if (known == null) {
      throw new IllegalArgumentException("no detector " + id);
    }
    return known;
  }

  private void start(Installed detector, Instant present, boolean tracing) throws ReplayException {
    PluginJar jar = detector.jar();
    startPlugin(jar.id());
    // Its own switch is the host's.
    Config section = jar.section(config).withoutPath("enabled");
    ReplayedDetector replayed =
        new ReplayedDetector(
            detector.id(),
            detector.type(),
            now ->
                new HostedContext(
                    jar.id(), section, now, scratch.resolve("data").resolve(jar.id())),
            present,
            tracing);
    running.add(replayed);
    replayed.start();
  }

  private void startPlugin(String id) throws ReplayException {
    if (pf4j.startPlugin(id) != org.pf4j.PluginState.STARTED) {
      Throwable cause = pf4j.getPlugin(id).getFailedException();
      throw new ReplayException(
          "plugin "
              + id
              + ": "
              + (cause == null ? "PF4J did not start it" : String.valueOf(cause.getMessage())));
    }
  }

  /** Those that ask for lines; the others watch something else, and nothing of it is in a file. */
  private List<ReplayedDetector> following(ReplayOutput output)
      throws ReplayException, InterruptedException {
    List<ReplayedDetector> following = new ArrayList<>();
    List<String> others = new ArrayList<>();
    long end = System.nanoTime() + limits.begin().toNanos();
    for (ReplayedDetector detector : running) {
      Optional<Boolean> answer =
          detector.follows(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      if (answer.isPresent() && answer.get()) {
        following.add(detector);
        continue;
      }
      if (answer.isPresent()) {
        Optional<Throwable> fault = detector.ended(limits.end()).orElse(Optional.empty());
        if (fault.isPresent()) {
          throw failed(detector, fault.get(), true);
        }
      }
      detector.stop(Duration.ZERO);
      others.add(detector.id());
    }
    if (following.isEmpty()) {
      throw new ReplayException(
          String.join(", ", others) + ": reads no files, so there is nothing to replay");
    }
    Set<String> reading = new LinkedHashSet<>();
    following.forEach(detector -> reading.add(installed(detector.id()).jar().id()));
    for (String other : others) {
      // Of a plugin that does read files nobody need know what else it watches.
      if (!reading.contains(installed(other).jar().id())) {
        output.note(other + " reads no files and is left out");
      }
    }
    return following;
  }

  private void feed(
      ReplayInput input,
      List<ReplayedDetector> following,
      Progress progress,
      boolean tracing,
      ReplayOutput output)
      throws ReplayException, IOException, InterruptedException {
    long bytesBefore = progress.bytes;
    Optional<Pending> pending = Optional.empty();
    try (LineReader reader = new LineReader(input.content().open())) {
      long number = 1;
      List<String> lines = reader.next();
      while (!lines.isEmpty()) {
        Batch batch = new Batch(input, number, lines);
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (ReplayedDetector detector : following) {
          outcomes.add(detector.submit(batch));
        }
        if (pending.isPresent()) {
          deliver(pending.get(), following, progress, tracing, output);
        }
        pending = Optional.of(new Pending(batch, outcomes));
        number += lines.size();
        progress.bytes = bytesBefore + reader.bytes();
        lines = reader.next();
      }
      progress.bytes = bytesBefore + reader.bytes();
    } catch (IOException e) {
      if (pending.isPresent()) {
        deliver(pending.get(), following, progress, tracing, output);
      }
      throw new IOException(input.name() + ": " + Fault.message(e), e);
    }
    if (pending.isPresent()) {
      deliver(pending.get(), following, progress, tracing, output);
    }
  }

  private record Pending(Batch batch, List<CompletableFuture<Outcome>> outcomes) {}

  private static final class Progress {
    private long bytes;
    private long lines;
    private long matched;
  }

  /** Waits for what all detectors make of a batch, and hands it out line by line. */
  private static void deliver(
      Pending pending,
      List<ReplayedDetector> following,
      Progress progress,
      boolean tracing,
      ReplayOutput output)
      throws ReplayException, InterruptedException {
    Batch batch = pending.batch();
    List<List<Result>> results = new ArrayList<>();
    BitSet matched = new BitSet();
    for (int i = 0; i < following.size(); i++) {
      try {
        Outcome outcome = following.get(i).await(pending.outcomes().get(i));
        results.add(outcome.results());
        outcome.matched().forEach(matched::set);
      } catch (ExecutionException e) {
        throw failed(following.get(i), e.getCause() == null ? e : e.getCause(), false);
      }
    }
    if (tracing) {
      explain(batch, following, results, output);
    } else {
      int[] at = new int[following.size()];
      for (int line = nextLine(results, at); line >= 0; line = nextLine(results, at)) {
        for (int i = 0; i < at.length; i++) {
          for (Result result : ofLine(results.get(i), at, i, line)) {
            if (result instanceof Result.Detected(_, Detection detection)) {
              output.detected(following.get(i).id(), detection);
            }
          }
        }
      }
    }
    for (ReplayedDetector detector : following) {
      detector.loose().forEach(detection -> output.detected(detector.id(), detection));
    }
    progress.lines += batch.lines().size();
    progress.matched += matched.cardinality();
    output.progress(progress.bytes, progress.lines, progress.matched);
  }

  private static int nextLine(List<List<Result>> results, int[] at) {
    int next = -1;
    for (int i = 0; i < at.length; i++) {
      if (at[i] < results.get(i).size()) {
        int line = results.get(i).get(at[i]).line();
        next = next < 0 ? line : Math.min(next, line);
      }
    }
    return next;
  }

  /** Takes the results of one line. */
  private static List<Result> ofLine(List<Result> results, int[] at, int detector, int line) {
    int from = at[detector];
    int to = from;
    while (to < results.size() && results.get(to).line() == line) {
      to++;
    }
    at[detector] = to;
    return results.subList(from, to);
  }

  private static void explain(
      Batch batch,
      List<ReplayedDetector> following,
      List<List<Result>> results,
      ReplayOutput output) {
    int[] at = new int[following.size()];
    for (int line = 0; line < batch.lines().size(); line++) {
      List<List<Result>> ofLine = new ArrayList<>();
      boolean matched = false;
      boolean said = false;
      for (int i = 0; i < at.length; i++) {
        ofLine.add(ofLine(results.get(i), at, i, line));
        for (Result result : ofLine.getLast()) {
          said |= result instanceof Result.Explained;
          matched |= result instanceof Result.Explained told && !told.rule().isEmpty();
        }
      }
      String text = batch.lines().get(line);
      long number = batch.first() + line;
      if (!said) {
        output.explained(batch.input(), number, text, "", "", "no detector looks at it");
      }
      for (int i = 0; i < at.length; i++) {
        String id = following.get(i).id();
        for (Result result : ofLine.get(i)) {
          switch (result) {
            case Result.Detected(_, Detection detection) -> output.detected(id, detection);
            case Result.Explained(_, String rule, String reason) -> {
              if (!matched || !rule.isEmpty()) {
                output.explained(batch.input(), number, text, id, rule, reason);
              }
            }
          }
        }
      }
    }
  }

  /** Lets a detector say what it kept for the end. */
  private void finish(ReplayedDetector detector, ReplayOutput output)
      throws ReplayException, InterruptedException {
    long end = System.nanoTime() + limits.end().toNanos();
    Optional<Optional<Throwable>> ended = Optional.empty();
    while (ended.isEmpty() && System.nanoTime() - end < 0) {
      ended = detector.ended(Duration.ofMillis(50));
      detector.loose().forEach(detection -> output.detected(detector.id(), detection));
    }
    if (ended.isEmpty()) {
      output.note(detector.id() + " did not end after the last line and was stopped");
      detector.stop(Duration.ZERO);
    } else if (ended.get().isPresent()) {
      throw failed(detector, ended.get().get(), false);
    }
  }

  private static ReplayException failed(
      ReplayedDetector detector, Throwable fault, boolean atStart) {
    Throwable cause = fault;
    for (int depth = 0; cause != null && depth < 10; depth++) {
      if (cause instanceof SettingsException) {
        return new ReplayException(Fault.line(cause), fault, true);
      }
      cause = cause.getCause();
    }
    // Detectors check their settings before they ask for lines.
    boolean settings = atStart && fault instanceof IllegalArgumentException;
    return new ReplayException(
        detector.id() + (settings ? ": " + Fault.message(fault) : " failed: " + Fault.line(fault)),
        fault,
        settings);
  }

  /** Stops what still runs, and unloads everything. */
  @Override
  public void close() {
    boolean left = false;
    boolean interrupted = false;
    for (ReplayedDetector detector : running) {
      try {
        left |= !detector.stop(STOP);
      } catch (InterruptedException e) {
        interrupted = true;
        left = true;
      }
    }
    for (PluginWrapper plugin : List.copyOf(pf4j.getPlugins()).reversed()) {
      try {
        pf4j.stopPlugin(plugin.getPluginId());
        // Closing a jar under a thread that still runs in it gives it errors that explain nothing.
        if (!left) {
          pf4j.unloadPlugin(plugin.getPluginId());
        }
      } catch (RuntimeException | LinkageError e) {
        LOG.debug("plugin {} cannot be unloaded", plugin.getPluginId(), e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
