package io.cyphermesh.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cyphermesh plugins}, which lists them, and what else can be done to plugins. */
@Command(
    name = "plugins",
    description = {
      "Show the plugins of the running node, or tell them what to do.",
      "",
      "Without a command: list."
    },
    footer = {
      "  cyphermesh plugins info log-watcher",
      "  cyphermesh plugins install my-detector-1.0.0.jar",
      "  cyphermesh plugins reload my-detector"
    },
    synopsisSubcommandLabel = "[COMMAND]")
final class PluginsCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private GroupOptions options = new GroupOptions();

  private PluginsCommand(Surroundings around) {
    this.around = around;
  }

  static CommandLine withSubcommands(Surroundings around) {
    PluginsCommand plugins = new PluginsCommand(around);
    CommandLine command =
        new CommandLine(plugins)
            .addSubcommand(new PluginListCommand(plugins))
            .addSubcommand(new PluginInfoCommand(plugins));
    for (PluginOrder order : PluginOrder.values()) {
      command.addSubcommand(PluginOrderCommand.of(plugins, order));
    }
    return command
        .addSubcommand(new PluginInstallCommand(plugins))
        .addSubcommand(new PluginRemoveCommand(plugins));
  }

  Surroundings around() {
    return around;
  }

  boolean json() {
    return options.json;
  }

  @Nullable String directory() {
    return options.directory;
  }

  DataDirectory data() {
    return around.dataDirectory(options.directory);
  }

  @Override
  public Integer call() {
    List<JsonElement> plugins =
        RunningNode.ask(data(), node -> node.get("/api/v1/plugins"))
            .getAsJsonArray("plugins")
            .asList();
    if (options.json) {
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
                new Column("WORK", 10),
                Column.whole("BEHIND"),
                Column.whole("RESTARTS"),
                new Column("LAST ERROR", 10)));
    for (JsonElement element : plugins) {
      JsonObject plugin = element.getAsJsonObject();
      ShownPlugin shown = new ShownPlugin(plugin);
      table.add(
          Cell.of(shown.text("id")),
          Cell.of(shown.text("version")),
          Cell.of(shown.kinds()),
          new Cell(shown.state(), shown.style()),
          Cell.of(shown.work()),
          Cell.of(shown.behind().orElse("-")),
          Cell.of(Long.toString(Json.number(plugin, "restarts"))),
          new Cell(shown.text("lastError"), Style.DIM));
    }
    table.print(around.terminal());
    return 0;
  }
}
