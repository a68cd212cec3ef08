package io.cyphermesh.cli.node;

import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.settings.SettingsReader;
import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The names of the metrics that a node has. */
public final class MetricNames {
  private MetricNames() {}

  /** Of one that is started for it, and of plugins, of which it has none. */
  public static Set<String> ofANode(Path folder) throws IOException, InterruptedException {
    Path conf =
        Files.writeString(
            folder.resolve("cyphermesh.conf"),
            "port = 0, host = \"127.0.0.1\", discovery = false, dashboard.port = 0");
    Settings settings =
        new SettingsReader(Map.of("CYPHER_DATA_DIR", folder.toString()), folder, Optional.empty())
            .read(new Flags().with("--config", conf.toString()));
    Files.createDirectories(settings.data().plugins());
    PrometheusMeterRegistry plugins = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new PluginMeters(plugins).set(List.of(exporter()), Instant.EPOCH);
    try (NodeParts parts = NodeParts.start(settings, InstantSource.system());
        HttpClient http = HttpClient.newHttpClient()) {
      URI metrics = URI.create("http://" + parts.serve(settings).address() + "/metrics");
      // JvmGcMetrics names its pauses once there was one.
      System.gc();
      String text =
          http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      Set<String> names = new TreeSet<>();
      Stream.concat(text.lines(), plugins.scrape().lines())
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("[{ ]", 2)[0])
          .forEach(names::add);
      names.add("jvm_gc_pause_seconds_sum");
      return names;
    }
  }

  private static PluginView exporter() {
    return new PluginView(
        "siem",
        "1",
        "",
        "",
        "",
        List.of("exporter"),
        "ACTIVE",
        Instant.EPOCH,
        0,
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(new ExportLag(0, Optional.empty(), 0)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }
}
