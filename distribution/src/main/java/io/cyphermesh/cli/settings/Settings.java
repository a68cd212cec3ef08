package io.cyphermesh.cli.settings;

import com.typesafe.config.Config;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.core.plugin.PluginFolder;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a node runs with, complete and valid.
 *
 * @param data where everything of the node lives
 * @param listen where peers reach it; port 0 for any free one
 * @param seed a node to dial at the start
 * @param pluginFolders folders of plugin jars, bundled ones first
 * @param discovery whether to look for peers on the LAN
 * @param acceptV1 whether original nodes may link
 * @param dashboard where page and REST interface are served; port 0 for any free one
 * @param publicRead whether the dashboard may be read without the token beyond loopback
 * @param allowedHosts further names of the dashboard
 * @param logLevel {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}
 * @param warnings what the operator should know about these settings, one line each
 * @param config the file over the defaults, for the parts of the node that have sections of their
 *     own
 * @param reread reads that anew; throws {@link IllegalArgumentException} with one line if it cannot
 */
public record Settings(
    DataDirectory data,
    HostPort listen,
    Optional<HostPort> seed,
    List<PluginFolder> pluginFolders,
    boolean discovery,
    boolean acceptV1,
    HostPort dashboard,
    boolean publicRead,
    List<String> allowedHosts,
    String logLevel,
    List<String> warnings,
    Config config,
    Supplier<Config> reread) {
  public Settings {
    pluginFolders = List.copyOf(pluginFolders);
    allowedHosts = List.copyOf(allowedHosts);
    warnings = List.copyOf(warnings);
  }
}
