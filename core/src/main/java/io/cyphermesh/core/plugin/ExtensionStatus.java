package io.cyphermesh.core.plugin;

import io.cyphermesh.core.export.ExportCursor;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** How one extension is. Written by its own thread and the host, read by any. */
final class ExtensionStatus {
  private final InstantSource clock;
  private final Runnable changed;
  private final AtomicLong produced = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private Snapshot now;
  private Optional<String> waitingFor = Optional.empty();
  private volatile boolean crashed;
  private volatile Optional<Supplier<ExportCursor.Lag>> lag = Optional.empty();

  /**
   * At one moment.
   *
   * @param errorAt the first stack line of {@code lastError}
   */
  record Snapshot(
      PluginState state,
      Instant since,
      long restarts,
      Optional<String> lastError,
      Optional<String> errorAt,
      Optional<Instant> nextTry) {
    Snapshot in(PluginState other, Instant when) {
      return new Snapshot(other, when, restarts, lastError, errorAt, Optional.empty());
    }
  }

  ExtensionStatus(PluginState state, InstantSource clock, Runnable changed) {
    this.clock = clock;
    this.changed = changed;
    this.now =
        new Snapshot(
            state, clock.instant(), 0, Optional.empty(), Optional.empty(), Optional.empty());
  }

  void to(PluginState state) {
    synchronized (this) {
      now = now.in(state, clock.instant());
    }
    changed.run();
  }

  /** It does not work for now, and if there is no next try, for good. */
  void failed(String reason, Optional<String> at, Optional<Instant> nextTry) {
    synchronized (this) {
      now =
          new Snapshot(
              PluginState.FAILED,
              clock.instant(),
              now.restarts(),
              Optional.of(reason),
              at,
              nextTry);
    }
    changed.run();
  }

  /** Its own code ended by a fault. */
  void crashed(String reason, Optional<String> at, Optional<Instant> nextTry) {
    crashed = true;
    failed(reason, at, nextTry);
  }

  /** Whether its own code ever ended by a fault. */
  boolean hasCrashed() {
    return crashed;
  }

  /** It was told to stop and did not. */
  void wedged(String reason) {
    synchronized (this) {
      now =
          new Snapshot(
              PluginState.WEDGED,
              clock.instant(),
              now.restarts(),
              Optional.of(reason),
              Optional.empty(),
              Optional.empty());
    }
    changed.run();
  }

  void restarted() {
    synchronized (this) {
      now =
          new Snapshot(
              now.state(),
              now.since(),
              now.restarts() + 1,
              now.lastError(),
              now.errorAt(),
              now.nextTry());
    }
  }

  /** It works, but waits for something that is no fault of its own; shown as the last error. */
  void waits(String reason) {
    synchronized (this) {
      waitingFor = Optional.of(reason);
    }
    changed.run();
  }

  /** What it waited for is there; the error before it is the last one again. */
  void waitsNoMore() {
    synchronized (this) {
      if (waitingFor.isEmpty()) {
        return;
      }
      waitingFor = Optional.empty();
    }
    changed.run();
  }

  /** It exports, and this is how far it is behind. */
  void exports(Supplier<ExportCursor.Lag> behind) {
    lag = Optional.of(behind);
  }

  /** How far it is behind, where it exports. */
  Optional<ExportCursor.Lag> lag() {
    return lag.map(Supplier::get);
  }

  void produced(long more) {
    produced.addAndGet(more);
  }

  void refused(long more) {
    refused.addAndGet(more);
  }

  long produced() {
    return produced.get();
  }

  long refused() {
    return refused.get();
  }

  synchronized Snapshot now() {
    return waitingFor.isEmpty()
        ? now
        : new Snapshot(
            now.state(), now.since(), now.restarts(), waitingFor, Optional.empty(), now.nextTry());
  }
}
