package io.cyphermesh.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cyphermesh peers}. */
@Command(
    name = "peers",
    description = "Show the peers of the running node.",
    footer = {"  cyphermesh peers", "  cyphermesh peers --json | jq -r .nodeId"})
final class PeersCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  PeersCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() {
    List<JsonElement> peers =
        RunningNode.ask(around.dataDirectory(data.directory), node -> node.get("/api/v1/peers"))
            .getAsJsonArray("peers")
            .asList();
    if (json) {
      peers.forEach(peer -> around.terminal().line(Json.ascii(peer)));
      return 0;
    }
    if (peers.isEmpty()) {
      around.terminal().line("No peers yet: connect to one with 'cyphermesh add-peer HOST:PORT'.");
      return 0;
    }
    Table table =
        new Table(
            List.of(
                new Column("NODE", 8),
                new Column("ADDRESS", 15),
                Column.whole("STATE"),
                Column.whole("SCORE"),
                Column.whole("VALID"),
                Column.whole("INVALID"),
                new Column("NOTE", 6)));
    for (JsonElement element : peers) {
      JsonObject peer = element.getAsJsonObject();
      String state = Json.text(peer, "state").orElse("").toLowerCase(Locale.ROOT);
      boolean banned = Json.is(peer, "banned");
      table.add(
          Cell.of(EventLine.shortened(Json.text(peer, "nodeId").orElse("-"))),
          Cell.of(Json.text(peer, "address").orElse("-")),
          new Cell(
              banned ? "banned" : state,
              banned ? Style.RED : state.equals("connected") ? Style.GREEN : Style.DIM),
          Cell.of(Long.toString(Json.number(peer, "reputation"))),
          Cell.of(Long.toString(Json.number(peer, "validEvents"))),
          Cell.of(Long.toString(Json.number(peer, "invalidEvents"))),
          new Cell(
              Json.text(peer, "blockedUntil")
                  .map(until -> "blocked until " + until)
                  .or(() -> Json.text(peer, "lastError"))
                  .or(() -> Json.text(peer, "agent"))
                  .orElse(""),
              Style.DIM));
    }
    table.print(around.terminal());
    return 0;
  }
}
