package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.plugins.OperatorFolder;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.plugin.PluginInspection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh plugins install}. */
@Command(
    name = "install",
    description =
        "Put a plugin's jar into the node's plugins folder, in place of one of the same id. A"
            + " running node loads it at once, any other at its start.",
    footer = {
      "",
      "The jar is checked first, without loading it. The exit code is 1 if the node then says that",
      "the plugin failed. For instance:",
      "  cyphermesh plugins install my-detector-1.0.0.jar",
      "  cyphermesh plugins install --pin my-detector-1.0.0.jar     where plugins.trust = pinned"
    })
final class PluginInstallCommand implements Callable<Integer> {
  /** States that last. */
  private static final Set<String> SETTLED = Set.of("ACTIVE", "FAILED", "WEDGED", "DISABLED");

  private final PluginsCommand plugins;

  @Parameters(paramLabel = "JAR", description = "The plugin's jar.")
  private String jar = "";

  @Option(
      names = "--pin",
      description = "Add the jar's SHA-256 to plugins.pins in the data directory.")
  private boolean pin;

  @Mixin private PluginFolderOptions options = new PluginFolderOptions();

  PluginInstallCommand(PluginsCommand plugins) {
    this.plugins = plugins;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Terminal terminal = plugins.around().terminal();
    Settings settings = options.settings(plugins);
    // Made for its owner alone, before anything is put into it.
    settings.data().create();
    OperatorFolder folder = OperatorFolder.of(settings);
    DataDirectory data = settings.data();
    Map<String, String> before = errors(data);
    OperatorFolder.Jar installed = folder.install(Path.of(jar).toAbsolutePath(), pin);
    PluginInspection says = installed.says();
    String name = says.id() + " " + says.version();
    String placed = name + " is installed as " + installed.file();
    PluginWatch watch = new PluginWatch(data, terminal);
    PluginWatch.End<ShownPlugin> end =
        watch.until("load " + name, shown -> find(shown, installed, before));
    return switch (end) {
      case PluginWatch.End.Absent<ShownPlugin> _ -> {
        say(installed, Optional.empty());
        tell(placed + ". No node runs on " + data.path() + ": its next start loads it.");
        yield 0;
      }
      case PluginWatch.End.Late<ShownPlugin> _ -> {
        say(installed, Optional.empty());
        throw watch.late("loaded " + installed.file());
      }
      case PluginWatch.End.Seen<ShownPlugin>(ShownPlugin seen) -> {
        say(installed, Optional.of(seen));
        if (!isOf(seen, installed)) {
          throw new CommandFailure(placed + ", but " + seen.text("lastError"));
        }
        yield switch (seen.state()) {
          case "ACTIVE" -> {
            tell(placed + " and ACTIVE.");
            yield 0;
          }
          case "DISABLED" -> {
            tell(placed + ", but it is disabled: 'cyphermesh plugins enable " + says.id() + "'.");
            yield 0;
          }
          default ->
              throw new CommandFailure(
                  placed + ", but " + seen.state() + ": " + seen.text("lastError"));
        };
      }
    };
  }

  /** What is said of each plugin, so that it is not taken for news. */
  private static Map<String, String> errors(DataDirectory data) {
    Optional<NodeClient> node = NodeClient.find(data);
    Map<String, String> errors = new HashMap<>();
    try {
      if (node.isPresent()) {
        ShownPlugin.all(node.get()).forEach(p -> errors.put(p.text("id"), p.text("lastError")));
      }
    } catch (NodeGone e) {
      // None is shown.
    }
    return errors;
  }

  /**
   * The plugin, or the file that the node refuses, once its state says how it went; or the former
   * version, once the node says that it went back to it.
   */
  private static Optional<ShownPlugin> find(
      List<ShownPlugin> shown, OperatorFolder.Jar installed, Map<String, String> before) {
    PluginInspection says = installed.says();
    return shown.stream()
        .filter(plugin -> SETTLED.contains(plugin.state()) && isOf(plugin, installed))
        .findFirst()
        .or(
            () ->
                shown.stream()
                    .filter(
                        plugin ->
                            plugin.text("id").equals(says.id())
                                && plugin
                                    .text("lastError")
                                    .startsWith("version " + says.version() + " ")
                                && !plugin.text("lastError").equals(before.get(says.id())))
                    .findFirst());
  }

  private static boolean isOf(ShownPlugin plugin, OperatorFolder.Jar installed) {
    Optional<JsonObject> file = plugin.file();
    Optional<String> sha256 = file.flatMap(json -> Json.text(json, "sha256"));
    if (sha256.isPresent()) {
      return sha256.get().equals(installed.says().sha256());
    }
    boolean here =
        file.flatMap(json -> Json.text(json, "path"))
            .map(path -> path.equals(installed.file().toString()))
            .orElse(true);
    return here
        && (plugin.text("id").equals(installed.file().getFileName().toString())
            || (plugin.text("id").equals(installed.says().id())
                && plugin.text("version").equals(installed.says().version())));
  }

  /**
   * Of what was installed everything is in the object, and what the node says of it, if it does.
   */
  private void say(OperatorFolder.Jar installed, Optional<ShownPlugin> seen) {
    if (!plugins.json()) {
      return;
    }
    PluginInspection says = installed.says();
    JsonObject object = new JsonObject();
    object.addProperty("id", says.id());
    object.addProperty("version", says.version());
    object.addProperty("path", installed.file().toString());
    object.addProperty("sha256", says.sha256());
    object.addProperty("pinned", pin);
    object.addProperty("state", seen.map(ShownPlugin::state).orElse(null));
    object.addProperty(
        "lastError", seen.flatMap(p -> Json.text(p.json(), "lastError")).orElse(null));
    plugins.around().terminal().line(Json.ascii(object));
  }

  private void tell(String text) {
    if (!plugins.json()) {
      plugins.around().terminal().line(Printable.of(text));
    }
  }
}
