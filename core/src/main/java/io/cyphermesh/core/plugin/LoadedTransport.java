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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** A transport that a plugin brings, to be started and used by the node. */
public final class LoadedTransport {
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
    Thread current = Thread.currentThread();
    ClassLoader before = current.getContextClassLoader();
    current.setContextClassLoader(type.getClassLoader());
    try {
      Transport transport = Extensions.instantiate(type);
      transport.start(new Context(plugin, identity, limits, acceptsPlain, threads));
      status.to(PluginState.ACTIVE);
      return transport;
    } catch (Throwable e) {
      String reason = Fault.line(e);
      status.failed(reason, Optional.empty());
      throw new IOException(pluginId + ": " + reason, e);
    } finally {
      current.setContextClassLoader(before);
    }
  }

  void stop() {
    if (status.now().state() != PluginState.FAILED) {
      status.to(PluginState.STOPPING);
    }
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
      status.to(PluginState.WEDGED);
    } else if (status.now().state() != PluginState.FAILED) {
      status.to(PluginState.STOPPED);
    }
    return stopped;
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
