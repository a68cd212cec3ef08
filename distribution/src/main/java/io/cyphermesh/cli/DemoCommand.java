package io.cyphermesh.cli;

import io.cyphermesh.cli.demo.Demo;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cyphermesh demo}. */
@Command(
    name = "demo",
    description = {
      "Start two nodes with throw-away data and show events on their way.",
      "",
      "They run on free ports. An SSH log under attack is replayed on one, and what the other"
          + " verifies is shown. Ctrl-C ends it."
    },
    footer = {"  cyphermesh demo", "  cyphermesh demo --seconds 30"})
final class DemoCommand implements Callable<Integer> {
  private final Surroundings around;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "End by itself after so long; exit code 1 if no event arrived.")
  private @Nullable Integer seconds;

  @Mixin private JsonOption json = new JsonOption();

  DemoCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds != null && seconds < 1) {
      throw CommandFailure.usage("--seconds: give a number from 1");
    }
    Terminal terminal = around.terminal();
    // What is told meanwhile is no result.
    Terminal story =
        json.wanted
            ? new Terminal(terminal.err(), terminal.err(), OptionalInt.empty(), false, false, false)
            : terminal;
    try (Demo demo = new Demo(story, around.clock(), program())) {
      Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "demo-stop"));
      boolean verified = demo.run(Optional.ofNullable(seconds).map(Duration::ofSeconds));
      if (json.wanted) {
        terminal.line(Json.ascii(demo.result()));
      }
      if (!verified) {
        around.terminal().note("no event was verified by both nodes");
      }
      return verified ? 0 : CommandFailure.FAILED;
    }
  }

  /** The launcher where there is one, so that the nodes run exactly as users' nodes do. */
  private List<String> program() {
    Optional<Path> launcher =
        around
            .installation()
            .map(home -> home.resolve("bin").resolve("cyphermesh"))
            .filter(Files::isExecutable);
    return launcher
        .map(path -> List.of(path.toString()))
        .orElseGet(
            () ->
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Djdk.tls.server.newSessionTicketCount=0",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName()));
  }
}
