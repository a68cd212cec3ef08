package io.cyphermesh.api;

import java.nio.file.Path;
import java.time.InstantSource;
import org.slf4j.Logger;

/** What the node lends to every extension. Given once, valid until the extension ends. */
public interface PluginContext {

  /**
   * The plugin's own settings, {@code plugins.<plugin-id>} of the node's configuration over the
   * {@code reference.conf} at the root of the plugin's jar.
   *
   * <p>Each component of the record is read from the key of the same name in kebab case ({@code
   * coolDown} from {@code cool-down}). Understood are {@code String}, {@code int}, {@code long},
   * {@code double}, {@code boolean}, {@link java.time.Duration}, {@link Path}, enums (in any case,
   * hyphens for underscores), records, {@code List} and {@code Map<String, …>} of these, and {@code
   * Optional}.
   *
   * @throws IllegalArgumentException if a key is missing, unknown or of a wrong type; the message
   *     names it and says what would be right
   */
  <T extends Record> T config(Class<T> type);

  /** Logs under the plugin's name. */
  Logger logger();

  /** The time. A plugin asks nothing else for it, so that tests and replays can set it. */
  InstantSource clock();

  /** A directory of the plugin's own, made at first call, kept over restarts. */
  Path dataDirectory();
}
