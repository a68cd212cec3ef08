package io.cyphermesh.core.plugin;

import io.cyphermesh.api.PluginContext;
import io.cyphermesh.api.TlsIdentity;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportContext;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** A transport that a plugin brings, to be started and used by the node. */
public final class LoadedTransport {
  private static final Duration LIMIT = Duration.ofSeconds(10);

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
   * @throws IOException if it cannot work here, whatever it threw; the message is one line
   */
  public Transport start(TlsIdentity identity, TransportLimits limits, boolean acceptsPlain)
      throws IOException {
    status.to(PluginState.STARTING);
    CompletableFuture<Transport> started = new CompletableFuture<>();
    Thread starter =
        Thread.ofPlatform()
            .group(IsolatedClassLoader.threads(type))
            .daemon()
            .name("plugin-" + pluginId + "-start")
            .inheritInheritableThreadLocals(false)
            .unstarted(
                () -> {
                  try {
                    Transport transport = Extensions.instantiate(type);
                    transport.start(new Context(plugin, identity, limits, acceptsPlain, threads));
                    started.complete(transport);
                  } catch (Throwable e) {
                    started.completeExceptionally(e);
                  }
                });
    starter.setContextClassLoader(type.getClassLoader());
    starter.start();
    try {
      Transport transport = started.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      status.to(PluginState.ACTIVE);
      return transport;
    } catch (InterruptedException e) {
      starter.interrupt();
      Thread.currentThread().interrupt();
      throw failed("interrupted while it started", Optional.empty(), e);
    } catch (TimeoutException e) {
      starter.interrupt();
      throw failed(
          "it did not start within " + LIMIT.toSeconds() + " s" + Fault.place(starter),
          Optional.empty(),
          e);
    } catch (ExecutionException e) {
      Throwable fault = e.getCause() == null ? e : e.getCause();
      throw failed(Fault.line(fault), Fault.at(fault), fault);
    }
  }

  /** Shows that the node cannot use it, for instance since it cannot listen where it should. */
  public void failed(String reason) {
    status.crashed(reason, Optional.empty(), Optional.empty());
  }

  private IOException failed(String reason, Optional<String> at, Throwable cause) {
    status.crashed(reason, at, Optional.empty());
    return new IOException(pluginId + ": " + reason, cause);
  }

  /** Shows that it is about to stop. */
  void stopping() {
    if (status.now().state() != PluginState.FAILED) {
      status.to(PluginState.STOPPING);
    }
  }

  /** Interrupts its threads. */
  void stop() {
    threads.interrupt();
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

    OwnedThreads(String pluginId, ClassLoader loader) {
      this.pluginId = pluginId;
      this.loader = loader;
    }

    @Override
    public Thread newThread(Runnable work) {
      Thread thread =
          Thread.ofVirtual()
              .name("plugin-" + pluginId + "-" + made.incrementAndGet())
              .inheritInheritableThreadLocals(false)
              .unstarted(
                  () -> {
                    living.add(Thread.currentThread());
                    try {
                      work.run();
                    } finally {
                      living.remove(Thread.currentThread());
                    }
                  });
      thread.setContextClassLoader(loader);
      return thread;
    }

    void interrupt() {
      living.forEach(Thread::interrupt);
    }

    boolean join(Duration time) throws InterruptedException {
      long end = System.nanoTime() + time.toNanos();
      for (Thread thread : List.copyOf(living)) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (thread.isAlive() && (!left.isPositive() || !thread.join(left))) {
          return false;
        }
      }
      return true;
    }
  }
}
