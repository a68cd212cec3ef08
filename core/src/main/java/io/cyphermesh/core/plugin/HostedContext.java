package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import io.cyphermesh.api.PluginContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every extension of a plugin is lent. */
final class HostedContext implements PluginContext {
  private final String id;
  private final Config section;
  private final InstantSource clock;
  private final Path dataDirectory;

  HostedContext(String id, Config section, InstantSource clock, Path dataDirectory) {
    this.id = id;
    this.section = section;
    this.clock = clock;
    this.dataDirectory = dataDirectory;
  }

  @Override
  public <T extends Record> T config(Class<T> type) {
    return RecordConfig.read(section, "plugins." + id, type);
  }

  @Override
  public Logger logger() {
    return LoggerFactory.getLogger("plugin." + id);
  }

  @Override
  public InstantSource clock() {
    return clock;
  }

  @Override
  public Path dataDirectory() {
    try {
      return Files.createDirectories(dataDirectory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + dataDirectory, e);
    }
  }
}
