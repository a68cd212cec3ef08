package io.cyphermesh.core.plugin;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.api.TlsIdentity;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportContext;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A transport that a plugin brings, to be started and used by the node. */
public final class LoadedTransport {
  private static final Logger LOG = LoggerFactory.getLogger(LoadedTransport.class);

  private static final Duration START = Duration.ofSeconds(10);
  private static final Duration CLOSE = Duration.ofSeconds(2);

  /** Who swallowed an interrupt gets another one. */
  private static final Duration INTERRUPT_AGAIN = Duration.ofMillis(250);

  private final String pluginId;
  private final Class<? extends Transport> type;
  private final PluginContext plugin;
  private final ExtensionStatus status;
  private final OwnedThreads threads;

  LoadedTransport(
      String pluginId,
      Class<? extends Transport> type,
      PluginContext plugin,
      ExtensionStatus status) {
    this.pluginId = pluginId;
    this.type = type;
    this.plugin = plugin;
    this.status = status;
    this.threads = new OwnedThreads(pluginId, type.getClassLoader());
  }

  /** The plugin that brings it. */
  public String pluginId() {
    return pluginId;
  }

  /**
   * Makes and starts it; the plugin is {@code ACTIVE} then, or {@code FAILED}.
   *
   * @param acceptsPlain whether plain links of version 1 nodes are accepted
   * @throws IOException if it cannot work here, whatever it threw, or was told to stop; the message
   *     is one line
   */
  public Transport start(TlsIdentity identity, TransportLimits limits, boolean acceptsPlain)
      throws IOException {
    if (threads.isStopped()) {
      throw new IOException(pluginId + ": it was stopped");
    }
    status.to(PluginState.STARTING);
    try {
      Transport transport =
          guarded(
              "start",
              START,
              () -> {
                Transport made = Extensions.instantiate(type);
                made.start(new Context(plugin, identity, limits, acceptsPlain, threads));
                return made;
              },
              // Nothing of it lasts but its threads, which end below.
              late -> {});
      status.to(PluginState.ACTIVE);
      return transport;
    } catch (Failed e) {
      threads.stop();
      status.crashed(e.reason, e.at, Optional.empty());
      throw new IOException(pluginId + ": " + e.reason, e.getCause());
    }
  }

  /** What a started transport binds. */
  public record Listening(Transport.Listener listener, HostPort address) {}

  /**
   * Binds an address with a started transport.
   *
   * @throws IOException if it cannot be bound, whatever was thrown; the message is one line
   */
  public Listening listen(Transport started, HostPort where) throws IOException {
    try {
      return guarded(
          "listen",
          START,
          () -> {
            Transport.Listener listener = started.listen(where);
            Objects.requireNonNull(listener, "listen() gave nothing");
            return new Listening(
                listener, Objects.requireNonNull(listener.address(), "address() gave nothing"));
          },
          late -> late.listener().close());
    } catch (Failed e) {
      if (e.getCause() instanceof IOException refused) {
        throw new IOException(Fault.message(refused), refused);
      }
      throw new IOException(pluginId + ": " + e.reason, e.getCause());
    }
  }

  /**
   * Unbinds, within a moment.
   *
   * @throws IOException if it does not unbind in time, or throws anything; the message is one line
   */
  public void close(Transport.Listener listener) throws IOException {
    // Who is in a hurry waits a moment all the same: the address is to be free.
    boolean interrupted = Thread.interrupted();
    try {
      guarded(
          "close",
          CLOSE,
          () -> {
            listener.close();
            return true;
          },
          late -> {});
    } catch (Failed e) {
      throw new IOException(pluginId + ": " + e.reason, e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * A thread of the transport's, which ends with it, that runs work in its code.
   *
   * @throws IllegalStateException if it was told to stop
   */
  public Thread newThread(Runnable work) {
    return threads.newThread(work);
  }

  /** Code of the plugin's, which may throw anything. */
  @FunctionalInterface
  private interface GuestCode<T> {
    T run() throws Throwable;
  }

  /** Runs code of the plugin's on a thread of its own, so that it can neither hang nor end ours. */
  private <T> T guarded(String what, Duration limit, GuestCode<T> work, Consumer<T> late)
      throws Failed {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .group(IsolatedClassLoader.threads(type))
            .daemon()
            .name("plugin-" + pluginId + "-" + what)
            .inheritInheritableThreadLocals(false)
            .unstarted(
                () -> {
                  try {
                    T result = work.run();
                    if (!done.complete(result)) {
                      late.accept(result);
                    }
                  } catch (Throwable e) {
                    if (!done.completeExceptionally(e)) {
                      LOG.debug("plugin {}: {} failed late", pluginId, what, e);
                    }
                  }
                });
    thread.setContextClassLoader(type.getClassLoader());
    thread.start();
    try {
      return done.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return giveUp(done, thread, "interrupted during its " + what, e);
    } catch (TimeoutException e) {
      return giveUp(
          done,
          thread,
          "its %s did not end within %d s%s"
              .formatted(what, limit.toSeconds(), Fault.place(thread)),
          e);
    } catch (ExecutionException e) {
      throw new Failed(e);
    }
  }

  /** Gives up, unless it is done at this very moment. */
  private static <T> T giveUp(
      CompletableFuture<T> done, Thread thread, String reason, Exception cause) throws Failed {
    if (done.completeExceptionally(cause)) {
      thread.interrupt();
      throw new Failed(reason, cause);
    }
    try {
      return done.join();
    } catch (CompletionException e) {
      throw new Failed(e);
    }
  }

  /** Why code of the plugin's came to nothing. */
  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;
    private final transient Optional<String> at;

    Failed(String reason, Exception cause) {
      super(reason, cause);
      this.reason = reason;
      this.at = Optional.empty();
    }

    /** By what it threw, which is the cause. */
    Failed(Exception wrapped) {
      super(wrapped.getCause() == null ? wrapped : wrapped.getCause());
      Throwable fault = wrapped.getCause() == null ? wrapped : wrapped.getCause();
      this.reason = Fault.line(fault);
      this.at = Fault.at(fault);
    }
  }

  /** Shows that the node cannot use it, for instance since it cannot listen where it should. */
  public void failed(String reason) {
    status.crashed(reason, Optional.empty(), Optional.empty());
  }

  /** Shows that it is about to stop. */
  void stopping() {
    if (status.now().state() != PluginState.FAILED) {
      status.to(PluginState.STOPPING);
    }
  }

  /** Interrupts its threads; it gets no more of them. */
  public void stop() {
    threads.stop();
  }

  /**
   * Waits until its threads have ended.
   *
   * @return whether they did
   */
  boolean awaitStop(Duration time) throws InterruptedException {
    boolean stopped = threads.join(time);
    if (!stopped) {
      status.wedged("its threads do not stop");
    } else if (status.now().state() != PluginState.FAILED) {
      status.to(PluginState.STOPPED);
    }
    return stopped;
  }

  boolean hasEnded() {
    return threads.living.isEmpty();
  }

  private record Context(
      PluginContext plugin,
      TlsIdentity identity,
      TransportLimits limits,
      boolean acceptsPlain,
      ThreadFactory threads)
      implements TransportContext, LentContext {}

  /** Makes a transport's threads and knows those that live. */
  private static final class OwnedThreads implements ThreadFactory {
    private final String pluginId;
    private final ClassLoader loader;
    private final AtomicLong made = new AtomicLong();
    private final Set<Thread> living = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    OwnedThreads(String pluginId, ClassLoader loader) {
      this.pluginId = pluginId;
      this.loader = loader;
    }

    @Override
    public Thread newThread(Runnable work) {
      if (stopped) {
        throw new IllegalStateException("the transport was told to stop and gets no more threads");
      }
      Thread thread =
          Thread.ofVirtual()
              .name("plugin-" + pluginId + "-" + made.incrementAndGet())
              .inheritInheritableThreadLocals(false)
              .unstarted(() -> run(work));
      thread.setContextClassLoader(loader);
      return thread;
    }

    private void run(Runnable work) {
      Thread current = Thread.currentThread();
      synchronized (this) {
        // Nothing of the plugin's runs on a thread that comes to its turn too late.
        if (stopped) {
          return;
        }
        living.add(current);
      }
      try {
        work.run();
      } finally {
        living.remove(current);
      }
    }

    boolean isStopped() {
      return stopped;
    }

    void stop() {
      synchronized (this) {
        stopped = true;
      }
      living.forEach(Thread::interrupt);
    }

    /** Waits for all that live; none begins after {@link #stop}. */
    boolean join(Duration time) throws InterruptedException {
      long end = System.nanoTime() + time.toNanos();
      while (true) {
        Iterator<Thread> left = living.iterator();
        if (!left.hasNext()) {
          return true;
        }
        Duration until = Duration.ofNanos(end - System.nanoTime());
        if (!until.isPositive()) {
          return false;
        }
        left.next().join(until.compareTo(INTERRUPT_AGAIN) < 0 ? until : INTERRUPT_AGAIN);
        living.forEach(Thread::interrupt);
      }
    }
  }
}
