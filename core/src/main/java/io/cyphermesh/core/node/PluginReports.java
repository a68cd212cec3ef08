package io.cyphermesh.core.node;

import io.cyphermesh.api.Detection;
import io.cyphermesh.core.pipeline.LocalReports;
import io.cyphermesh.core.plugin.DetectionSink;
import io.cyphermesh.core.store.EventStore;
import java.util.List;
import java.util.Optional;

/** Where plugins' detections go: the pipeline's local end, and the store for what they remember. */
final class PluginReports implements DetectionSink {
  private final LocalReports reports;
  private final EventStore store;

  PluginReports(LocalReports reports, EventStore store) {
    this.reports = reports;
    this.store = store;
  }

  @Override
  public List<Optional<String>> submit(
      String owner, String pluginId, List<Detection> detections, Optional<byte[]> checkpoint)
      throws InterruptedException {
    return reports.submit(owner, pluginId, detections, checkpoint);
  }

  @Override
  public Optional<byte[]> checkpoint(String owner) {
    return store.checkpoint(owner);
  }
}
