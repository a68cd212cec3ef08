package io.cyphermesh.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.plugins.OperatorFolder;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh plugins remove}. */
@Command(
    name = "remove",
    description =
        "Delete a plugin's jar from the node's plugins folder, and its pin. A running node stops"
            + " it.",
    footer = {
      "",
      "What the plugin keeps in plugins-data stays, and so do its settings. Bundled plugins are not",
      "deleted: disable them. For instance:",
      "  cyphermesh plugins remove my-detector"
    })
final class PluginRemoveCommand implements Callable<Integer> {
  private final PluginsCommand plugins;

  @Parameters(paramLabel = "ID", description = "The plugin, as 'cyphermesh plugins' lists it.")
  private String id = "";

  @Mixin private PluginFolderOptions options = new PluginFolderOptions();

  PluginRemoveCommand(PluginsCommand plugins) {
    this.plugins = plugins;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = options.settings(plugins);
    OperatorFolder folder = OperatorFolder.of(settings);
    Optional<OperatorFolder.Jar> bundled = folder.bundled(id);
    List<OperatorFolder.Jar> removed = folder.remove(id);
    if (removed.isEmpty()) {
      throw bundled.isPresent()
          ? CommandFailure.usage(
              id + " is bundled: disable it instead, 'cyphermesh plugins disable " + id + "'")
          : ShownPlugin.unknown("in " + folder.path() + " there is no plugin", id, folder.ids());
    }
    PluginWatch watch = new PluginWatch(settings.data(), plugins.around().terminal());
    PluginWatch.End<Boolean> end =
        watch.until(
            "stop " + id,
            shown ->
                shown.stream().anyMatch(plugin -> isOf(plugin, removed))
                    ? Optional.empty()
                    : Optional.of(true));
    say(removed);
    if (end instanceof PluginWatch.End.Late<Boolean>) {
      throw watch.late("let go of " + id);
    }
    String then =
        bundled
            .map(jar -> "; the bundled version " + jar.says().version() + " takes its place.")
            .orElse(".");
    tell(
        id
            + " is removed: "
            + removed.stream().map(jar -> jar.file().toString()).collect(Collectors.joining(", "))
            + then);
    return 0;
  }

  /** Whether the node still has it; a bundled one of the same id is another version. */
  private boolean isOf(ShownPlugin plugin, List<OperatorFolder.Jar> removed) {
    return plugin.text("id").equals(id)
        && removed.stream().anyMatch(jar -> jar.says().version().equals(plugin.text("version")));
  }

  private void say(List<OperatorFolder.Jar> removed) {
    if (plugins.json()) {
      JsonObject object = new JsonObject();
      object.addProperty("id", id);
      JsonArray files = new JsonArray();
      removed.forEach(jar -> files.add(jar.file().toString()));
      object.add("removed", files);
      plugins.around().terminal().line(Json.ascii(object));
    }
  }

  private void tell(String text) {
    if (!plugins.json()) {
      plugins.around().terminal().line(Printable.of(text));
    }
  }
}
