package io.cyphermesh.core.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.plugin.PluginFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a node is started with.
 *
 * @param dataDirectory where everything of the node lives; made when it is not there
 * @param listen address to listen on; port 0 for any free one
 * @param seed a node to dial at the start; empty for a node that others dial
 * @param pluginFolders folders of plugin jars, bundled ones first
 * @param discovery whether to look for peers on the LAN
 * @param acceptV1 whether original nodes may link
 * @param config the whole effective configuration: {@code limits}, {@code store}, {@code plugins}
 *     are read from it
 * @param reread reads the configuration anew, for plugins that are loaded later; throws {@link
 *     IllegalArgumentException} with one line if it cannot
 */
public record NodeSettings(
    Path dataDirectory,
    HostPort listen,
    Optional<HostPort> seed,
    List<PluginFolder> pluginFolders,
    boolean discovery,
    boolean acceptV1,
    Config config,
    Supplier<Config> reread) {
  public NodeSettings {
    pluginFolders = List.copyOf(pluginFolders);
  }

  /** What counts where the configuration says nothing, with a comment for each key. */
  public static Config defaults() {
    return ConfigFactory.parseResources(NodeSettings.class, "defaults.conf");
  }

  /** With a configuration that does not change. */
  public NodeSettings(
      Path dataDirectory,
      HostPort listen,
      Optional<HostPort> seed,
      List<PluginFolder> pluginFolders,
      boolean discovery,
      boolean acceptV1,
      Config config) {
    this(dataDirectory, listen, seed, pluginFolders, discovery, acceptV1, config, () -> config);
  }
}
