package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.List;

/**
 * What the plugin host needs to know.
 *
 * @param dataDirectory the node's; running copies go to {@code plugins-running} in it, what plugins
 *     keep to {@code plugins-data}
 * @param directories folders of plugin jars, bundled ones first; one that is missing is fine
 * @param config the whole effective configuration; {@code plugins.<id>} is read from it
 */
public record PluginHostSettings(Path dataDirectory, List<Path> directories, Config config) {
  public PluginHostSettings {
    directories = List.copyOf(directories);
  }
}
