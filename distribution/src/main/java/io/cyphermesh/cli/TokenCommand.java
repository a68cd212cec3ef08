package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import io.cyphermesh.dashboard.access.AuditLog;
import io.cyphermesh.dashboard.access.Token;
import io.cyphermesh.dashboard.access.TokenFile;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cyphermesh token}, which lists them, and what else can be done to tokens. */
@Command(
    name = "token",
    description = {
      "Make, list and revoke tokens of the dashboard and its API.",
      "",
      "A node need not run; one that does knows of it at once.",
      "",
      "Without a command: list."
    },
    footer = {
      "  cyphermesh token create --name siem --role read",
      "  cyphermesh token list",
      "  cyphermesh token revoke siem"
    },
    synopsisSubcommandLabel = "[COMMAND]")
final class TokenCommand implements Callable<Integer> {
  private static final long START_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Surroundings around;

  @Mixin private GroupOptions options = new GroupOptions();

  private TokenCommand(Surroundings around) {
    this.around = around;
  }

  static CommandLine withSubcommands(Surroundings around) {
    TokenCommand tokens = new TokenCommand(around);
    return new CommandLine(tokens)
        .addSubcommand(new TokenCreateCommand(tokens))
        .addSubcommand(new TokenListCommand(tokens))
        .addSubcommand(new TokenRevokeCommand(tokens));
  }

  Surroundings around() {
    return around;
  }

  boolean json() {
    return options.json;
  }

  /** What the node that runs does. */
  @FunctionalInterface
  interface ByNode<T> {
    T ask(NodeClient node) throws NodeGone;
  }

  /** What is done where none runs, with the data directory's lock held. */
  @FunctionalInterface
  interface ByFile<T> {
    T take(TokenFile file, AuditLog audit) throws IOException;
  }

  /**
   * Has the running node do it, which then knows of it, or does it in its absence.
   *
   * @throws CommandFailure if neither can be
   */
  <T> T either(ByNode<T> byNode, ByFile<T> byFile) throws IOException {
    DataDirectory data = around.dataDirectory(options.directory);
    long end = System.nanoTime() + START_PATIENCE_NANOS;
    do {
      Optional<NodeClient> node = NodeClient.find(data);
      if (node.isPresent()) {
        try {
          return byNode.ask(node.get());
        } catch (NodeGone e) {
          // It stops or starts at this moment.
        }
      }
      Optional<NodeLock> lock = NodeLock.tryAcquire(data);
      if (lock.isPresent()) {
        NodeLock held = lock.get();
        try (held) {
          Restore.finish(data);
          return byFile.take(
              new TokenFile(data.tokens()),
              new AuditLog(data.auditLog(), around.clock(), System::nanoTime));
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    } while (System.nanoTime() - end < 0);
    throw new CommandFailure(
        "the node on " + data.path() + " is starting or stopping: try again in a moment");
  }

  /** As REST shows it. */
  static JsonObject shown(Token token) {
    JsonObject shown = new JsonObject();
    shown.addProperty("id", token.id());
    shown.addProperty("name", token.name());
    shown.addProperty("role", token.role().term());
    shown.addProperty("created", token.created().toString());
    shown.addProperty("expires", token.expires().map(Instant::toString).orElse(null));
    return shown;
  }

  /** Notes in the audit log what a command did while no node ran. */
  static void note(AuditLog audit, String what, Token token) {
    audit.did("-", "cli", "-", what, token.name() + " (" + token.role().term() + ")", 0, "");
  }

  @Override
  public Integer call() throws IOException {
    List<JsonObject> tokens =
        either(
            node ->
                node.get("/api/v1/tokens").getAsJsonArray("tokens").asList().stream()
                    .map(token -> token.getAsJsonObject())
                    .toList(),
            (file, _) -> file.read().stream().map(TokenCommand::shown).toList());
    if (options.json) {
      tokens.forEach(token -> around.terminal().line(Json.ascii(token)));
      return 0;
    }
    if (tokens.isEmpty()) {
      around
          .terminal()
          .line("No tokens: make one with 'cyphermesh token create --name NAME --role read'.");
      return 0;
    }
    Table table =
        new Table(
            List.of(
                new Column("NAME", 12),
                Column.whole("ROLE"),
                Column.whole("ID"),
                Column.whole("CREATED"),
                Column.whole("EXPIRES")));
    Instant now = around.clock().instant();
    for (JsonObject token : tokens) {
      Optional<Instant> expires = Json.text(token, "expires").map(Instant::parse);
      table.add(
          Cell.of(Json.text(token, "name").orElse("")),
          Cell.of(Json.text(token, "role").orElse("")),
          Cell.of(Json.text(token, "id").orElse("")),
          Cell.of(Json.text(token, "created").orElse("")),
          Cell.of(
              expires
                  .map(at -> now.isBefore(at) ? at.toString() : at + " (expired)")
                  .orElse("never")));
    }
    table.print(around.terminal());
    return 0;
  }
}
