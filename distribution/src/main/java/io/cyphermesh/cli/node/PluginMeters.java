package io.cyphermesh.cli.node;

import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Gauges and counters of plugins, by id; plugins come and go while a node runs. */
final class PluginMeters {
  private final MultiGauge events;
  private final MultiGauge age;
  private final Counters lost;
  private final MultiGauge active;
  private final Counters restarts;
  private final Counters produced;

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
        new Counters(
            meters,
            "cyphermesh.export.lost.events",
            "Events that were deleted before an exporter could deliver them, ever");
    restarts =
        new Counters(
            meters,
            "cyphermesh.plugin.restarts",
            "How often a plugin was restarted after a fault, since it was loaded");
    active =
        MultiGauge.builder("cyphermesh.plugin.active")
            .description("1 for a plugin that works, 0 for one in another state, by state")
            .register(meters);
    produced =
        new Counters(
            meters,
            "cyphermesh.plugin.produced",
            "What a plugin detected, found or delivered, since it was loaded");
  }

  /** Sets them to how the plugins are. */
  void set(List<PluginView> plugins, Instant now) {
    events.register(rows(plugins, ExportLag::events), true);
    age.register(rows(plugins, lag -> seconds(lag, now)), true);
    lost.set(plugins, plugin -> plugin.lag().map(ExportLag::lost));
    restarts.set(plugins, plugin -> Optional.of(plugin.restarts()));
    produced.set(plugins, plugin -> Optional.of(plugin.produced()));
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

  /**
   * One counter for each plugin that is there and counts this; it begins anew where the plugin's
   * own count does.
   */
  private static final class Counters {
    private final MeterRegistry meters;
    private final String name;
    private final String description;
    private final Map<String, Shown> shown = new HashMap<>();

    private record Shown(FunctionCounter counter, AtomicLong value) {}

    Counters(MeterRegistry meters, String name, String description) {
      this.meters = meters;
      this.name = name;
      this.description = description;
    }

    synchronized void set(List<PluginView> plugins, Function<PluginView, Optional<Long>> count) {
      Set<String> there = new HashSet<>();
      for (PluginView plugin : plugins) {
        Optional<Long> counted = count.apply(plugin);
        if (counted.isPresent()) {
          there.add(plugin.id());
          shown.computeIfAbsent(plugin.id(), this::show).value.set(counted.get());
        }
      }
      shown
          .entrySet()
          .removeIf(
              entry -> {
                if (there.contains(entry.getKey())) {
                  return false;
                }
                meters.remove(entry.getValue().counter);
                return true;
              });
    }

    private Shown show(String id) {
      AtomicLong value = new AtomicLong();
      return new Shown(
          FunctionCounter.builder(name, value, AtomicLong::get)
              .description(description)
              .tag("plugin", id)
              .register(meters),
          value);
    }
  }

  private static double seconds(ExportLag lag, Instant now) {
    return lag.since().map(since -> Math.max(0, Duration.between(since, now).toMillis())).orElse(0L)
        / 1000.0;
  }
}
