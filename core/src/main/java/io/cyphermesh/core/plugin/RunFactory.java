package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.PeerDiscovery;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.api.Transport;
import io.cyphermesh.core.export.ExportSettings;
import io.cyphermesh.core.plugin.Extensions.Extension;
import io.cyphermesh.core.source.FailedLine;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.pf4j.ExtensionPoint;

/** Loads jars into runs: classes, contexts and supervision, nothing of which runs yet. */
final class RunFactory {
  /** The section that is the same for every exporter. */
  private static final String EXPORT = "export";

  private static final Config EXPORT_DEFAULTS =
      ConfigFactory.parseResources(RunFactory.class, "export.conf");

  private final Pf4jPlugins pf4j;
  private final Path dataDirectory;
  private final DetectionSink sink;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final PluginHost.Timing timing;

  RunFactory(
      Pf4jPlugins pf4j,
      Path dataDirectory,
      DetectionSink sink,
      InstantSource clock,
      RandomGenerator random,
      PluginHost.Timing timing) {
    this.pf4j = pf4j;
    this.dataDirectory = dataDirectory;
    this.sink = sink;
    this.clock = clock;
    this.random = random;
    this.timing = timing;
  }

  /**
   * Loads a jar.
   *
   * @param section of the configuration, over the jar's own defaults
   * @throws PluginRefusedException if it cannot run here
   * @throws SettingsException if its settings for every plugin are wrong
   */
  PluginRun load(PreparedJar prepared, Config section, HostedPlugin plugin)
      throws PluginRefusedException {
    PluginJar jar = prepared.jar();
    pf4j.loadPlugin(prepared.copy().file());
    if (!(pf4j.getPluginClassLoader(jar.id()) instanceof IsolatedClassLoader loader)) {
      throw new PluginRefusedException("PF4J did not load it");
    }
    List<Extension> extensions = Extensions.find(jar, loader);
    String pluginClass = pf4j.getPlugin(jar.id()).getDescriptor().getPluginClass();
    if (extensions.isEmpty()
        && (pluginClass == null || pluginClass.equals(org.pf4j.Plugin.class.getName()))) {
      throw new PluginRefusedException(
          "it extends nothing: name a class in "
              + ExtensionKind.DETECTOR.serviceFile()
              + " or mark one with @Extension");
    }
    start(jar.id());
    List<CheckpointSlot> slots = new ArrayList<>();
    List<Part> parts = parts(plugin, section.withoutPath("enabled"), extensions, slots);
    return new PluginRun(prepared, loader, parts, slots);
  }

  private void start(String id) throws PluginRefusedException {
    if (pf4j.startPlugin(id) == org.pf4j.PluginState.STARTED) {
      return;
    }
    Throwable cause = pf4j.getPlugin(id).getFailedException();
    throw new PluginRefusedException(
        cause == null ? "PF4J did not start it" : String.valueOf(cause.getMessage()));
  }

  private List<Part> parts(
      HostedPlugin plugin, Config section, List<Extension> extensions, List<CheckpointSlot> slots) {
    boolean exports = extensions.stream().anyMatch(each -> each.kind() == ExtensionKind.EXPORTER);
    PluginContext context =
        new HostedContext(
            plugin.id(),
            exports ? section.withoutPath(EXPORT) : section,
            clock,
            dataDirectory.resolve(plugin.id()));
    List<Part> parts = new ArrayList<>();
    for (Extension extension : extensions) {
      ExtensionStatus status = plugin.status();
      parts.add(
          switch (extension.kind()) {
            case DETECTOR ->
                detector(
                    plugin, context, extension.type().asSubclass(Detector.class), status, slots);
            case EXPORTER ->
                exporter(
                    plugin.id(),
                    context,
                    extension.type().asSubclass(Exporter.class),
                    exportSettings(plugin.id(), section),
                    status);
            case DISCOVERY ->
                supervised(
                    ExtensionKind.DISCOVERY,
                    plugin.id(),
                    extension.type().asSubclass(PeerDiscovery.class),
                    status,
                    restarts(),
                    openings ->
                        openings
                            .discoveries()
                            .map(sink -> new DiscoveryWork(context, sink, status)));
            case TRANSPORT -> {
              Class<? extends Transport> type = extension.type().asSubclass(Transport.class);
              yield new Part.OfTransport(
                  new LoadedTransport(plugin.id(), type, context, status), type, status);
            }
          });
    }
    return parts;
  }

  private Part detector(
      HostedPlugin plugin,
      PluginContext context,
      Class<? extends Detector> type,
      ExtensionStatus status,
      List<CheckpointSlot> slots) {
    String owner = plugin.id() + "/" + type.getName();
    CheckpointSlot slot =
        new CheckpointSlot(
            sink, owner, plugin.id(), status, plugin.gate(), plugin.handedOver(), timing.pause());
    Restarts restarts = restarts();
    // Lines that make a parser fail can be written by anybody who writes to the log: a few of
    // them must not stop the detector for good.
    FailedLine failedLine = new FailedLine(restarts::forget);
    slots.add(slot);
    return supervised(
        ExtensionKind.DETECTOR,
        plugin.id(),
        type,
        status,
        restarts,
        openings ->
            openings.detectors()
                ? Optional.of(new DetectorWork(context, slot, failedLine, timing.follow()))
                : Optional.empty());
  }

  private Part exporter(
      String id,
      PluginContext context,
      Class<? extends Exporter> type,
      ExportSettings export,
      ExtensionStatus status) {
    return supervised(
        ExtensionKind.EXPORTER,
        id,
        type,
        status,
        restarts(),
        openings ->
            openings
                .exporters()
                .map(
                    node ->
                        new ExporterWork(
                            id + "/" + type.getName(),
                            context,
                            export,
                            node,
                            status,
                            timing.pause(),
                            new SplittableRandom(random.nextLong()))));
  }

  private <T extends ExtensionPoint> Part supervised(
      ExtensionKind kind,
      String id,
      Class<? extends T> type,
      ExtensionStatus status,
      Restarts restarts,
      WorkWhenOpen<T> work) {
    return new Part.Supervised<T>(
        kind,
        type,
        status,
        what -> new SupervisedExtension<>(id, type, what, clock, status, restarts, timing.pause()),
        openings -> work.when(openings).map(what -> what));
  }

  /** What an extension does, once the node is ready for it. */
  @FunctionalInterface
  private interface WorkWhenOpen<T> {
    Optional<? extends SupervisedExtension.Work<T>> when(Openings openings);
  }

  private static ExportSettings exportSettings(String id, Config section) {
    Config own = section.hasPath(EXPORT) ? section.getConfig(EXPORT) : ConfigFactory.empty(EXPORT);
    return RecordConfig.read(
        own.withFallback(EXPORT_DEFAULTS), "plugins." + id + "." + EXPORT, ExportSettings.class);
  }

  private Restarts restarts() {
    return new Restarts(clock, new SplittableRandom(random.nextLong()));
  }
}
