package io.cyphermesh.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.plugins.OperatorFolder;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh plugins remove}. */
@Command(
    name = "remove",
    description = {
      "Delete a plugin's jar from the node's plugins folder, and its pin.",
      "",
      "A running node stops it. What the plugin keeps in plugins-data stays, and so do its settings. Bundled plugins are not"
          + " deleted: disable them."
    },
    footer = {"  cyphermesh plugins remove my-detector"})
final class PluginRemoveCommand implements Callable<Integer> {
  private final PluginsCommand plugins;

  @Parameters(
      paramLabel = "ID",
      description =
          "The plugin, or the file's name where it is none, as 'cyphermesh plugins' lists it.")
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
    List<Path> removed = folder.remove(id);
    if (removed.isEmpty()) {
      throw bundled.isPresent()
          ? CommandFailure.usage(
              id + " is bundled: disable it instead, 'cyphermesh plugins disable " + id + "'")
          : ShownPlugin.unknown("in " + folder.path() + " there is no plugin", id, folder.ids());
    }
    PluginWatch watch = new PluginWatch(settings.data(), plugins.around().terminal());
    PluginWatch.End<Left> end = watch.until("stop " + id, shown -> left(shown, removed));
    say(removed);
    if (end instanceof PluginWatch.End.Late<Left>) {
      throw watch.late("let go of " + id);
    }
    String done =
        id
            + " is removed: "
            + removed.stream().map(Path::toString).collect(Collectors.joining(", "));
    if (end instanceof PluginWatch.End.Seen<Left>(Left left) && left == Left.WEDGED) {
      throw new CommandFailure(
          done
              + "; but it did not stop within 10 s: it can do nothing any more, but only a restart"
              + " of the node ends its thread");
    }
    tell(
        done
            + bundled
                .map(jar -> "; the bundled version " + jar.says().version() + " takes its place.")
                .orElse("."));
    return 0;
  }

  /** How the node let it go. */
  private enum Left {
    GONE,
    WEDGED
  }

  private static Optional<Left> left(List<ShownPlugin> shown, List<Path> removed) {
    List<ShownPlugin> there = shown.stream().filter(plugin -> isOf(plugin, removed)).toList();
    if (there.isEmpty()) {
      return Optional.of(Left.GONE);
    }
    return there.stream().allMatch(plugin -> plugin.state().equals("WEDGED"))
        ? Optional.of(Left.WEDGED)
        : Optional.empty();
  }

  /**
   * Whether the node still has it: from one of the files, or a former version that runs on because
   * the file was refused. Where that one is bundled it stays.
   */
  private static boolean isOf(ShownPlugin plugin, List<Path> removed) {
    boolean bundled = plugin.file().filter(file -> Json.is(file, "bundled")).isPresent();
    return Stream.concat(
            plugin.file().stream(),
            bundled ? Stream.empty() : plugin.upgrade().flatMap(ShownPlugin::file).stream())
        .anyMatch(file -> removed.stream().anyMatch(path -> ShownPlugin.isAt(file, path)));
  }

  private void say(List<Path> removed) {
    if (plugins.json()) {
      JsonObject object = new JsonObject();
      object.addProperty("id", id);
      JsonArray files = new JsonArray();
      removed.forEach(file -> files.add(file.toString()));
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
