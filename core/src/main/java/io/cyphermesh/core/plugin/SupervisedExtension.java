package io.cyphermesh.core.plugin;

import io.cyphermesh.core.source.LineException;
import io.cyphermesh.core.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.pf4j.ExtensionPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one extension and runs it again when it ends, on a thread of its own.
 *
 * <p>A platform thread: a parser that never blocks would keep a carrier thread from the peers'
 * links for as long as it computes, and there are only as many carriers as cores.
 */
final class SupervisedExtension<T extends ExtensionPoint> {
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedExtension.class);

  /** Before a restart after a failure of the store that was none of a commit. */
  private static final Duration STORE_PAUSE = Duration.ofSeconds(30);

  private final Class<? extends T> type;
  private final Work<T> work;
  private final InstantSource clock;
  private final ExtensionStatus status;
  private final Restarts restarts;
  private final Pause pause;
  private final Thread thread;
  private volatile boolean stopping;

  /** What an extension of one kind does, over all its restarts. */
  interface Work<T> {
    /** Lends a new instance its context and has it run. */
    void run(T extension) throws Exception;

    /** Learns that the extension is told to stop. */
    default void stop() {}

    /** Takes nothing more from an extension that did not stop. */
    default void close() {}
  }

  /** Waits before a restart. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  SupervisedExtension(
      String pluginId,
      Class<? extends T> type,
      Work<T> work,
      InstantSource clock,
      ExtensionStatus status,
      Restarts restarts,
      Pause pause) {
    this.type = type;
    this.work = work;
    this.clock = clock;
    this.status = status;
    this.restarts = restarts;
    this.pause = pause;
    this.thread =
        Thread.ofPlatform()
            .group(IsolatedClassLoader.threads(type))
            .daemon()
            .name("plugin-" + pluginId + "-" + type.getSimpleName())
            .inheritInheritableThreadLocals(false)
            .unstarted(this::supervise);
    this.thread.setContextClassLoader(type.getClassLoader());
  }

  void start() {
    status.to(PluginState.STARTING);
    thread.start();
  }

  /** Tells it to stop and returns at once. */
  void stop() {
    stopping = true;
    work.stop();
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
    work.close();
    String reason = "its thread " + thread.getName() + " does not stop" + Fault.place(thread);
    LOG.warn("{}", reason);
    status.wedged(reason);
    return false;
  }

  /** Takes nothing more of what threads of its own may still bring. */
  void close() {
    work.close();
  }

  /** Whether nothing of it runs any more. */
  boolean hasEnded() {
    return !thread.isAlive();
  }

  private void supervise() {
    try {
      superviseUntilStopped();
    } catch (Throwable e) {
      // For instance an exception of the plugin's whose own methods throw.
      status.crashed(
          "its fault cannot be told: " + e.getClass().getName(), Fault.at(e), Optional.empty());
    }
  }

  /** An exception is the plugin's code, too, when it is written down. */
  private void tell(String what, String reason, Throwable fault) {
    try {
      LOG.warn("{} {}: {}", thread.getName(), what, reason, fault);
    } catch (Throwable e) {
      LOG.warn("{} {}: {}", thread.getName(), what, reason);
    }
  }

  private void superviseUntilStopped() {
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
        status.crashed(reason, Fault.at(fault), Optional.empty());
        tell("failed and stays so", reason, fault);
        return;
      }
      Instant next = clock.instant().plus(wait.get());
      if (fault instanceof StoreException || fault instanceof LineException) {
        // Neither a full disk nor what somebody wrote to a log speaks against the plugin.
        status.failed(reason, Fault.at(fault), Optional.of(next));
      } else {
        status.crashed(reason, Fault.at(fault), Optional.of(next));
      }
      tell("failed, next try in " + wait.get(), reason, fault);
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
      T extension = Extensions.instantiate(type);
      status.to(PluginState.ACTIVE);
      work.run(extension);
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
    try {
      for (int depth = 0; cause != null && depth < 10; depth++) {
        if (cause instanceof SettingsException || cause instanceof StoreException) {
          return cause;
        }
        cause = cause.getCause();
      }
    } catch (Throwable e) {
      return fault;
    }
    return fault;
  }
}
