package io.cyphermesh.cli.node;

import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Gauges of plugins, by id; plugins come and go while a node runs. */
final class PluginMeters {
  private final MultiGauge events;
  private final MultiGauge age;
  private final MultiGauge lost;
  private final MultiGauge restarts;
  private final MultiGauge active;
  private final MultiGauge produced;

  PluginMeters(MeterRegistry meters) {
    events =
        MultiGauge.builder("cyphermesh.export.lag.events")
            .description("Events that an exporter has not delivered yet, counted to 100,000")
            .register(meters);
    age =
        MultiGauge.builder("cyphermesh.export.lag")
            .description("How long the oldest event that an exporter has not delivered waits")
            .baseUnit("seconds")
            .register(meters);
    lost =
        MultiGauge.builder("cyphermesh.export.lost.events")
            .description("Events that were deleted before an exporter could deliver them, ever")
            .register(meters);
    restarts =
        MultiGauge.builder("cyphermesh.plugin.restarts")
            .description("How often a plugin was restarted after a fault, since it was loaded")
            .register(meters);
    active =
        MultiGauge.builder("cyphermesh.plugin.active")
            .description("1 for a plugin that works, 0 for one in another state, by state")
            .register(meters);
    produced =
        MultiGauge.builder("cyphermesh.plugin.produced")
            .description("What a plugin detected, found or delivered, since it was loaded")
            .register(meters);
  }

  /** Sets them to how the plugins are. */
  void set(List<PluginView> plugins, Instant now) {
    events.register(rows(plugins, ExportLag::events), true);
    age.register(rows(plugins, lag -> seconds(lag, now)), true);
    lost.register(rows(plugins, ExportLag::lost), true);
    restarts.register(all(plugins, PluginView::restarts), true);
    produced.register(all(plugins, PluginView::produced), true);
    active.register(
        plugins.stream()
            .<Row<?>>map(
                plugin ->
                    Row.of(
                        Tags.of("plugin", plugin.id(), "state", plugin.state()),
                        plugin.state().equals("ACTIVE") ? 1 : 0))
            .toList(),
        true);
  }

  private static List<Row<?>> rows(List<PluginView> plugins, ToDoubleFunction<ExportLag> value) {
    return plugins.stream()
        .<Row<?>>mapMulti(
            (plugin, rows) ->
                plugin
                    .lag()
                    .ifPresent(
                        lag ->
                            rows.accept(
                                Row.of(Tags.of("plugin", plugin.id()), value.applyAsDouble(lag)))))
        .toList();
  }

  private static List<Row<?>> all(List<PluginView> plugins, ToDoubleFunction<PluginView> value) {
    return plugins.stream()
        .<Row<?>>map(plugin -> Row.of(Tags.of("plugin", plugin.id()), value.applyAsDouble(plugin)))
        .toList();
  }

  private static double seconds(ExportLag lag, Instant now) {
    return lag.since().map(since -> Math.max(0, Duration.between(since, now).toMillis())).orElse(0L)
        / 1000.0;
  }
}
