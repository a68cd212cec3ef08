package io.cyphermesh.bench;

import io.cyphermesh.bench.data.MakeEve;
import io.cyphermesh.bench.data.MakeSshLog;
import io.cyphermesh.bench.detect.EveCommand;
import io.cyphermesh.bench.detect.LogsCommand;
import io.cyphermesh.bench.ingest.IngestCommand;
import io.cyphermesh.bench.ingest.ReconcileCommand;
import io.cyphermesh.bench.jmh.JmhCommand;
import io.cyphermesh.bench.queries.QueriesCommand;
import io.cyphermesh.bench.simulation.MeshCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of {@code bench/run}. */
@Command(
    name = "bench/run",
    description = "Measures CypherMesh. What the figures mean stands in docs/benchmarks.md.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      IngestCommand.class,
      LogsCommand.class,
      EveCommand.class,
      JmhCommand.class,
      QueriesCommand.class,
      MakeSshLog.class,
      MakeEve.class,
      MeshCommand.class,
      ReconcileCommand.class
    })
public final class Main {
  private Main() {}

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    CommandLine commands = new CommandLine(new Main());
    commands.setExecutionExceptionHandler(
        (e, command, _) -> {
          command.getErr().println("bench: " + (e.getMessage() == null ? e : e.getMessage()));
          if (Boolean.getBoolean("bench.trace")) {
            e.printStackTrace();
          }
          return 1;
        });
    if (arguments.length == 0) {
      commands.usage(System.err);
      System.exit(2);
    }
    System.exit(commands.execute(arguments));
  }
}
