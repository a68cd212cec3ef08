package io.cyphermesh.cli;

import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which folder of plugins is meant: the node's own, unless it was started with flags. */
final class PluginFolderOptions {
  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description =
          "The folder, where the node was started with this flag (CYPHER_PLUGINS_DIR; plugins in"
              + " the data directory).")
  private List<String> folders = new ArrayList<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The node's settings (cyphermesh.conf in the data directory).")
  private @Nullable String config;

  Settings settings(PluginsCommand plugins) {
    return plugins
        .around()
        .settings()
        .read(
            new Flags()
                .with("--data", plugins.directory())
                .with("--config", config)
                .withPlugins(folders));
  }
}
