package io.cyphermesh.core.plugin;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.ExportBatch;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.ExporterContext;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.core.export.ExportCursor;
import io.cyphermesh.core.export.ExportScope;
import io.cyphermesh.core.export.ExportSettings;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an exporter does: it gets what its cursor reads, batch by batch. A batch that it cannot
 * deliver comes again after a pause that grows; that is the receiver's fault more often than the
 * plugin's, so it is tried for ever. An {@link Error} is the plugin's.
 */
final class ExporterWork implements SupervisedExtension.Work<Exporter> {
  private static final Logger LOG = LoggerFactory.getLogger(ExporterWork.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** The doorbell wakes it; this is for the one ring that a fault elsewhere swallowed. */
  private static final Duration IDLE = Duration.ofSeconds(5);

  private static final int MAX_LOOKED_AT = 500;

  private final String owner;
  private final PluginContext plugin;
  private final ExportSettings settings;
  private final Node node;
  private final ExtensionStatus status;
  private final SupervisedExtension.Pause pause;
  private final RandomGenerator random;
  private volatile boolean stopping;
  private volatile boolean closed;

  /** Where its events come from. */
  record Node(EventStore store, NodeId self, Doorbell doorbell) {}

  ExporterWork(
      String owner,
      PluginContext plugin,
      ExportSettings settings,
      Node node,
      ExtensionStatus status,
      SupervisedExtension.Pause pause,
      RandomGenerator random) {
    this.owner = owner;
    this.plugin = plugin;
    this.settings = settings;
    this.node = node;
    this.status = status;
    this.pause = pause;
    this.random = random;
  }

  @Override
  public void run(Exporter exporter) throws Exception {
    ExportCursor cursor = ExportCursor.open(node.store(), owner, settings, plugin.clock());
    status.exports(cursor::lag);
    boolean started = false;
    try {
      exporter.start(new Context(new ExportScope(settings)));
      started = true;
      int failures = 0;
      while (!stopping) {
        long heard = node.doorbell().rings();
        requireOpen();
        Optional<ExportBatch> batch = cursor.next();
        if (batch.isEmpty()) {
          node.doorbell().await(heard, IDLE);
        } else if (delivered(exporter, batch.get(), failures)) {
          requireOpen();
          cursor.delivered();
          status.produced(batch.get().events().size());
          if (failures > 0) {
            LOG.info("{} delivers again", owner);
            status.to(PluginState.ACTIVE);
          }
          failures = 0;
        } else {
          failures++;
        }
      }
    } finally {
      if (started) {
        stop(exporter);
      }
    }
  }

  private boolean delivered(Exporter exporter, ExportBatch batch, int failures) throws Exception {
    try {
      exporter.export(batch);
      return true;
    } catch (InterruptedException | SettingsException | StoreException e) {
      throw e;
    } catch (Exception e) {
      if (stopping) {
        throw e;
      }
      Duration wait = pauseAfter(failures);
      String reason = Fault.line(e);
      if (failures == 0) {
        LOG.warn("{} could not deliver, next try in {}: {}", owner, wait, reason);
        LOG.debug("{}", owner, e);
      }
      status.failed(reason, Fault.at(e), Optional.of(plugin.clock().instant().plus(wait)));
      pause.sleep(wait);
      return false;
    }
  }

  private Duration pauseAfter(int failures) {
    long full =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(failures, 20));
    // Up to a quarter less, so that what failed together does not come back together.
    return Duration.ofMillis(full - (long) (full * 0.25 * random.nextDouble()));
  }

  private void stop(Exporter exporter) {
    // What it lets go of must not fail for the interrupt that ended it.
    boolean interrupted = Thread.interrupted();
    try {
      exporter.stop();
    } catch (Exception | LinkageError e) {
      LOG.warn("{} failed to stop: {}", owner, Fault.line(e));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void stop() {
    stopping = true;
  }

  /** One that was left behind must not move the cursor of the run that took its place. */
  private void requireOpen() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("the node does not wait for this exporter any more");
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private final class Context implements ExporterContext, LentContext {
    private final ExportScope scope;

    Context(ExportScope scope) {
      this.scope = scope;
    }

    @Override
    public PluginContext plugin() {
      return plugin;
    }

    @Override
    public NodeId self() {
      return node.self();
    }

    @Override
    public Optional<ThreatEvent> event(EventId id) {
      return node.store().find(id).flatMap(scope::view);
    }

    @Override
    public List<ThreatEvent> newest(int limit) {
      if (limit < 1 || limit > MAX_LOOKED_AT) {
        throw new IllegalArgumentException("limit is 1 to " + MAX_LOOKED_AT + ", not " + limit);
      }
      return node.store().newest(limit, Long.MAX_VALUE).stream()
          .flatMap(stored -> scope.view(stored).stream())
          .toList();
    }
  }
}
