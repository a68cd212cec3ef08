package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.data.Reset;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.cli.warmup.AotCache;
import io.cyphermesh.cli.warmup.Rehearsal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cyphermesh warm-up}. */
@Command(
    name = "warm-up",
    description = {
      "Make the AOT cache, with which nodes and commands start in half the time.",
      "",
      "Takes some seconds, with two nodes on free ports of loopback and throw-away data.",
      "The container image and the Debian package bring it along; elsewhere a node makes it when"
          + " it stops for the first time. After an update of Java it has to be made anew."
    },
    footer = "  cyphermesh warm-up")
final class WarmUpCommand implements Callable<Integer> {
  /** Set by the launcher for a node that has no cache and may make one. */
  private static final String WANTED = "cyphermesh.aot.make";

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Somebody waits for the process to end. */
  private static final Duration LAST_PATIENCE = Duration.ofMinutes(1);

  private final Surroundings around;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--rehearse", paramLabel = "DIR", hidden = true)
  private @Nullable Path folder;

  WarmUpCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws Exception {
    if (folder != null) {
      rehearse(folder);
      return 0;
    }
    around.terminal().note("rehearsing, this takes some seconds");
    AotCache cache = make(around, PATIENCE);
    long bytes = Files.size(cache.file());
    if (json) {
      JsonObject made = new JsonObject();
      made.addProperty("file", cache.file().toString());
      made.addProperty("bytes", bytes);
      around.terminal().line(Json.ascii(made));
    } else {
      around.terminal().line(cache.file() + " is made, " + (bytes >> 20) + " MiB");
    }
    return 0;
  }

  /** Halts: nobody would take the cache that an orderly end makes. */
  private void endWithParent() {
    try {
      while (around.in().read() >= 0) {
        // What it says does not matter.
      }
    } catch (IOException e) {
      // Gone as well.
    }
    Runtime.getRuntime().halt(CommandFailure.FAILED);
  }

  private static AotCache make(Surroundings around, Duration patience)
      throws IOException, InterruptedException {
    Path launcher =
        around
            .installation()
            .map(home -> home.resolve("bin").resolve("cyphermesh"))
            .filter(Files::isExecutable)
            .orElseThrow(
                () -> new CommandFailure("there is no launcher here: run bin/cyphermesh warm-up"));
    AotCache cache = new AotCache(launcher, Path.of(System.getProperty("cyphermesh.aot", "")));
    Path data = Files.createTempDirectory("cyphermesh-warm-up-");
    try {
      cache.make(List.of("warm-up", "--rehearse", data.toString()), patience);
    } finally {
      Reset.deleteTree(data);
    }
    return cache;
  }

  /** Makes the cache at the end of a node's process, where the launcher found none. */
  static void afterStop(Surroundings around) {
    if (!Boolean.getBoolean(WANTED)) {
      return;
    }
    Terminal terminal = around.terminal();
    terminal.note(
        "stopped; making the AOT cache, with which the next start takes half the time (CYPHER_AOT=use"
            + " leaves that out)");
    try {
      make(around, LAST_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      terminal.note("there is no AOT cache: " + CommandFailure.reason(e));
    }
  }

  private void rehearse(Path data) throws IOException {
    Thread.ofPlatform().daemon().name("rehearsal-parent").start(this::endWithParent);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    // As on a terminal with colours, so that what paints them is known as well.
    Terminal terminal =
        new Terminal(nowhere, around.terminal().err(), OptionalInt.of(80), false, false, true);
    new Rehearsal(
            data,
            (directory, arguments) -> Main.run(around.instead(terminal, directory), arguments))
        .run();
  }
}
