package io.cyphermesh.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PluginMetersTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final PluginMeters exports = new PluginMeters(meters);

  @Test
  void eachExporterHasItsMeters() {
    exports.set(
        List.of(
            plugin(
                "webhook", Optional.of(new ExportLag(7, Optional.of(NOW.minusMillis(1_500)), 3))),
            plugin("syslog", Optional.of(new ExportLag(0, Optional.empty(), 0))),
            plugin("log-watcher", Optional.empty())),
        NOW);

    assertThat(value("cyphermesh.export.lag.events", "webhook")).isEqualTo(7);
    assertThat(value("cyphermesh.export.lag", "webhook")).isEqualTo(1.5);
    assertThat(count("cyphermesh.export.lost.events", "webhook")).isEqualTo(3);
    assertThat(count("cyphermesh.export.lost.events", "syslog")).isZero();
    assertThat(value("cyphermesh.export.lag.events", "syslog")).isZero();
    assertThat(value("cyphermesh.export.lag", "syslog")).isZero();
    for (String name : List.of("cyphermesh.export.lag", "cyphermesh.export.lost.events")) {
      assertThat(meters.find(name).tag("plugin", "log-watcher").meter()).as(name).isNull();
    }
  }

  @Test
  void theyFollowTheirPlugins() {
    exports.set(List.of(plugin("a", Optional.of(new ExportLag(7, Optional.empty(), 0)))), NOW);
    exports.set(List.of(plugin("b", Optional.of(new ExportLag(8, Optional.empty(), 0)))), NOW);

    assertThat(meters.find("cyphermesh.export.lag.events").tag("plugin", "a").gauge()).isNull();
    assertThat(value("cyphermesh.export.lag.events", "b")).isEqualTo(8);
  }

  @Test
  void whatCountsUpIsACounterAndGoesWithItsPlugin() {
    exports.set(List.of(plugin("a", 2, 40), plugin("b", 0, 1)), NOW);
    exports.set(List.of(plugin("a", 3, 50)), NOW);

    assertThat(count("cyphermesh.plugin.restarts", "a")).isEqualTo(3);
    assertThat(count("cyphermesh.plugin.produced", "a")).isEqualTo(50);
    assertThat(meters.find("cyphermesh.plugin.produced").tag("plugin", "b").meter()).isNull();
    exports.set(List.of(plugin("a", 0, 4)), NOW);
    assertThat(count("cyphermesh.plugin.produced", "a")).isEqualTo(4);
  }

  private double count(String name, String plugin) {
    return meters.get(name).tag("plugin", plugin).functionCounter().count();
  }

  /** A clock that was set back. */
  @Test
  void nobodyIsAheadOfTime() {
    exports.set(
        List.of(plugin("a", Optional.of(new ExportLag(1, Optional.of(NOW.plusSeconds(9)), 0)))),
        NOW);

    assertThat(value("cyphermesh.export.lag", "a")).isZero();
  }

  private double value(String name, String plugin) {
    Gauge gauge = meters.get(name).tag("plugin", plugin).gauge();
    return gauge.value();
  }

  private static PluginView plugin(String id, Optional<ExportLag> lag) {
    return plugin(id, 0, 0, lag);
  }

  private static PluginView plugin(String id, int restarts, long produced) {
    return plugin(id, restarts, produced, Optional.empty());
  }

  private static PluginView plugin(
      String id, int restarts, long produced, Optional<ExportLag> lag) {
    return new PluginView(
        id,
        "1.0.0",
        "CypherMesh",
        "",
        "",
        List.of("exporter"),
        "ACTIVE",
        NOW,
        produced,
        0,
        restarts,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        lag,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }
}
