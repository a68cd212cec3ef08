package io.cyphermesh.cli.demo;

import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.terminal.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, started as a user would start it. */
final class ChildNode implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofSeconds(40);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(9);

  private final String name;
  private final DataDirectory data;
  private final Path output;
  private final Process process;

  private ChildNode(String name, DataDirectory data, Path output, Process process) {
    this.name = name;
    this.data = data;
    this.output = output;
    this.process = process;
  }

  /**
   * Starts it; does not wait until it is up.
   *
   * @param program the command up to the node's own arguments
   * @param arguments of {@code run}
   */
  static ChildNode start(
      String name, DataDirectory data, List<String> program, List<String> arguments)
      throws IOException {
    data.create();
    Path output = data.path().resolve("output.txt");
    List<String> command = new ArrayList<>(program);
    command.addAll(
        List.of(
            "run",
            "--exit-with-parent",
            "--data",
            data.path().toString(),
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-host",
            "127.0.0.1",
            "--dashboard-port",
            "0",
            "--no-discovery"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    // The user's own settings are for the user's own node.
    builder.environment().keySet().removeIf(key -> key.startsWith("CYPHER_"));
    builder
        .environment()
        .put("CYPHER_JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The demo ends at once: its nodes make no AOT cache.
    builder.environment().put("CYPHER_AOT", "use");
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    return new ChildNode(name, data, output, builder.start());
  }

  /** Waits until its REST interface is up. */
  NodeClient awaitUp() throws InterruptedException {
    long end = System.nanoTime() + START_PATIENCE.toNanos();
    while (System.nanoTime() - end < 0) {
      requireAlive();
      Optional<NodeClient> client = NodeClient.find(data);
      if (client.isPresent()) {
        return client.get();
      }
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
    throw new CommandFailure(
        "node " + name + " did not come up within " + START_PATIENCE.toSeconds() + " s" + last());
  }

  /** Fails if it has ended. */
  void requireAlive() {
    if (!process.isAlive()) {
      throw new CommandFailure("node " + name + " ended by itself" + last());
    }
  }

  private String last() {
    try (var lines = Files.lines(output)) {
      return lines
          .filter(line -> !line.isBlank())
          .reduce((_, line) -> line)
          .map(l -> ": " + l)
          .orElse("");
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }

  /** Tells it to stop, without waiting. */
  void stop() {
    process.destroy();
  }

  /** Stops it, by force if need be, and waits for its end. */
  @Override
  public void close() {
    stop();
    try {
      if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
