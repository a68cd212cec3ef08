package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Detector;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.core.source.FailedLine;
import io.cyphermesh.core.source.FollowSettings;
import io.cyphermesh.core.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one detector and runs it again when it ends, on a thread of its own.
 *
 * <p>A platform thread: a parser that never blocks would keep a carrier thread from the peers'
 * links for as long as it computes, and there are only as many carriers as cores.
 */
final class SupervisedDetector {
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedDetector.class);

  /** Before a restart after a failure of the store that was none of a commit. */
  private static final Duration STORE_PAUSE = Duration.ofSeconds(30);

  private final Class<? extends Detector> type;
  private final PluginContext plugin;
  private final CheckpointSlot slot;
  private final ExtensionStatus status;
  private final Restarts restarts;
  private final FollowSettings followSettings;
  private final Pause pause;
  private final FailedLine failedLine;
  private final Thread thread;
  private volatile boolean stopping;

  /** Waits before a restart. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  SupervisedDetector(
      String pluginId,
      Class<? extends Detector> type,
      PluginContext plugin,
      CheckpointSlot slot,
      ExtensionStatus status,
      Restarts restarts,
      FollowSettings followSettings,
      Pause pause) {
    this.type = type;
    this.plugin = plugin;
    this.slot = slot;
    this.status = status;
    this.restarts = restarts;
    this.followSettings = followSettings;
    this.pause = pause;
    // Lines that make a parser fail can be written by anybody who writes to the log: a few of them
    // must not stop the detector for good.
    this.failedLine = new FailedLine(restarts::forget);
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("plugin-" + pluginId + "-" + type.getSimpleName())
            .inheritInheritableThreadLocals(false)
            .unstarted(this::supervise);
    this.thread.setContextClassLoader(type.getClassLoader());
  }

  CheckpointSlot slot() {
    return slot;
  }

  void start() {
    status.to(PluginState.STARTING);
    thread.start();
  }

  /** Tells it to stop and returns at once. */
  void stop() {
    stopping = true;
    slot.stop();
    if (thread.isAlive()) {
      if (status.now().state() != PluginState.FAILED || status.now().nextTry().isPresent()) {
        status.to(PluginState.STOPPING);
      }
      thread.interrupt();
    } else if (status.now().state() == PluginState.RESOLVED) {
      status.to(PluginState.STOPPED);
    }
  }

  /**
   * Waits until it has stopped; what does not is left behind.
   *
   * @return whether it stopped
   */
  boolean awaitStop(Duration time) throws InterruptedException {
    if (!thread.isAlive() || (time.isPositive() && thread.join(time))) {
      if (status.now().state() == PluginState.STOPPING) {
        // It ended by itself between the question and the order.
        status.to(PluginState.STOPPED);
      }
      return true;
    }
    slot.close();
    status.to(PluginState.WEDGED);
    StackTraceElement[] stack = thread.getStackTrace();
    LOG.warn(
        "{} did not stop{}", thread.getName(), stack.length == 0 ? "" : "; it is at " + stack[0]);
    return false;
  }

  private void supervise() {
    while (!stopping) {
      Throwable fault = runOnce();
      if (stopping) {
        break;
      }
      Optional<Duration> wait =
          switch (fault) {
            case SettingsException _ -> Optional.empty();
            // No fault of the plugin's, so it does not count as one.
            case StoreException _ -> Optional.of(STORE_PAUSE);
            default -> restarts.afterFailure();
          };
      String reason = Fault.line(fault);
      if (wait.isEmpty()) {
        LOG.error("{} failed and stays so: {}", thread.getName(), reason, fault);
        status.failed(reason, Optional.empty());
        return;
      }
      LOG.warn("{} failed, next try in {}: {}", thread.getName(), wait.get(), reason, fault);
      Instant next = plugin.clock().instant().plus(wait.get());
      status.failed(reason, Optional.of(next));
      try {
        pause.sleep(wait.get());
      } catch (InterruptedException e) {
        // Only a stop interrupts here; a late interrupt of the plugin's own costs the pause.
        continue;
      }
      status.restarted();
    }
    status.to(PluginState.STOPPED);
  }

  /** Returns why it ended. */
  private Throwable runOnce() {
    try {
      status.to(PluginState.STARTING);
      Detector detector = Extensions.instantiate(type);
      HostedDetectorContext context =
          new HostedDetectorContext(plugin, slot, failedLine, followSettings);
      status.to(PluginState.ACTIVE);
      detector.run(context);
      return new IllegalStateException("run() returned, though nobody told it to stop");
    } catch (Throwable e) {
      return known(e);
    } finally {
      // What the plugin left behind must not end the pause; a stop is seen by its flag.
      Thread.interrupted();
      thread.setContextClassLoader(type.getClassLoader());
    }
  }

  /** Plugins wrap exceptions; wrong settings and a full disk stay what they are all the same. */
  private static Throwable known(Throwable fault) {
    Throwable cause = fault;
    for (int depth = 0; cause != null && depth < 10; depth++) {
      if (cause instanceof SettingsException || cause instanceof StoreException) {
        return cause;
      }
      cause = cause.getCause();
    }
    return fault;
  }
}
