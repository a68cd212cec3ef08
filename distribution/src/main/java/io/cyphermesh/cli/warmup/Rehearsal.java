package io.cyphermesh.cli.warmup;

import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What a node's first minutes and an operator's commands are like, in one process and with
 * throw-away data: two nodes that link, an event that goes over, the dashboard's page, each
 * command.
 */
public final class Rehearsal {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> PAGES =
      List.of("/", "/health", "/metrics", "/api/v1/status", "/api/v1/openapi.json");

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("--help"),
          List.of("run", "--help"),
          List.of("status"),
          List.of("peers"),
          List.of("plugins"),
          List.of("events", "--limit", "20"),
          List.of("events", "--json"));

  /** Enough for the JVM to see which methods are hot. */
  private static final int EVENTS = 50;

  private final Path folder;
  private final Commands commands;

  /**
   * Rehearses with the program's own commands.
   *
   * @param folder for the data of the nodes; theirs alone
   */
  public Rehearsal(Path folder, Commands commands) {
    this.folder = folder;
    this.commands = commands;
  }

  /** Runs a command in this process, its output thrown away. */
  @FunctionalInterface
  public interface Commands {
    /** Its exit code. */
    int run(DataDirectory data, String... arguments);
  }

  /**
   * Does it all. The nodes go on running: they end with the process, as users' nodes do.
   *
   * @throws CommandFailure if something does not work here
   */
  public void run() throws IOException {
    DataDirectory data = directory("first");
    NodeClient node = start(data);
    start(directory("second"), "--seed-ip", "127.0.0.1", "--seed-port", peerPort(node));
    await("two nodes on this machine did not find each other", () -> peers(node) > 0);
    for (int i = 1; i <= EVENTS; i++) {
      command(data, "report", "--source", "192.0.2." + i, "--type", "x", "--severity", "low");
    }
    for (String page : PAGES) {
      read(node.url().resolve(page));
    }
    for (List<String> line : COMMANDS) {
      command(data, line.toArray(String[]::new));
    }
  }

  /** A node that runs as 'cyphermesh run' does; returns once it serves. */
  private NodeClient start(DataDirectory data, String... seed) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "run",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--dashboard-port",
                "0",
                "--no-discovery"));
    arguments.addAll(List.of(seed));
    Thread.ofPlatform()
        .daemon()
        .name("rehearsal-" + data.path().getFileName())
        .start(() -> commands.run(data, arguments.toArray(String[]::new)));
    await("no node can run here", () -> NodeClient.find(data).isPresent());
    return NodeClient.find(data).orElseThrow();
  }

  private void command(DataDirectory data, String... arguments) {
    int code = commands.run(data, arguments);
    if (code != 0) {
      throw new CommandFailure(String.join(" ", arguments) + " ended with " + code);
    }
  }

  private DataDirectory directory(String name) throws IOException {
    DataDirectory data = new DataDirectory(folder.resolve(name));
    data.create();
    // The logs of this machine are none of its business.
    Files.writeString(data.config(), "plugins.log-watcher.files = []\n");
    return data;
  }

  private static String peerPort(NodeClient node) throws NodeGone {
    String listening =
        Json.text(node.get("/api/v1/status"), "listening")
            .orElseThrow(() -> new CommandFailure("the node listens nowhere"));
    return listening.substring(listening.lastIndexOf(':') + 1);
  }

  private static long peers(NodeClient node) {
    try {
      return Json.number(node.get("/api/v1/status"), "peersConnected");
    } catch (NodeGone e) {
      throw new CommandFailure("the node ended by itself");
    }
  }

  private static void await(String otherwise, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new CommandFailure(otherwise);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static void read(URI page) throws IOException {
    try (InputStream in = page.toURL().openStream()) {
      in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
