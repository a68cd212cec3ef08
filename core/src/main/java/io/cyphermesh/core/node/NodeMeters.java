package io.cyphermesh.core.node;

import io.cyphermesh.core.peer.PeerLinks;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.store.sqlite.WriterLoad;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;

/** What is measured of queues, commits and lines. */
final class NodeMeters {
  private NodeMeters() {}

  /**
   * Registers them.
   *
   * @param mesh how many inputs wait for the mesh
   * @param verifiers how many events wait to be examined
   */
  static void bind(
      MeterRegistry meters,
      SqliteEventStore store,
      PeerLinks links,
      IntSupplier mesh,
      IntSupplier verifiers) {
    queue(meters, "store", () -> store.load().waiting());
    queue(meters, "mesh", mesh);
    queue(meters, "verification", verifiers);
    FunctionTimer.builder(
            "cyphermesh.store.commit",
            store,
            s -> s.load().groups(),
            s -> s.load().nanos(),
            TimeUnit.NANOSECONDS)
        .description("Transactions that were committed, and how long they took")
        .register(meters);
    FunctionCounter.builder("cyphermesh.store.writes", store, of(WriterLoad::writes))
        .description("Writes in committed transactions: by transactions, the size of a group")
        .register(meters);
    bytes(meters, "in", links, PeerLinks::bytesReceived);
    bytes(meters, "out", links, PeerLinks::bytesSent);
  }

  private static ToDoubleFunction<SqliteEventStore> of(ToDoubleFunction<WriterLoad> value) {
    return store -> value.applyAsDouble(store.load());
  }

  private static void queue(MeterRegistry meters, String name, IntSupplier size) {
    // The node holds what is asked; a weak reference would lose a mere method.
    Gauge.builder("cyphermesh.queue.size", size::getAsInt)
        .description("How much waits in a queue")
        .tag("queue", name)
        .register(meters);
  }

  private static void bytes(
      MeterRegistry meters, String direction, PeerLinks links, ToDoubleFunction<PeerLinks> count) {
    FunctionCounter.builder("cyphermesh.links.traffic", links, count)
        .description("Bytes of frames that went over links")
        .baseUnit("bytes")
        .tag("direction", direction)
        .register(meters);
  }
}
