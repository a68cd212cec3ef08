package io.cyphermesh.cli;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.ProgressLine;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.plugin.DataOwner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh restore}. */
@Command(
    name = "restore",
    description = {
      "Make the data directory the node that 'cyphermesh backup' saved. No node may run on it.",
      "",
      "All is unpacked and checked first: the sums of all files, and the database. A restore that"
          + " is cut off leaves either the old node or the new one; restoring again, or starting"
          + " the node, finishes it.",
      "",
      "The numbers of events jump by 100,000,000,000, so that nobody who reads by number meets one"
          + " twice. Exporters go on from where they stood at the backup and deliver what came"
          + " after it again; detectors read logs on from there and may report again what they"
          + " had reported. What peers sent since then does not come back by itself: import it"
          + " from a peer, by 'cyphermesh events --json' there and 'cyphermesh import' here. Never"
          + " run the restored node beside the one that was backed up: both have one key."
    },
    footer = {
      "  cyphermesh restore /mnt/safe/node.zip",
      "  cyphermesh restore --force --data /srv/cyphermesh node.zip"
    })
final class RestoreCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  @Parameters(paramLabel = "FILE", description = "What 'cyphermesh backup' wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--force",
      description =
          "Also where there is a node: it is kept as before-restore-TIME in the data directory.")
  private boolean force;

  RestoreCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory directory = around.dataDirectory(data.directory);
    // Before the lock makes anything there.
    DataOwner owner = DataOwner.of(directory.path());
    NodeLock lock =
        NodeLock.tryAcquire(directory)
            .orElseThrow(
                () -> new CommandFailure("a node runs on " + directory.path() + ": stop it first"));
    try (lock) {
      owner.give(directory.run());
      owner.give(directory.run().resolve("lock"));
      return restore(directory, owner);
    }
  }

  private int restore(DataDirectory directory, DataOwner owner)
      throws IOException, InterruptedException {
    Terminal terminal = around.terminal();
    ProgressLine progress = new ProgressLine(terminal, System::nanoTime);
    Restore.Done done;
    try {
      done =
          new Restore(
                  directory,
                  owner,
                  around.clock(),
                  (what, bytes, total) ->
                      progress.show(
                          () -> total == 0 ? what : what + " " + ProgressLine.share(bytes, total)))
              .restore(file, force);
    } catch (Restore.OccupiedException e) {
      throw new CommandFailure(CommandFailure.reason(e));
    } catch (IOException e) {
      throw new CommandFailure(file + " is not restored: " + CommandFailure.reason(e));
    } finally {
      progress.erase();
    }
    done.warnings().forEach(terminal::note);
    if (json.wanted) {
      JsonObject result = new JsonObject();
      result.addProperty("data", directory.path().toString());
      if (done.kept().isPresent()) {
        result.addProperty("kept", done.kept().get().toString());
      } else {
        result.add("kept", JsonNull.INSTANCE);
      }
      BackupCommand.describe(result, done.manifest());
      terminal.line(Json.ascii(result));
      return 0;
    }
    terminal.line(
        String.format(
            Locale.ROOT,
            "Restored %s with %,d events as of %s to %s (%.1f s).",
            BackupCommand.named(done.manifest()),
            done.manifest().events(),
            done.manifest().created(),
            directory.path(),
            progress.seconds()));
    done.kept().ifPresent(kept -> terminal.line("What was there before is in " + kept + "."));
    return 0;
  }
}
