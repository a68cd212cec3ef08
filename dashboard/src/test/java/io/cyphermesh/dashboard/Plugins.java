package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.core.view.PluginView.ExtensionView;
import io.cyphermesh.core.view.PluginView.PluginFile;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A plugin to be shown, of one extension: what a test says nothing of is as of a healthy one. */
record Plugins(
    String id,
    String version,
    String description,
    String kind,
    String state,
    Instant since,
    long produced,
    long refused,
    long restarts,
    Optional<String> lastError,
    Optional<String> errorAt,
    Optional<Instant> nextTry,
    Optional<ExportLag> lag) {

  static Plugins of(String id, String kind, String state, Instant since) {
    return new Plugins(
        id,
        "0.1.0",
        "",
        kind,
        state,
        since,
        0,
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  Plugins says(String text) {
    return new Plugins(
        id, version, text, kind, state, since, produced, refused, restarts, lastError, errorAt,
        nextTry, lag);
  }

  Plugins counts(long good, long bad, long again) {
    return new Plugins(
        id,
        version,
        description,
        kind,
        state,
        since,
        good,
        bad,
        again,
        lastError,
        errorAt,
        nextTry,
        lag);
  }

  Plugins failing(String error, String at, Instant next) {
    return new Plugins(
        id,
        version,
        description,
        kind,
        state,
        since,
        produced,
        refused,
        restarts,
        Optional.of(error),
        Optional.of(at),
        Optional.of(next),
        lag);
  }

  Plugins behind(long events, Instant oldest, long lost) {
    return new Plugins(
        id,
        version,
        description,
        kind,
        state,
        since,
        produced,
        refused,
        restarts,
        lastError,
        errorAt,
        nextTry,
        Optional.of(new ExportLag(events, Optional.of(oldest), lost)));
  }

  PluginView view() {
    ExtensionView extension =
        new ExtensionView(
            kind,
            "io.cyphermesh.example." + Character.toUpperCase(kind.charAt(0)) + kind.substring(1),
            state,
            since,
            produced,
            refused,
            restarts,
            lastError,
            errorAt,
            nextTry,
            lag);
    return new PluginView(
        id,
        version,
        "CypherMesh",
        description,
        "^0.1.0",
        List.of(kind),
        state,
        since,
        produced,
        refused,
        restarts,
        lastError,
        errorAt,
        nextTry,
        lag,
        Optional.of(
            new PluginFile(
                "/opt/cyphermesh/plugins/" + id + "-" + version + ".jar",
                true,
                Optional.of(FakeNode.sha256(id)),
                Optional.of(since))),
        Optional.empty(),
        Optional.empty(),
        state.equals("DISABLED") ? List.of() : List.of(extension));
  }

  /** A jar that is not loaded at all, listed under the name of its file. */
  static PluginView refusedJar(String path, String reason, Instant since) {
    return new PluginView(
        path.substring(path.lastIndexOf('/') + 1),
        "",
        "",
        "",
        "",
        List.of(),
        "FAILED",
        since,
        0,
        0,
        0,
        Optional.of(reason),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(new PluginFile(path, false, Optional.empty(), Optional.of(since))),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  /** The same plugin in another state, its errors forgotten. */
  static PluginView in(String state, PluginView plugin, Instant since) {
    return new PluginView(
        plugin.id(),
        plugin.version(),
        plugin.provider(),
        plugin.description(),
        plugin.requires(),
        plugin.kinds(),
        state,
        since,
        plugin.produced(),
        plugin.refused(),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        plugin.lag(),
        plugin.file(),
        plugin.upgrade(),
        plugin.trialEnds(),
        List.of());
  }
}
