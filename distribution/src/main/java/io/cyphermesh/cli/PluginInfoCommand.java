package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Terminal;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh plugins info}. */
@Command(
    name = "info",
    description = "Show all that the running node knows of a plugin.",
    footer = {"  cyphermesh plugins info webhook-exporter"})
final class PluginInfoCommand implements Callable<Integer> {
  /** Of the longest name, " last error", and a blank. */
  private static final int WIDTH = 13;

  private final PluginsCommand plugins;

  @Parameters(paramLabel = "ID", description = "The plugin, as 'cyphermesh plugins' lists it.")
  private String id = "";

  PluginInfoCommand(PluginsCommand plugins) {
    this.plugins = plugins;
  }

  @Override
  public Integer call() {
    ShownPlugin plugin = RunningNode.ask(plugins.data(), node -> ShownPlugin.named(node, id));
    if (plugins.json()) {
      plugins.around().terminal().line(Json.ascii(plugin.json()));
      return 0;
    }
    plain("plugin", (plugin.text("id") + " " + plugin.text("version")).strip());
    present("provider", plugin.text("provider"));
    present("about", plugin.text("description"));
    present("needs api", plugin.text("requires"));
    present("kind", plugin.kinds());
    how(plugin, "");
    plugin
        .file()
        .ifPresent(
            file -> {
              present("jar", Json.text(file, "path").orElse(""));
              plain("from", Json.is(file, "bundled") ? "the node's archive" : "your folder");
              present("sha256", Json.text(file, "sha256").orElse(""));
            });
    plugin.upgrade().ifPresent(this::upgrade);
    if (!plugin.text("trialEnds").isEmpty()) {
      plain(
          "on trial",
          "until " + plugin.text("trialEnds") + ": at a fault the former version comes back");
    }
    // What a plugin of one extension is like was said above.
    List<ShownPlugin> extensions = plugin.extensions();
    for (ShownPlugin extension : extensions) {
      plain("extension", extension.kinds() + " " + extension.text("type"));
      if (extensions.size() > 1) {
        how(extension, "  ");
      }
    }
    return 0;
  }

  private void how(ShownPlugin plugin, String indent) {
    Terminal terminal = plugins.around().terminal();
    line(
        indent + "state",
        terminal.paint(plugin.style(), Printable.of(plugin.state())) + since(plugin));
    if (!plugin.text("nextTry").isEmpty()) {
      plain(indent + "next try", plugin.text("nextTry"));
    }
    plain(indent + "work", plugin.work());
    plugin.lag().ifPresent(lag -> plain(indent + "behind", behind(lag)));
    plain(indent + "restarts", Long.toString(Json.number(plugin.json(), "restarts")));
    if (!plugin.text("lastError").isEmpty()) {
      boolean ill = plugin.style() == Style.RED;
      line(
          indent + (ill ? "error" : "last error"),
          terminal.paint(ill ? Style.RED : Style.DIM, Printable.of(plugin.text("lastError"))));
      present("", plugin.text("errorAt"));
    }
  }

  /** What was to take its place. */
  private void upgrade(JsonObject upgrade) {
    Terminal terminal = plugins.around().terminal();
    String version = Json.text(upgrade, "version").orElse("");
    String text =
        (version.isEmpty() ? "a jar" : version)
            + " could not take its place: "
            + Json.text(upgrade, "reason").orElse("");
    line("upgrade", terminal.paint(Style.RED, Printable.of(text)));
    ShownPlugin.file(upgrade)
        .flatMap(file -> Json.text(file, "path"))
        .ifPresent(path -> present("", path));
  }

  private String behind(JsonObject lag) {
    long events = Json.number(lag, "events");
    long lost = Json.number(lag, "lost");
    String since = Json.text(lag, "since").map(this::ago).orElse("");
    return (events == 0 ? "nothing" : events + " events")
        + (events == 0 || since.isEmpty() ? "" : ", the oldest of them stored " + since + " ago")
        + (lost == 0 ? "" : "; " + lost + " were deleted before they could be delivered");
  }

  private String since(ShownPlugin plugin) {
    String ago = ago(plugin.text("since"));
    return ago.isEmpty() ? "" : " for " + ago + Printable.of(", since " + plugin.text("since"));
  }

  private String ago(String instant) {
    try {
      Duration passed =
          Duration.between(Instant.parse(instant), plugins.around().clock().instant());
      Duration shown = passed.isNegative() ? Duration.ZERO : passed;
      if (shown.toDays() > 0) {
        return shown.toDays() + " d " + shown.toHoursPart() + " h";
      }
      if (shown.toHours() > 0) {
        return shown.toHours() + " h " + shown.toMinutesPart() + " min";
      }
      return shown.toMinutes() > 0
          ? shown.toMinutes() + " min " + shown.toSecondsPart() + " s"
          : shown.toSeconds() + " s";
    } catch (DateTimeParseException e) {
      return "";
    }
  }

  private void present(String name, String value) {
    if (!value.isEmpty()) {
      plain(name, value);
    }
  }

  private void plain(String name, String value) {
    line(name, Printable.of(value));
  }

  private void line(String name, String value) {
    plugins.around().terminal().line(name + " ".repeat(WIDTH - name.length()) + value);
  }
}
