package io.cyphermesh.testkit;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.core.plugin.RecordConfig;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a context that every kind of plugin has. */
class HarnessContext implements PluginContext {
  private final Class<?> plugin;
  private final String settings;
  private final InstantSource clock;
  private final Path dataDirectory;

  HarnessContext(Class<?> plugin, String settings, InstantSource clock, Path dataDirectory) {
    this.plugin = plugin;
    this.settings = settings;
    this.clock = clock;
    this.dataDirectory = dataDirectory;
  }

  @Override
  public <T extends Record> T config(Class<T> type) {
    Config section =
        ConfigFactory.parseString(
                settings, ConfigParseOptions.defaults().setOriginDescription("the test"))
            .withFallback(reference())
            .resolve()
            .withoutPath("enabled")
            .withoutPath("export");
    return RecordConfig.read(section, "plugins." + plugin.getSimpleName(), type);
  }

  /** Of the plugin's own folder or jar: another one on the class path may stand before it. */
  private Config reference() {
    CodeSource source = plugin.getProtectionDomain().getCodeSource();
    try {
      if (source != null && source.getLocation() != null) {
        Path where = Path.of(source.getLocation().toURI());
        URL conf =
            Files.isDirectory(where)
                ? where.resolve("reference.conf").toUri().toURL()
                : URI.create("jar:" + where.toUri() + "!/reference.conf").toURL();
        try (InputStream in = conf.openStream()) {
          return ConfigFactory.parseString(
              new String(in.readAllBytes(), StandardCharsets.UTF_8),
              ConfigParseOptions.defaults().setOriginDescription("reference.conf"));
        } catch (FileNotFoundException | NoSuchFileException e) {
          return ConfigFactory.empty();
        }
      }
      return ConfigFactory.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Logger logger() {
    return LoggerFactory.getLogger(plugin);
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
      throw new UncheckedIOException(e);
    }
  }
}
