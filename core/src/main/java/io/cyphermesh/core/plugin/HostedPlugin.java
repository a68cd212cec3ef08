package io.cyphermesh.core.plugin;

import io.cyphermesh.core.plugin.ExtensionStatus.Snapshot;
import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.core.view.PluginView.FailedUpgrade;
import io.cyphermesh.core.view.PluginView.PluginFile;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plugin as the host knows it, over all its runs: what its jar says, and how its extensions are.
 * Changed by the host's control thread, looked at by any.
 */
final class HostedPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(HostedPlugin.class);

  private final String id;
  private final InstantSource clock;
  private final Runnable changed;
  private final ExtensionStatus own;
  private final ReportGate gate;
  private volatile About about;
  private volatile List<String> kinds = List.of();
  private volatile Optional<PluginRun> run = Optional.empty();

  /** What should have taken its place and could not. */
  private volatile Optional<Note> note = Optional.empty();

  private volatile Optional<Instant> trialEnds = Optional.empty();

  /** The newest checkpoints of its detectors, by their names in the store. */
  private final Map<String, byte[]> handedOver = new ConcurrentHashMap<>();

  /** What earlier runs did. */
  private volatile Done before = new Done(0, 0, 0);

  /**
   * What a jar says of its plugin.
   *
   * @param file empty for a folder
   */
  record About(
      String version,
      String provider,
      String description,
      String requires,
      Optional<PluginFile> file) {
    static About of(PluginJar jar, Optional<String> sha256) {
      return new About(
          jar.version(),
          jar.provider(),
          jar.description(),
          jar.requires(),
          Optional.of(HostedPlugin.file(jar, sha256)));
    }
  }

  static PluginFile file(PluginJar jar, Optional<String> sha256) {
    return new PluginFile(
        jar.file().toString(),
        jar.bundled(),
        sha256,
        Optional.of(jar.stamp().modified().toInstant()));
  }

  /**
   * That an upgrade failed.
   *
   * @param text what stands in the place of the last error while the plugin runs
   */
  record Note(FailedUpgrade upgrade, String text) {}

  private record Done(long produced, long refused, long restarts) {
    Done and(PluginRun run) {
      long allProduced = produced;
      long allRefused = refused;
      long allRestarts = restarts;
      for (Part part : run.parts()) {
        allProduced += part.status().produced();
        allRefused += part.status().refused();
        allRestarts += part.status().now().restarts();
      }
      return new Done(allProduced, allRefused, allRestarts);
    }
  }

  HostedPlugin(String id, About about, InstantSource clock, Runnable changed, ReportGate gate) {
    this.id = id;
    this.about = about;
    this.clock = clock;
    this.changed = changed;
    this.own = new ExtensionStatus(PluginState.INSTALLED, clock, changed);
    this.gate = gate;
  }

  /** The status of another extension of it. */
  ExtensionStatus status() {
    return new ExtensionStatus(PluginState.RESOLVED, clock, changed);
  }

  String id() {
    return id;
  }

  /** The state of the plugin itself, which counts as long as no extension of it has one. */
  ExtensionStatus own() {
    return own;
  }

  ReportGate gate() {
    return gate;
  }

  Map<String, byte[]> handedOver() {
    return handedOver;
  }

  /** The worst of its parts' states, as the view shows it. */
  PluginState state() {
    return worst(parts()).state();
  }

  private List<Snapshot> parts() {
    List<Part> extensions = run.map(PluginRun::parts).orElse(List.of());
    Snapshot self = own.now();
    return extensions.isEmpty()
            || self.state() == PluginState.FAILED
            || self.state() == PluginState.WEDGED
        ? List.of(self)
        : extensions.stream().map(part -> part.status().now()).toList();
  }

  private static Snapshot worst(List<Snapshot> parts) {
    return parts.stream().max(Comparator.comparing(Snapshot::state)).orElseThrow();
  }

  /** The jar that it comes from, as it was last seen. */
  Optional<PluginFile> file() {
    return about.file();
  }

  void about(About now) {
    about = now;
  }

  void kinds(List<String> found) {
    kinds = List.copyOf(found);
  }

  /** Until when it goes back to the former jar at a fault. */
  void onTrialUntil(Optional<Instant> end) {
    trialEnds = end;
  }

  /** Says or clears what could not take its place; returns whether that is new. */
  boolean note(Optional<Note> now) {
    boolean isNew = !now.equals(note);
    note = now;
    return isNew;
  }

  Optional<PluginRun> run() {
    return run;
  }

  void begins(PluginRun next) {
    ended();
    run = Optional.of(next);
  }

  /** Its extensions are gone, and what they did is kept. */
  void ended() {
    run.ifPresent(last -> before = before.and(last));
    run = Optional.empty();
    trialEnds = Optional.empty();
  }

  PluginView view() {
    Optional<PluginRun> now = run;
    List<Part> extensions = now.map(PluginRun::parts).orElse(List.of());
    List<Snapshot> parts = parts();
    Snapshot worst = worst(parts);
    Optional<Snapshot> error = error(worst, parts);
    Optional<String> remark =
        worst.state() == PluginState.FAILED || worst.state() == PluginState.WEDGED
            ? Optional.empty()
            : note.map(Note::text)
                .or(() -> gate.isSlowed() ? Optional.of(ReportGate.NOTE) : Optional.empty());
    Done done = before;
    Done all = now.map(done::and).orElse(done);
    About jar = about;
    return new PluginView(
        id,
        jar.version(),
        jar.provider(),
        jar.description(),
        jar.requires(),
        kinds,
        worst.state().name(),
        worst.since(),
        all.produced(),
        all.refused(),
        all.restarts(),
        remark.or(() -> error.flatMap(Snapshot::lastError)),
        remark.isPresent() ? Optional.empty() : error.flatMap(Snapshot::errorAt),
        earliest(parts),
        extensions.stream()
            .flatMap(part -> lag(part.status()).stream())
            // Of several exporters in a plugin the one that is furthest behind counts.
            .max(Comparator.comparingLong(ExportLag::events)),
        jar.file(),
        note.map(Note::upgrade),
        trialEnds,
        extensions.stream().map(Part::view).toList());
  }

  static Optional<ExportLag> lag(ExtensionStatus status) {
    try {
      return status
          .lag()
          .map(lag -> new ExportLag(lag.backlog().events(), lag.backlog().oldest(), lag.lost()));
    } catch (RuntimeException e) {
      // A store that cannot be read must not hide the plugins as well.
      LOG.debug("how far an exporter is behind cannot be told", e);
      return Optional.empty();
    }
  }

  private static Optional<Snapshot> error(Snapshot worst, List<Snapshot> parts) {
    return Stream.concat(Stream.of(worst), parts.stream())
        .filter(part -> part.lastError().isPresent())
        .findFirst();
  }

  private static Optional<Instant> earliest(List<Snapshot> parts) {
    return parts.stream().flatMap(part -> part.nextTry().stream()).min(Comparator.naturalOrder());
  }
}
