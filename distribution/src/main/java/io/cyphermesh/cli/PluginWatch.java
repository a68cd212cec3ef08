package io.cyphermesh.cli;

import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Waits for a running node to take over what changed in its folder of plugins: it looks into it
 * every few seconds, and a plugin that must go has 10 s to stop.
 */
final class PluginWatch {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration EVERY = Duration.ofMillis(250);
  private static final Duration QUIET = Duration.ofSeconds(1);
  private static final int LINE = 78;

  private final DataDirectory data;
  private final Terminal terminal;
  private final Duration patience;

  /** How the wait ended. */
  sealed interface End<T> {
    /** The node shows what was waited for. */
    record Seen<T>(T what) implements End<T> {}

    /** No node runs. */
    record Absent<T>() implements End<T> {}

    /** The node runs, and did not show it in time. */
    record Late<T>() implements End<T> {}
  }

  PluginWatch(DataDirectory data, Terminal terminal) {
    this(data, terminal, PATIENCE);
  }

  PluginWatch(DataDirectory data, Terminal terminal, Duration patience) {
    this.data = data;
    this.terminal = terminal;
    this.patience = patience;
  }

  /**
   * Asks until {@code question} has an answer.
   *
   * @param what is waited for, for the progress that is shown
   */
  <T> End<T> until(String what, Function<List<ShownPlugin>, Optional<T>> question)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    boolean shown = false;
    try {
      while (true) {
        long waited = System.nanoTime() - begin;
        Optional<NodeClient> node = NodeClient.find(data);
        if (node.isPresent()) {
          try {
            Optional<T> answer = question.apply(ShownPlugin.all(node.get()));
            if (answer.isPresent()) {
              return new End.Seen<>(answer.get());
            }
          } catch (NodeGone e) {
            // It stops or starts at this moment.
          }
        } else if (!NodeLock.isHeld(data)) {
          return new End.Absent<>();
        }
        if (waited >= patience.toNanos()) {
          return new End.Late<>();
        }
        if (terminal.watching() && waited >= QUIET.toNanos()) {
          shown = true;
          progress("waiting for the node to " + what + ": " + waited / 1_000_000_000 + " s");
        }
        Thread.sleep(EVERY);
      }
    } finally {
      if (shown) {
        progress("");
        terminal.err().print("\r");
        terminal.err().flush();
      }
    }
  }

  private void progress(String text) {
    String line = Printable.fit(Printable.of(text), LINE);
    terminal.err().print("\r" + line + " ".repeat(Math.max(0, LINE - Printable.width(line))));
    terminal.err().flush();
  }

  /** The failure that says that a node did not do it. */
  CommandFailure late(String what) {
    return new CommandFailure(
        "after %d s the node has not %s: its log %s says more"
            .formatted(patience.toSeconds(), what, data.logs().resolve("cyphermesh.log")));
  }
}
