package io.cyphermesh.core.plugin;

import io.cyphermesh.core.plugin.ExtensionStatus.Snapshot;
import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A plugin as the host knows it: what its jar says, and how its extensions are. */
final class HostedPlugin {
  private final String id;
  private final String version;
  private final String provider;
  private final String description;
  private final ExtensionStatus own;
  private final List<ExtensionStatus> extensions = new CopyOnWriteArrayList<>();
  private volatile List<String> kinds;

  HostedPlugin(
      String id,
      String version,
      String provider,
      String description,
      List<String> kinds,
      ExtensionStatus own) {
    this.id = id;
    this.version = version;
    this.provider = provider;
    this.description = description;
    this.kinds = List.copyOf(kinds);
    this.own = own;
  }

  String id() {
    return id;
  }

  /** The state of the plugin itself, which counts as long as no extension of it has one. */
  ExtensionStatus own() {
    return own;
  }

  void kinds(List<String> found) {
    kinds = List.copyOf(found);
  }

  void add(ExtensionStatus extension) {
    extensions.add(extension);
  }

  PluginView view() {
    List<Snapshot> parts =
        extensions.isEmpty() || own.now().state() == PluginState.FAILED
            ? List.of(own.now())
            : extensions.stream().map(ExtensionStatus::now).toList();
    Snapshot worst = parts.stream().max(Comparator.comparing(Snapshot::state)).orElseThrow();
    return new PluginView(
        id,
        version,
        provider,
        description,
        "",
        kinds,
        worst.state().name(),
        worst.since(),
        extensions.stream().mapToLong(ExtensionStatus::produced).sum(),
        extensions.stream().mapToLong(ExtensionStatus::refused).sum(),
        parts.stream().mapToLong(Snapshot::restarts).sum(),
        lastError(worst, parts),
        Optional.empty(),
        earliest(parts),
        lag(),
        Optional.empty(),
        List.of());
  }

  /** Of several exporters in a plugin the one that is furthest behind counts. */
  private Optional<ExportLag> lag() {
    return extensions.stream()
        .flatMap(extension -> extension.lag().stream())
        .map(lag -> new ExportLag(lag.backlog().events(), lag.backlog().oldest(), lag.lost()))
        .max(Comparator.comparingLong(ExportLag::events));
  }

  private static Optional<String> lastError(Snapshot worst, List<Snapshot> parts) {
    return Stream.concat(Stream.of(worst), parts.stream())
        .flatMap(part -> part.lastError().stream())
        .findFirst();
  }

  private static Optional<Instant> earliest(List<Snapshot> parts) {
    return parts.stream().flatMap(part -> part.nextTry().stream()).min(Comparator.naturalOrder());
  }
}
