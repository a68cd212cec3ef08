package io.cyphermesh.core.plugin;

import java.nio.file.Path;

/**
 * A folder of plugin jars.
 *
 * @param path where it is; one that is missing is fine
 * @param bundled whether it came with the node: who may change its jars may change the node's own,
 *     so they need no trust of their own
 */
public record PluginFolder(Path path, boolean bundled) {
  /** The one that came with the node. */
  public static PluginFolder bundled(Path path) {
    return new PluginFolder(path, true);
  }

  /** One that the operator fills. */
  public static PluginFolder own(Path path) {
    return new PluginFolder(path, false);
  }
}
