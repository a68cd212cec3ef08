package io.cyphermesh.cli.node;

import io.cyphermesh.dashboard.Dashboard;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;

/** What is measured of the process: the JVM, and the dashboard. */
final class MachineMeters {
  private MachineMeters() {}

  /** Registers the JVM's; closing what comes back ends the listening to its collector. */
  static AutoCloseable bind(MeterRegistry meters) {
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    new FileDescriptorMetrics().bindTo(meters);
    new UptimeMetrics().bindTo(meters);
    JvmGcMetrics collector = new JvmGcMetrics();
    collector.bindTo(meters);
    return collector;
  }

  /** Registers the dashboard's. */
  static void bind(MeterRegistry meters, Dashboard dashboard) {
    Gauge.builder("cyphermesh.live.clients", dashboard, Dashboard::liveClients)
        .description("Clients of the live feed")
        .register(meters);
    FunctionCounter.builder("cyphermesh.live.cut", dashboard, Dashboard::liveCut)
        .description("Clients of the live feed that were cut since they did not keep up")
        .register(meters);
  }
}
