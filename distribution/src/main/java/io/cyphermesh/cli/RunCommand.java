package io.cyphermesh.cli;

import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.node.NodeProcess;
import io.cyphermesh.cli.settings.Flags;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cyphermesh run}. */
@Command(
    name = "run",
    description = {
      "Run a node until Ctrl-C.",
      "",
      "A flag counts before its variable, the variable before cyphermesh.conf in the data"
          + " directory. Without a flag: CYPHER_ACCEPT_V1, CYPHER_DASHBOARD_PUBLIC_READ,"
          + " CYPHER_KEY_PASSPHRASE, CYPHER_LOG_LEVEL. CYPHER_ACCEPT_V1=false keeps nodes of version"
          + " 1 out, which know no TLS."
    },
    exitCodeList = {"  3:out of memory", "130:ended by Ctrl-C", "143:told to stop by SIGTERM"},
    footer = {
      "  cyphermesh run",
      "  cyphermesh run --seed-ip 192.0.2.1",
      "  cyphermesh run --data /srv/cyphermesh --port 9005 --dashboard-port 5055"
    })
final class RunCommand implements Callable<Integer> {
  private final Surroundings around;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything of the node lives (CYPHER_DATA_DIR; ~/.cyphermesh).")
  private @Nullable String data;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port for peers, 0 for any free one (CYPHER_PORT; 9001).")
  private @Nullable String port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address for peers (CYPHER_IP; 0.0.0.0).")
  private @Nullable String host;

  @Option(
      names = "--bootstrap",
      paramLabel = "SEED|CONNECT",
      description =
          "Wait for others, or connect to --seed-ip (CYPHER_BOOTSTRAP; SEED, or CONNECT where a"
              + " seed is named).")
  private @Nullable String bootstrap;

  @Option(
      names = "--seed-ip",
      paramLabel = "ADDRESS",
      description = "The node to connect to (CYPHER_SEED_IP).")
  private @Nullable String seedIp;

  @Option(
      names = "--seed-port",
      paramLabel = "PORT",
      description = "Its port (CYPHER_SEED_PORT; 9001).")
  private @Nullable String seedPort;

  @Option(
      names = "--dashboard-port",
      paramLabel = "PORT",
      description = "Port of the dashboard, 0 for any free one (CYPHER_DASHBOARD_PORT; 5050).")
  private @Nullable String dashboardPort;

  @Option(
      names = "--dashboard-host",
      paramLabel = "ADDRESS",
      description = "Address of the dashboard (CYPHER_DASHBOARD_HOST; 127.0.0.1).")
  private @Nullable String dashboardHost;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description =
          "A folder of plugins besides the bundled ones; may be repeated (CYPHER_PLUGINS_DIR;"
              + " plugins in the data directory).")
  private List<String> plugins = new ArrayList<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings (CYPHER_CONFIG; cyphermesh.conf in the data directory).")
  private @Nullable String config;

  @Option(
      names = "--no-discovery",
      description = "Do not look for peers on the LAN, nor be found there (CYPHER_DISCOVERY).")
  private boolean noDiscovery;

  @Option(names = "--exit-with-parent", hidden = true)
  private boolean exitWithParent;

  RunCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    finishRestore(around.dataDirectory(data));
    Flags flags =
        new Flags()
            .with("--data", data)
            .with("--port", port)
            .with("--host", host)
            .with("--bootstrap", bootstrap)
            .with("--seed-ip", seedIp)
            .with("--seed-port", seedPort)
            .with("--dashboard-port", dashboardPort)
            .with("--dashboard-host", dashboardHost)
            .with("--config", config)
            .with("--no-discovery", noDiscovery ? "" : null)
            .withPlugins(plugins);
    new NodeProcess(
            around.settings().read(flags), around.terminal(), around.clock(), around.version())
        .run(
            exitWithParent ? Optional.of(around.in()) : Optional.empty(),
            () -> WarmUpCommand.afterStop(around));
    return 0;
  }

  /** Before the settings are read, which may be among what is restored. */
  private void finishRestore(DataDirectory directory) throws IOException {
    if (!Restore.isPending(directory)) {
      return;
    }
    Optional<NodeLock> lock = NodeLock.tryAcquire(directory);
    if (lock.isEmpty()) {
      // A node that runs, which is told later.
      return;
    }
    NodeLock held = lock.get();
    try (held) {
      if (Restore.finish(directory)) {
        around.terminal().note("a restore that was cut off is finished");
      }
    }
  }
}
