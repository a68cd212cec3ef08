package io.cyphermesh.core.plugin;

import io.cyphermesh.api.PluginContext;
import java.nio.file.Path;
import java.time.InstantSource;
import org.slf4j.Logger;

/** A context of one kind of extension: what the plugin's own context lends, and more. */
interface LentContext extends PluginContext {
  /** What every extension of the plugin is lent. */
  PluginContext plugin();

  @Override
  default <T extends Record> T config(Class<T> type) {
    return plugin().config(type);
  }

  @Override
  default Logger logger() {
    return plugin().logger();
  }

  @Override
  default InstantSource clock() {
    return plugin().clock();
  }

  @Override
  default Path dataDirectory() {
    return plugin().dataDirectory();
  }
}
