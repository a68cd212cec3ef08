package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the plugin host needs to know.
 *
 * @param dataDirectory the node's; running copies go to {@code plugins-running} in it, what plugins
 *     keep to {@code plugins-data}, what the operator switched to {@code plugins.json}
 * @param folders where plugin jars are, bundled ones first; they are looked at again and again
 * @param config the whole effective configuration; {@code plugins} is read from it
 * @param reread reads it anew, for plugins that are loaded later; throws {@link
 *     IllegalArgumentException} with one line if it cannot
 */
public record PluginHostSettings(
    Path dataDirectory, List<PluginFolder> folders, Config config, Supplier<Config> reread) {
  public PluginHostSettings {
    folders = List.copyOf(folders);
  }

  /** With a configuration that does not change. */
  public PluginHostSettings(Path dataDirectory, List<PluginFolder> folders, Config config) {
    this(dataDirectory, folders, config, () -> config);
  }
}
