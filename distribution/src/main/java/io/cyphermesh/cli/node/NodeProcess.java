package io.cyphermesh.cli.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeFile;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.data.PendingPeers;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.plugin.PluginFolder;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.PluginView;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node as a process: lock, log, node, dashboard, in this order; and back when told to stop.
 *
 * <p>Everything that stops it goes through the JVM's shutdown: a signal, the end of its parent, or
 * the end of {@link #run}.
 */
public final class NodeProcess {
  /** The store, links and plugins stop well within this; who kills us waits 10 s. */
  private static final Duration STOP_PATIENCE = Duration.ofMillis(9_500);

  /** Who only asks whether a node runs holds the lock for a moment. */
  private static final Duration LOCK_PATIENCE = Duration.ofMillis(500);

  private final Settings settings;
  private final Terminal terminal;
  private final InstantSource clock;
  private final String version;
  private final NodeParts.Starter starter;
  private final CountDownLatch stopped = new CountDownLatch(1);

  public NodeProcess(Settings settings, Terminal terminal, InstantSource clock, String version) {
    this(settings, terminal, clock, version, NodeParts::start);
  }

  NodeProcess(
      Settings settings,
      Terminal terminal,
      InstantSource clock,
      String version,
      NodeParts.Starter starter) {
    this.settings = settings;
    this.terminal = terminal;
    this.clock = clock;
    this.version = version;
    this.starter = starter;
  }

  /**
   * Runs the node until the process is told to stop.
   *
   * @param parent standard input of a process that is to end with its parent; its end is ours
   * @param afterStop what is left to do once the node has stopped, and before the process ends
   * @throws CommandFailure if the node cannot run here
   */
  public void run(Optional<InputStream> parent, Runnable afterStop) throws InterruptedException {
    LastWord lastWord = LastWord.ofProcess();
    Thread.setDefaultUncaughtExceptionHandler(lastWord);
    MemoryWatch memory = new MemoryWatch(lastWord::exhausted);
    memory.start();
    try (Running running = start()) {
      // Not before: nothing was logged until now.
      memory.warnWhereBlind();
      // The JVM starts hooks and then ends, whatever else still runs: the hook must be what stops.
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> stopInTime(running, afterStop), "cyphermesh-stop"));
      parent.ifPresent(NodeProcess::endWith);
      stopped.await();
    } catch (IOException e) {
      throw new CommandFailure(CommandFailure.reason(e));
    }
  }

  private void stopInTime(Running running, Runnable afterStop) {
    Thread worker =
        Thread.ofPlatform()
            .name("cyphermesh-close")
            .start(
                () -> {
                  running.close();
                  stopped.countDown();
                });
    try {
      if (!worker.join(STOP_PATIENCE)) {
        terminal.note("not everything stopped in time; what is on disk is complete");
        return;
      }
      afterStop.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A child whose parent is killed hears nothing but the end of this pipe. */
  private static void endWith(InputStream parent) {
    Thread.ofPlatform()
        .daemon()
        .name("cyphermesh-parent")
        .start(
            () -> {
              try {
                while (parent.read() >= 0) {
                  // What it says does not matter.
                }
              } catch (IOException e) {
                // Gone as well.
              }
              System.exit(0);
            });
  }

  /** Starts everything and tells where it is. */
  Running start() throws IOException {
    settings.warnings().forEach(terminal::note);
    DataDirectory data = settings.data();
    NodeLock lock = lock(data);
    NodeParts parts = null;
    try {
      NodeFile.delete(data);
      if (Restore.finish(data)) {
        terminal.note("a restore that was cut off is finished");
      }
      data.createFolders();
      if (settings.pluginFolders().contains(PluginFolder.own(data.plugins()))) {
        data.createPlugins();
      }
      LogSetup.toFolder(data.logs(), settings.logLevel());
      requireFree(settings.listen(), "--port");
      requireFree(settings.dashboard(), "--dashboard-port");
      parts = starter.start(settings, clock);
      addPendingPeers(data, parts);
      NodeParts.Web web = parts.serve(settings);
      NodeFile file =
          new NodeFile(
              ProcessHandle.current().pid(), url(web), clock.instant(), version, web.certificate());
      file.write(data);
      greet(parts, file.url());
      return new Running(data, lock, parts);
    } catch (IOException | RuntimeException e) {
      if (parts != null) {
        parts.close();
      }
      lock.close();
      throw e;
    }
  }

  private static NodeLock lock(DataDirectory data) throws IOException {
    long end = System.nanoTime() + LOCK_PATIENCE.toNanos();
    while (true) {
      Optional<NodeLock> lock = NodeLock.tryAcquire(data);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException(
            "a node"
                + NodeFile.read(data).map(node -> " (process " + node.pid() + ")").orElse("")
                + " runs on "
                + data.path()
                + " already: stop it, or give this one another folder with --data");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /** A port in use is the most common mishap; it is told before anything has begun. */
  private static void requireFree(HostPort address, String flag) throws IOException {
    InetAddress host;
    try {
      host = InetAddress.getByName(address.host());
    } catch (UnknownHostException e) {
      throw new IOException(
          "there is no address of the name '" + address.host() + "' to listen on", e);
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(host, address.port()));
    } catch (BindException e) {
      String reason = String.valueOf(e.getMessage());
      if (reason.contains("Cannot assign")) {
        throw new IOException(address.host() + " is no address of this machine", e);
      }
      if (reason.contains("Permission")) {
        throw new IOException(
            "port " + address.port() + " needs root: give one above 1023 with " + flag, e);
      }
      throw new IOException(
          "port " + address.port() + " is in use by another program: give a free one with " + flag,
          e);
    }
  }

  private static void addPendingPeers(DataDirectory data, NodeParts parts) throws IOException {
    Logger log = LoggerFactory.getLogger(NodeProcess.class);
    PendingPeers pending = new PendingPeers(data);
    List<String> lines = pending.lines();
    for (String line : lines) {
      try {
        parts.control().addPeer(HostPort.parse(line));
      } catch (IllegalArgumentException e) {
        log.warn("peers.txt: left out: {}", e.getMessage());
      }
    }
    pending.clear();
  }

  /** An address that can be opened on this machine, also where it listens on all. */
  private static URI url(NodeParts.Web web) {
    String host =
        switch (web.address().host()) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::", "0:0:0:0:0:0:0:0" -> "::1";
          default -> web.address().host();
        };
    return URI.create(
        (web.certificate().isPresent() ? "https://" : "http://")
            + new HostPort(host, web.address().port()));
  }

  private void greet(NodeParts parts, URI url) {
    NodeStatus status = parts.view().status();
    terminal.line(terminal.paint(Style.BOLD, "CypherMesh " + version));
    terminal.line("  node       " + status.nodeId());
    terminal.line(
        "  listening  "
            + status.listening().orElse("not yet on " + settings.listen() + ", see the log"));
    settings.seed().ifPresent(seed -> terminal.line("  seed       " + seed));
    terminal.line("  dashboard  " + terminal.paint(Style.CYAN, url.toString()));
    terminal.line("  token      " + settings.data().token());
    terminal.line("  plugins    " + plugins(parts.view().plugins()));
    status.warning().ifPresent(warning -> terminal.line("  warning    " + warning));
    terminal.line("Ctrl-C stops it.");
    terminal.out().flush();
  }

  private static String plugins(List<PluginView> plugins) {
    return plugins.isEmpty()
        ? "none"
        : plugins.stream()
            .map(plugin -> plugin.id() + " " + plugin.version() + " (" + plugin.state() + ")")
            .collect(Collectors.joining(", "));
  }

  /** What runs. Closing it twice is harmless. */
  static final class Running implements AutoCloseable {
    private final DataDirectory data;
    private final NodeLock lock;
    private final NodeParts parts;
    private boolean closed;

    private Running(DataDirectory data, NodeLock lock, NodeParts parts) {
      this.data = data;
      this.lock = lock;
      this.parts = parts;
    }

    @Override
    public synchronized void close() {
      if (closed) {
        return;
      }
      closed = true;
      Logger log = LoggerFactory.getLogger(NodeProcess.class);
      try {
        // First, so that nobody is sent to a node that is about to go.
        NodeFile.delete(data);
      } catch (IOException e) {
        log.warn("run/node.json stays behind: {}", CommandFailure.reason(e));
      }
      try {
        parts.close();
      } catch (RuntimeException e) {
        log.error("not everything stopped in order", e);
      }
      try {
        lock.close();
      } catch (IOException e) {
        log.warn("the lock stays until the process ends: {}", CommandFailure.reason(e));
      }
      log.info("stopped");
    }
  }
}
