package io.cyphermesh.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.data.Reset;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cyphermesh reset}. */
@Command(
    name = "reset",
    description = {
      "Delete what a stopped node keeps, after a confirmation.",
      "",
      "Plugins that you put into the data directory are never deleted, nor is what a restore moved"
          + " aside (before-restore-*). With --json nobody is asked: add --yes."
    },
    footer = {"  cyphermesh reset --db", "  cyphermesh reset --all --yes --data /srv/cyphermesh"})
final class ResetCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  @ArgGroup(multiplicity = "1")
  private Choice choice = new Choice();

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  /** Exactly one of them. */
  static final class Choice {
    @Option(names = "--db", description = "Events, scores and addresses.")
    private boolean db;

    @Option(names = "--config", description = "Settings; keys stay.")
    private boolean config;

    @Option(
        names = "--all",
        description = "Everything, keys included: the node begins as a stranger.")
    private boolean all;

    Reset.Scope scope() {
      if (all) {
        return Reset.Scope.ALL;
      }
      if (config) {
        return Reset.Scope.CONFIGURATION;
      }
      if (db) {
        return Reset.Scope.DATABASE;
      }
      throw new IllegalStateException("the parser requires one of them");
    }
  }

  ResetCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    DataDirectory directory = around.dataDirectory(data.directory);
    if (!directory.looksLikeOurs()) {
      throw new CommandFailure(
          directory.path() + " is no data directory of a node: nothing was deleted");
    }
    NodeLock lock =
        NodeLock.tryAcquire(directory)
            .orElseThrow(
                () -> new CommandFailure("a node runs on " + directory.path() + ": stop it first"));
    try (lock) {
      if (choice.scope() != Reset.Scope.ALL) {
        // Else the next start would bring back what is deleted now.
        Restore.finish(directory);
      }
      Reset reset = new Reset(directory);
      List<Path> targets = reset.targets(choice.scope());
      Terminal terminal = around.terminal();
      if (targets.isEmpty()) {
        if (json.wanted) {
          print(targets);
          return 0;
        }
        terminal.line("There is nothing to delete in " + directory.path() + ".");
        return 0;
      }
      if (!yes && !confirmed(targets)) {
        throw new CommandFailure("nothing was deleted");
      }
      reset.delete(targets);
      if (json.wanted) {
        print(targets);
      } else {
        targets.forEach(target -> terminal.line("Deleted " + target));
      }
      return 0;
    }
  }

  private void print(List<Path> deleted) {
    JsonArray names = new JsonArray();
    deleted.forEach(each -> names.add(each.toString()));
    JsonObject result = new JsonObject();
    result.add("deleted", names);
    around.terminal().line(Json.ascii(result));
  }

  private boolean confirmed(List<Path> targets) throws IOException {
    Terminal terminal = around.terminal();
    if (!terminal.typing() || json.wanted) {
      throw CommandFailure.usage("nobody can be asked here: add --yes to delete without asking");
    }
    terminal.line("This deletes for good:");
    targets.forEach(target -> terminal.line("  " + target));
    terminal.out().print("Type yes to go on: ");
    terminal.out().flush();
    BufferedReader answer =
        new BufferedReader(new InputStreamReader(around.in(), StandardCharsets.UTF_8));
    return "yes".equals(answer.readLine());
  }
}
