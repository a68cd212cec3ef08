package io.cyphermesh.cli;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.backup.Backup;
import io.cyphermesh.cli.backup.Manifest;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.ProgressLine;
import io.cyphermesh.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh backup}. */
@Command(
    name = "backup",
    description = {
      "Save the node in one file, whether or not it runs.",
      "",
      "In it are keys, database, settings, token, peers that wait for the next start, and plugins"
          + " of your own with their data, switches and pins. Logs are left out, and settings and"
          + " plugins that lie elsewhere than in the data directory.",
      "",
      "The database in it is as it was at one moment, with every event that was confirmed by then."
          + " A running node goes on meanwhile. The folder of FILE needs room for the database"
          + " twice while the backup is made.",
      "",
      "FILE is a zip file, readable for its owner only. It holds the node's private key and its"
          + " token: who has it can act as this node. Keep it as safe as the node itself. A key"
          + " that has a passphrase (CYPHER_KEY_PASSPHRASE) stays encrypted by it, and the"
          + " passphrase is not in the file."
    },
    footer = {
      "  cyphermesh backup /mnt/safe/node.zip",
      "  cyphermesh backup --force --json /mnt/safe/node.zip"
    })
final class BackupCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  @Parameters(paramLabel = "FILE", description = "The file to write, for instance node.zip.")
  private Path file = Path.of("");

  @Option(names = "--force", description = "Replace FILE if it is there.")
  private boolean force;

  BackupCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    DataDirectory directory = around.dataDirectory(data.directory);
    if (!directory.looksLikeOurs()) {
      throw new CommandFailure(
          directory.path()
              + " is no data directory of a node: name the one to back up with --data");
    }
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !force) {
      throw new CommandFailure(file + " is there already: name another, or add --force");
    }
    Terminal terminal = around.terminal();
    ProgressLine progress = new ProgressLine(terminal, System::nanoTime);
    Manifest manifest;
    try {
      manifest =
          new Backup(
                  directory,
                  file.toAbsolutePath(),
                  around.clock(),
                  around.version(),
                  (what, done, total) ->
                      progress.show(() -> what + " " + ProgressLine.share(done, total)))
              .take();
    } finally {
      progress.erase();
    }
    if (json.wanted) {
      JsonObject result = new JsonObject();
      result.addProperty("file", file.toAbsolutePath().toString());
      result.addProperty("bytes", Files.size(file));
      describe(result, manifest);
      terminal.line(Json.ascii(result));
      return 0;
    }
    terminal.line(
        String.format(
            Locale.ROOT,
            "Backed up %s with %,d events to %s (%s, %.1f s).",
            named(manifest),
            manifest.events(),
            file,
            ProgressLine.size(Files.size(file)),
            progress.seconds()));
    terminal.line("It holds the node's private key: keep it as safe as the node.");
    return 0;
  }

  static String named(Manifest manifest) {
    return manifest
        .nodeId()
        .map(id -> "node " + EventLine.shortened(id))
        .orElse("a node without a key");
  }

  static void describe(JsonObject result, Manifest manifest) {
    if (manifest.nodeId().isPresent()) {
      result.addProperty("nodeId", manifest.nodeId().get());
    } else {
      result.add("nodeId", JsonNull.INSTANCE);
    }
    result.addProperty("events", manifest.events());
    if (manifest.schema().isPresent()) {
      result.addProperty("schema", manifest.schema().getAsInt());
    } else {
      result.add("schema", JsonNull.INSTANCE);
    }
    result.addProperty("files", manifest.files().size());
    result.addProperty("created", manifest.created().toString());
    result.addProperty("version", manifest.version());
  }
}
