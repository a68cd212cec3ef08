package io.cyphermesh.cli.settings;

import com.typesafe.config.Config;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.core.plugin.PluginFolder;
import java.nio.file.Path;
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
 * @param publicRead whether the dashboard may be read without a token beyond loopback
 * @param allowedHosts further names of the dashboard
 * @param dashboardTls its certificate; empty for plain HTTP
 * @param geo files by which the dashboard knows countries and networks of addresses
 * @param logLevel {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}
 * @param warnings what the operator should know about these settings, one line each
 * @param overrides what flags and variables say, by path
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
    Optional<DashboardTls> dashboardTls,
    List<Path> geo,
    String logLevel,
    List<String> warnings,
    List<Overriding> overrides,
    Config config,
    Supplier<Config> reread) {
  public Settings {
    pluginFolders = List.copyOf(pluginFolders);
    allowedHosts = List.copyOf(allowedHosts);
    geo = List.copyOf(geo);
    warnings = List.copyOf(warnings);
    overrides = List.copyOf(overrides);
  }

  /**
   * What counts before the file.
   *
   * @param path of the setting
   * @param values what is said; one where the setting is no list
   * @param origin the flag, or the variable
   */
  public record Overriding(String path, List<String> values, String origin) {
    public Overriding {
      values = List.copyOf(values);
    }
  }

  /** Where the dashboard's certificate comes from. */
  public sealed interface DashboardTls {
    /** The operator's PEM files. */
    record Files(Path certificate, Path key) implements DashboardTls {}

    /** One that the node makes. */
    record SelfSigned() implements DashboardTls {}
  }
}
