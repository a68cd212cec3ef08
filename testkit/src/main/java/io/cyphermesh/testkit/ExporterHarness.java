package io.cyphermesh.testkit;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.ExportBatch;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.ExporterContext;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.ThreatEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stands in for a node that runs one exporter: starts it, hands it batches, and stops it.
 *
 * <pre>{@code
 * try (ExporterHarness harness = ExporterHarness.of(new MyExporter(), tempDir).settings("…").start()) {
 *   harness.export(Events.event("203.0.113.7"));
 * }
 * }</pre>
 */
public final class ExporterHarness implements AutoCloseable {
  private static final NodeId SELF = new NodeId("5e1f".repeat(16));

  private final Exporter exporter;
  private final Path directory;
  private final ManualClock clock = ManualClock.at("2026-01-01T12:00:00Z");
  private final List<ThreatEvent> stored = new ArrayList<>();
  private String settings = "";
  private long lost;
  private boolean started;

  private ExporterHarness(Exporter exporter, Path directory) {
    this.exporter = exporter;
    this.directory = directory;
  }

  /**
   * A harness for one exporter.
   *
   * @param directory an empty directory, for what the exporter keeps
   */
  public static ExporterHarness of(Exporter exporter, Path directory) {
    return new ExporterHarness(exporter, directory);
  }

  /** Settings over those of the plugin's reference.conf, in HOCON. */
  public ExporterHarness settings(String hocon) {
    settings = hocon;
    return this;
  }

  /** How many events later batches say were lost. */
  public ExporterHarness lost(long events) {
    lost = events;
    return this;
  }

  /** The clock that the exporter sees. */
  public ManualClock clock() {
    return clock;
  }

  /** The node that the exporter believes to be in. */
  public NodeId self() {
    return SELF;
  }

  /** Starts the exporter. */
  public ExporterHarness start() throws Exception {
    exporter.start(new Context());
    started = true;
    return this;
  }

  /** Hands it one batch, as the next ones of the log. */
  public void export(ThreatEvent... events) throws Exception {
    export(List.of(events));
  }

  /** Hands it one batch, as the next ones of the log. */
  public void export(List<ThreatEvent> events) throws Exception {
    long first = stored.size() + 1L;
    stored.addAll(events);
    exporter.export(new ExportBatch(events, first, stored.size(), lost));
  }

  /** Stops the exporter, and fails the test if that throws. */
  @Override
  public void close() {
    if (started) {
      started = false;
      try {
        exporter.stop();
      } catch (Exception e) {
        throw new AssertionError("the exporter failed to stop", e);
      }
    }
  }

  private final class Context extends HarnessContext implements ExporterContext {
    Context() {
      super(exporter.getClass(), settings, clock, directory);
    }

    @Override
    public NodeId self() {
      return SELF;
    }

    @Override
    public Optional<ThreatEvent> event(EventId id) {
      return stored.stream().filter(event -> event.id().equals(id)).findFirst();
    }

    @Override
    public List<ThreatEvent> newest(int limit) {
      if (limit < 1 || limit > 500) {
        throw new IllegalArgumentException("limit is 1 to 500, not " + limit);
      }
      return Stream.iterate(stored.size() - 1, i -> i >= 0, i -> i - 1)
          .limit(limit)
          .map(stored::get)
          .toList();
    }
  }
}
