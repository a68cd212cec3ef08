package io.cyphermesh.cli;

import io.cyphermesh.cli.detect.Inputs;
import io.cyphermesh.cli.detect.Report;
import io.cyphermesh.cli.detect.Scratch;
import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.core.plugin.DetectorReplay;
import io.cyphermesh.core.plugin.PluginHostSettings;
import io.cyphermesh.core.plugin.ReplayException;
import io.cyphermesh.core.plugin.SettingsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh detect}. */
@Command(
    name = "detect",
    description = {
      "Replay logs through detectors and show what they would report.",
      "",
      "The detectors are those of installed plugins. It needs no node, and leaves one that runs"
          + " alone.",
      "",
      "Files are read in the order given: of rotated logs name the oldest first. Settings are those"
          + " of the node, from cyphermesh.conf. Stamps without a year are read as of the year"
          + " before the file was last written. The exit code is 0 whether anything was found or"
          + " not."
    },
    footer = {
      "  cyphermesh detect /var/log/auth.log.1 /var/log/auth.log",
      "  cyphermesh detect --detector suricata-bridge --json eve.json.gz",
      "  journalctl -u ssh -o short-iso | cyphermesh detect --explain -"
    })
final class DetectCommand implements Callable<Integer> {
  private final Surroundings around;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Logs, plain or packed by gzip; - for standard input.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--detector",
      paramLabel = "ID",
      description =
          "The plugin whose detector is to run; may be repeated (all that are not disabled).")
  private List<String> wanted = new ArrayList<>();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--explain",
      description = "Say of each line which rule matched it, or why none did.")
  private boolean explain;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The node's data directory (CYPHER_DATA_DIR; ~/.cyphermesh).")
  private @Nullable String data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings (cyphermesh.conf in the data directory).")
  private @Nullable String config;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description =
          "A folder of plugins besides the bundled ones; may be repeated (CYPHER_PLUGINS_DIR;"
              + " plugins in the data directory).")
  private List<String> plugins = new ArrayList<>();

  DetectCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings =
        around
            .settings()
            .read(new Flags().with("--data", data).with("--config", config).withPlugins(plugins));
    Inputs inputs = Inputs.of(files, around.in(), around.clock());
    try (Scratch scratch = new Scratch();
        DetectorReplay replay =
            DetectorReplay.load(
                new PluginHostSettings(
                    settings.data().path(), settings.pluginFolders(), settings.config()),
                scratch.folder())) {
      List<String> detectors = detectors(replay, settings);
      Report report =
          new Report(
              around.terminal(), json, detectors.size() > 1, inputs.bytes(), System::nanoTime);
      try {
        replay.run(detectors, inputs.logs(), explain, report);
      } finally {
        report.end();
      }
      report.summary();
      return 0;
    } catch (SettingsException e) {
      throw CommandFailure.usage(CommandFailure.reason(e));
    } catch (ReplayException e) {
      throw e.settings()
          ? CommandFailure.usage(CommandFailure.reason(e))
          : new CommandFailure(CommandFailure.reason(e));
    }
  }

  private List<String> detectors(DetectorReplay replay, Settings settings) {
    if (replay.detectors().isEmpty()) {
      throw new CommandFailure(
          "no plugin with a detector in "
              + settings.pluginFolders().stream()
                  .map(folder -> folder.path().toString())
                  .collect(Collectors.joining(", "))
              + replay.problems().stream().map(each -> "; " + each).collect(Collectors.joining()));
    }
    if (wanted.isEmpty()) {
      replay.problems().forEach(around.terminal()::note);
      List<String> enabled = replay.enabled();
      if (enabled.isEmpty()) {
        throw CommandFailure.usage(
            "all detectors are disabled; name one by --detector: "
                + String.join(", ", replay.detectors()));
      }
      return enabled;
    }
    Set<String> named = new LinkedHashSet<>();
    for (String name : wanted) {
      List<String> meant = replay.named(name);
      if (meant.isEmpty()) {
        throw CommandFailure.usage(
            "--detector: there is no '"
                + name
                + "'; there are "
                + String.join(", ", replay.detectors()));
      }
      named.addAll(meant);
    }
    return List.copyOf(named);
  }
}
