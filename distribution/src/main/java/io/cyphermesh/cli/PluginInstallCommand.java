package io.cyphermesh.cli;

import com.google.gson.JsonObject;
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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh plugins install}. */
@Command(
    name = "install",
    description = {
      "Put a plugin's jar into the node's plugins folder, in place of one of the same id.",
      "",
      "A running node loads it at once, any other at its start.",
      "",
      "The jar is checked first, without loading it. The exit code is 1 if the node then says that"
          + " the plugin failed; a new version is watched for some 10 s. Where plugins.trust is"
          + " pinned, --pin lets it in."
    },
    footer = {
      "  cyphermesh plugins install my-detector-1.0.0.jar",
      "  cyphermesh plugins install --pin my-detector-1.0.0.jar"
    })
final class PluginInstallCommand implements Callable<Integer> {
  /** How often a failure that is older than the file is seen before it counts as its own. */
  private static final int SURE = 4;

  private final PluginsCommand plugins;

  @Parameters(paramLabel = "JAR", description = "The plugin's jar.")
  private String jar = "";

  @Option(
      names = "--pin",
      description = "Add the jar's SHA-256 to plugins.pins in the data directory.")
  private boolean pin;

  @Mixin private PluginFolderOptions options = new PluginFolderOptions();

  /** How often such a failure was seen. */
  private int oldFailures;

  /** What the node says of the file. */
  private sealed interface Answer {
    /** It runs, or failed, or is disabled. */
    record Settled(ShownPlugin plugin) implements Answer {}

    /** It runs, and at a fault the former version comes back. */
    record OnTrial(ShownPlugin plugin) implements Answer {}

    /** It could not take the place of this one. */
    record Refused(ShownPlugin former, JsonObject upgrade) implements Answer {}
  }

  PluginInstallCommand(PluginsCommand plugins) {
    this.plugins = plugins;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Terminal terminal = plugins.around().terminal();
    Settings settings = options.settings(plugins);
    OperatorFolder folder = OperatorFolder.of(settings);
    DataDirectory data = settings.data();
    OperatorFolder.Jar installed = folder.install(Path.of(jar).toAbsolutePath(), pin);
    PluginInspection says = installed.says();
    String name = says.id() + " " + says.version();
    String placed = name + " is installed as " + installed.file();
    PluginWatch watch = new PluginWatch(data, terminal);
    PluginWatch.End<Answer> end = watch.until("load " + name, shown -> answer(shown, installed));
    boolean onTrial =
        end instanceof PluginWatch.End.Seen<Answer>(Answer seen) && seen instanceof Answer.OnTrial;
    if (onTrial) {
      end =
          watch.until(
              "see for some 10 s whether " + name + " keeps running",
              shown -> answer(shown, installed).filter(seen -> !(seen instanceof Answer.OnTrial)));
    }
    return switch (end) {
      case PluginWatch.End.Absent<Answer> _ -> {
        say(installed, Optional.empty());
        tell(placed + ". No node runs on " + data.path() + ": its next start loads it.");
        yield 0;
      }
      case PluginWatch.End.Late<Answer> _ -> {
        say(installed, Optional.empty());
        throw watch.late(
            onTrial ? "said whether " + name + " stays" : "loaded " + installed.file());
      }
      case PluginWatch.End.Seen<Answer>(Answer answer) -> {
        say(installed, Optional.of(answer));
        yield tell(answer, placed);
      }
    };
  }

  private int tell(Answer answer, String placed) {
    return switch (answer) {
      case Answer.Refused(ShownPlugin former, JsonObject upgrade) ->
          throw new CommandFailure(placed + ", but " + refusal(former, upgrade));
      // Waited for; not met here.
      case Answer.OnTrial(ShownPlugin plugin) -> settled(plugin, placed);
      case Answer.Settled(ShownPlugin plugin) -> settled(plugin, placed);
    };
  }

  private int settled(ShownPlugin plugin, String placed) {
    switch (plugin.state()) {
      case "ACTIVE" -> tell(placed + " and ACTIVE.");
      case "DISABLED" ->
          tell(
              placed
                  + ", but it is disabled: 'cyphermesh plugins enable "
                  + plugin.text("id")
                  + "'.");
      default ->
          throw new CommandFailure(
              placed + ", but " + plugin.state() + ": " + plugin.text("lastError"));
    }
    return 0;
  }

  private static String refusal(ShownPlugin former, JsonObject upgrade) {
    // Only of what was loaded, and then failed, the node knows the content.
    boolean loaded =
        ShownPlugin.file(upgrade).flatMap(file -> Json.text(file, "sha256")).isPresent();
    String version = former.text("version");
    return "it failed: "
        + Json.text(upgrade, "reason").orElse("")
        + "; "
        + switch (former.state()) {
          case "FAILED", "WEDGED", "DISABLED" ->
              version + ", which it was to replace, is " + former.state();
          default -> version + " runs on";
        }
        + (loaded
            ? "; 'cyphermesh plugins reload " + former.text("id") + "' tries the new one again"
            : "");
  }

  /** What the node says of the very file that was placed; empty as long as that is nothing yet. */
  private Optional<Answer> answer(List<ShownPlugin> shown, OperatorFolder.Jar installed) {
    // First, since a version that came back may be shown with the file whose place it took.
    for (ShownPlugin plugin : shown) {
      Optional<JsonObject> upgrade =
          plugin.upgrade().filter(failed -> isOf(plugin, failed, installed));
      if (upgrade.isPresent()) {
        return Optional.of(new Answer.Refused(plugin, upgrade.get()));
      }
    }
    return shown.stream()
        .filter(
            plugin ->
                plugin.file().filter(file -> ShownPlugin.isAt(file, installed.file())).isPresent())
        .flatMap(plugin -> own(plugin, installed).stream())
        .findFirst();
  }

  /**
   * Whether a failed upgrade is the file: that very one, or one of the same content in its place,
   * which the node does not try a second time.
   */
  private static boolean isOf(
      ShownPlugin plugin, JsonObject upgrade, OperatorFolder.Jar installed) {
    return ShownPlugin.file(upgrade)
        .filter(file -> ShownPlugin.isAt(file, installed.file()))
        .filter(
            file ->
                isModified(file, installed)
                    || (!plugin.state().equals("DISABLED")
                        && Json.text(file, "sha256")
                            .equals(Optional.of(installed.says().sha256()))))
        .isPresent();
  }

  private static boolean isModified(JsonObject file, OperatorFolder.Jar installed) {
    return ShownPlugin.time(file, "modified").equals(Optional.of(installed.modified()));
  }

  /** What the state of the plugin in the file's place says of the file. */
  private Optional<Answer> own(ShownPlugin plugin, OperatorFolder.Jar installed) {
    boolean same = plugin.file().filter(file -> isModified(file, installed)).isPresent();
    boolean fresh =
        ShownPlugin.time(plugin.json(), "since")
            .filter(since -> !since.isBefore(installed.modified()))
            .isPresent();
    Optional<Instant> trialEnds = ShownPlugin.time(plugin.json(), "trialEnds");
    if (plugin.state().equals("FAILED") && !same) {
      // A file that is not even looked into has no time; what is told of it must be news.
      boolean unseen =
          plugin.file().filter(file -> Json.text(file, "modified").isEmpty()).isPresent();
      return unseen && fresh ? Optional.of(new Answer.Settled(plugin)) : Optional.empty();
    }
    if (!same) {
      return Optional.empty();
    }
    return switch (plugin.state()) {
      case "ACTIVE" ->
          Optional.of(
              trialEnds.isPresent() ? new Answer.OnTrial(plugin) : new Answer.Settled(plugin));
      case "FAILED" -> {
        if (trialEnds.filter(end -> end.isAfter(plugins.around().clock().instant())).isPresent()) {
          yield Optional.of(new Answer.OnTrial(plugin));
        }
        // The node names the new file a moment before it tries it, and the former's failure then
        // still stands there; the same failure again does not change its time.
        yield fresh || ++oldFailures >= SURE
            ? Optional.of(new Answer.Settled(plugin))
            : Optional.empty();
      }
      case "WEDGED", "DISABLED" -> Optional.of(new Answer.Settled(plugin));
      default -> Optional.empty();
    };
  }

  /**
   * Of what was installed everything is in the object, and what the node says of it, if it does.
   */
  private void say(OperatorFolder.Jar installed, Optional<Answer> answer) {
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
    Optional<ShownPlugin> seen =
        answer.map(
            what ->
                switch (what) {
                  case Answer.Refused refused -> refused.former();
                  case Answer.OnTrial trial -> trial.plugin();
                  case Answer.Settled settled -> settled.plugin();
                });
    Optional<String> refusal =
        answer.flatMap(
            what ->
                what instanceof Answer.Refused refused
                    ? Json.text(refused.upgrade(), "reason")
                    : Optional.empty());
    // Of the version that the node shows, which after a refusal is the former.
    object.addProperty("shown", seen.map(plugin -> plugin.text("version")).orElse(null));
    object.addProperty("state", seen.map(ShownPlugin::state).orElse(null));
    object.addProperty(
        "lastError",
        refusal.or(() -> seen.flatMap(p -> Json.text(p.json(), "lastError"))).orElse(null));
    plugins.around().terminal().line(Json.ascii(object));
  }

  private void tell(String text) {
    if (!plugins.json()) {
      plugins.around().terminal().line(Printable.of(text));
    }
  }
}
