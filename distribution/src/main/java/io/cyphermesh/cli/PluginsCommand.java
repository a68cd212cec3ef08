package io.cyphermesh.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cyphermesh plugins}. */
@Command(name = "plugins", description = "Show the plugins of the running node.")
final class PluginsCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  PluginsCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() {
    List<JsonElement> plugins =
        RunningNode.ask(around.dataDirectory(data.directory), node -> node.get("/api/v1/plugins"))
            .getAsJsonArray("plugins")
            .asList();
    if (json) {
      plugins.forEach(plugin -> around.terminal().line(Json.ascii(plugin)));
      return 0;
    }
    if (plugins.isEmpty()) {
      around.terminal().line("No plugins: neither bundled nor in the plugins folder.");
      return 0;
    }
    Table table =
        new Table(
            List.of(
                new Column("PLUGIN", 10),
                Column.whole("VERSION"),
                new Column("KIND", 8),
                Column.whole("STATE"),
                Column.whole("REPORTED"),
                Column.whole("RESTARTS"),
                new Column("LAST ERROR", 10)));
    for (JsonElement element : plugins) {
      JsonObject plugin = element.getAsJsonObject();
      String state = Json.text(plugin, "state").orElse("");
      table.add(
          Cell.of(Json.text(plugin, "id").orElse("")),
          Cell.of(Json.text(plugin, "version").orElse("")),
          Cell.of(kinds(plugin)),
          new Cell(
              state,
              switch (state) {
                case "ACTIVE" -> Style.GREEN;
                case "FAILED", "WEDGED" -> Style.RED;
                default -> Style.PLAIN;
              }),
          Cell.of(Long.toString(Json.number(plugin, "produced"))),
          Cell.of(Long.toString(Json.number(plugin, "restarts"))),
          new Cell(Json.text(plugin, "lastError").orElse(""), Style.DIM));
    }
    table.print(around.terminal());
    return 0;
  }

  private static String kinds(JsonObject plugin) {
    return plugin.get("kinds") instanceof JsonArray kinds
        ? kinds.asList().stream().map(JsonElement::getAsString).collect(Collectors.joining(", "))
        : "";
  }
}
