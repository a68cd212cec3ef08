package io.cyphermesh.cli.demo;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.Reset;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Two nodes, one of which reads a log under attack. Shows what the other hears of it, until told to
 * stop; then nothing is left of them.
 */
public final class Demo implements AutoCloseable {
  private static final Duration LINK_PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final int EVENTS_A_LOOK = 500;

  private final Terminal terminal;
  private final InstantSource clock;
  private final List<String> program;
  private final Path folder;
  private final List<ChildNode> nodes = new ArrayList<>();
  private final Sightings sightings = new Sightings();
  private @Nullable Thread writer;
  private boolean closed;

  /**
   * Prepares it; nothing runs yet.
   *
   * @param program the command that starts this program again
   */
  public Demo(Terminal terminal, InstantSource clock, List<String> program) throws IOException {
    this.terminal = terminal;
    this.clock = clock;
    this.program = List.copyOf(program);
    this.folder = Files.createTempDirectory("cyphermesh-demo-");
  }

  /**
   * Runs the demo.
   *
   * @param length when it ends by itself; empty for never
   * @return whether an event was verified by both nodes
   * @throws CommandFailure if a node fails
   */
  public boolean run(Optional<Duration> length) throws IOException, InterruptedException {
    Path log = folder.resolve("auth.log");
    Files.createFile(log);
    terminal.line("Starting two nodes with throw-away data in " + folder + " …");
    ChildNode a = node("A", log, List.of());
    NodeClient clientA = a.awaitUp();
    ChildNode b =
        node(
            "B",
            folder.resolve("quiet.log"),
            List.of(
                "--bootstrap", "CONNECT", "--seed-ip", "127.0.0.1", "--seed-port", port(clientA)));
    NodeClient clientB = b.awaitUp();
    awaitLink(clientA, a, b);

    terminal.line(
        "  node A  "
            + terminal.paint(Style.CYAN, clientA.url().toString())
            + "  reads an SSH log under attack");
    terminal.line(
        "  node B  "
            + terminal.paint(Style.CYAN, clientB.url().toString())
            + "  hears of it from A alone");
    terminal.line("Open both. Ctrl-C ends the demo and removes its data.");
    terminal.line("");
    write(log);
    watch(clientA, clientB, a, b, length);
    summary();
    return sightings.shared() > 0;
  }

  private ChildNode node(String name, Path log, List<String> arguments) throws IOException {
    DataDirectory data = new DataDirectory(folder.resolve("node-" + name));
    data.create();
    Files.writeString(
        data.config(),
        """
        plugins.log-watcher {
          files = [%s]
          from = start
        }
        """
            .formatted(Json.ascii(new com.google.gson.JsonPrimitive(log.toString()))));
    ChildNode node = ChildNode.start(name, data, program, arguments);
    synchronized (this) {
      nodes.add(node);
      if (closed) {
        node.stop();
      }
    }
    return node;
  }

  private static String port(NodeClient client) throws NodeGone {
    String listening =
        Json.text(client.get("/api/v1/status"), "listening")
            .orElseThrow(() -> new CommandFailure("node A listens nowhere: see its page"));
    return listening.substring(listening.lastIndexOf(':') + 1);
  }

  private static void awaitLink(NodeClient client, ChildNode a, ChildNode b) throws NodeGone {
    long end = System.nanoTime() + LINK_PATIENCE.toNanos();
    while (Json.number(client.get("/api/v1/status"), "peersConnected") == 0) {
      if (System.nanoTime() - end > 0) {
        throw new CommandFailure(
            "the nodes did not find each other within " + LINK_PATIENCE.toSeconds() + " s");
      }
      a.requireAlive();
      b.requireAlive();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private void write(Path log) {
    writer =
        Thread.ofPlatform()
            .daemon()
            .name("demo-log")
            .start(
                () -> {
                  try {
                    AttackLog.sample().replay(log, clock);
                    terminal.line(
                        "The sample log is at its end; both nodes go on. Ctrl-C ends them.");
                  } catch (IOException e) {
                    terminal.note("the sample log cannot be written: " + CommandFailure.reason(e));
                  } catch (InterruptedException e) {
                    // Told to stop.
                  }
                });
  }

  private void watch(
      NodeClient clientA, NodeClient clientB, ChildNode a, ChildNode b, Optional<Duration> length)
      throws InterruptedException {
    long begin = System.nanoTime();
    long seqA = 0;
    long seqB = 0;
    while (length.isEmpty() || System.nanoTime() - begin < length.get().toNanos()) {
      a.requireAlive();
      b.requireAlive();
      try {
        seqA = look(clientA, seqA, sightings::onFirst);
        seqB = look(clientB, seqB, sightings::onSecond);
      } catch (NodeGone e) {
        // Its process tells more; the next round asks it.
      }
      Thread.sleep(LOOK_EVERY);
    }
  }

  /** What an event that was seen on one of the nodes means. */
  @FunctionalInterface
  private interface Look {
    Optional<Sightings.Shared> at(JsonObject event);
  }

  private long look(NodeClient client, long after, Look look) throws NodeGone {
    long last = after;
    for (JsonObject event : client.events(EVENTS_A_LOOK, after).reversed()) {
      last = Math.max(last, Json.number(event, "seq"));
      look.at(event).ifPresent(this::show);
    }
    return last;
  }

  private void show(Sightings.Shared shared) {
    JsonObject event = shared.event();
    String severity = Json.text(event, "severity").orElse("");
    terminal.line(
        "%s  %s  %s  %s  %s"
            .formatted(
                terminal.paint(Style.GREEN, "verified on B"),
                terminal.paint(Style.ofSeverity(severity), pad(Printable.of(severity), 8)),
                pad(Printable.of(Json.text(event, "threat_type").orElse("")), 21),
                pad(Printable.of(Json.text(event, "source_ip").orElse("")), 22),
                terminal.paint(Style.DIM, shared.latency().toMillis() + " ms after A")));
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - Printable.width(text)));
  }

  private void summary() {
    terminal.line("");
    terminal.line(
        "%d events detected by A, %d of them verified by B, in %d ms (median)."
            .formatted(sightings.detected(), sightings.shared(), sightings.median().toMillis()));
  }

  /** What came of it. */
  public JsonObject result() {
    JsonObject result = new JsonObject();
    result.addProperty("detected", sightings.detected());
    result.addProperty("verified", sightings.shared());
    result.addProperty("medianMillis", sightings.median().toMillis());
    return result;
  }

  /** Stops the nodes and removes their data. Also called when the process is told to stop. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (writer != null) {
        writer.interrupt();
      }
      nodes.forEach(ChildNode::stop);
    }
    nodes.forEach(ChildNode::close);
    try {
      Reset.deleteTree(folder);
    } catch (IOException | UncheckedIOException e) {
      terminal.note(folder + " could not be removed: " + CommandFailure.reason(e));
    }
  }
}
