package io.cyphermesh.core.plugin;

import io.cyphermesh.core.view.PluginView.ExtensionView;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.pf4j.ExtensionPoint;

/**
 * One extension of a loaded plugin, whatever its kind. The host's control thread starts and stops
 * it.
 */
abstract sealed class Part {
  private final ExtensionKind kind;
  private final String type;
  private final ExtensionStatus status;

  private Part(ExtensionKind kind, Class<?> type, ExtensionStatus status) {
    this.kind = kind;
    this.type = type.getName();
    this.status = status;
  }

  ExtensionKind kind() {
    return kind;
  }

  ExtensionStatus status() {
    return status;
  }

  /** Starts it if the node is ready for its kind and it does not run yet. */
  abstract void start(Openings openings);

  /** Tells it to stop and returns at once. */
  abstract void stop(Openings openings);

  /**
   * Waits until it has stopped; what does not is {@code WEDGED} and can do nothing more to the
   * node.
   *
   * @return whether it stopped
   */
  abstract boolean awaitStop(Duration time) throws InterruptedException;

  /** Takes nothing more of it, for good. */
  void close() {}

  /** Whether nothing of it runs any more. */
  abstract boolean hasEnded();

  ExtensionView view() {
    ExtensionStatus.Snapshot now = status.now();
    return new ExtensionView(
        kind.label(),
        type,
        now.state().name(),
        now.since(),
        status.produced(),
        status.refused(),
        now.restarts(),
        now.lastError(),
        now.errorAt(),
        now.nextTry(),
        HostedPlugin.lag(status));
  }

  /** Runs on a thread of its own, restarted when it ends. */
  static final class Supervised<T extends ExtensionPoint> extends Part {
    private final Function<SupervisedExtension.Work<T>, SupervisedExtension<T>> supervisor;
    private final Function<Openings, Optional<SupervisedExtension.Work<T>>> work;
    private Optional<SupervisedExtension<T>> running = Optional.empty();

    /**
     * An extension that does not run yet.
     *
     * @param work what it does; empty while the node is not ready for it
     */
    Supervised(
        ExtensionKind kind,
        Class<? extends T> type,
        ExtensionStatus status,
        Function<SupervisedExtension.Work<T>, SupervisedExtension<T>> supervisor,
        Function<Openings, Optional<SupervisedExtension.Work<T>>> work) {
      super(kind, type, status);
      this.supervisor = supervisor;
      this.work = work;
    }

    @Override
    void start(Openings openings) {
      if (running.isPresent()) {
        return;
      }
      if (kind() == ExtensionKind.DISCOVERY && openings.noDiscoveries()) {
        if (status().now().state() == PluginState.RESOLVED) {
          status().to(PluginState.DISABLED);
        }
        return;
      }
      running = work.apply(openings).map(supervisor);
      running.ifPresent(SupervisedExtension::start);
    }

    @Override
    void stop(Openings openings) {
      if (running.isPresent()) {
        running.get().stop();
      } else if (status().now().state() == PluginState.RESOLVED) {
        status().to(PluginState.STOPPED);
      }
    }

    @Override
    boolean awaitStop(Duration time) throws InterruptedException {
      return running.isEmpty() || running.get().awaitStop(time);
    }

    @Override
    void close() {
      running.ifPresent(SupervisedExtension::close);
    }

    @Override
    boolean hasEnded() {
      return running.isEmpty() || running.get().hasEnded();
    }
  }

  /** Is used by the node. */
  static final class OfTransport extends Part {
    private final LoadedTransport transport;

    OfTransport(LoadedTransport transport, Class<?> type, ExtensionStatus status) {
      super(ExtensionKind.TRANSPORT, type, status);
      this.transport = transport;
    }

    LoadedTransport transport() {
      return transport;
    }

    @Override
    void start(Openings openings) {
      // Until it is used: the one that is may be gone at the next look.
      if (status().now().state() == PluginState.RESOLVED) {
        openings.transports().ifPresent(user -> user.use(transport));
      }
    }

    @Override
    void stop(Openings openings) {
      transport.stopping();
      openings.transports().ifPresent(user -> user.leave(transport));
      transport.stop();
    }

    @Override
    boolean awaitStop(Duration time) throws InterruptedException {
      return transport.awaitStop(time);
    }

    @Override
    boolean hasEnded() {
      return transport.hasEnded();
    }
  }
}
