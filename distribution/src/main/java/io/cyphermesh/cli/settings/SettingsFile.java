package io.cyphermesh.cli.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.cyphermesh.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** {@code cyphermesh.conf} over the defaults, with the place of every value. */
final class SettingsFile {
  /** Sections whose keys belong to parts of the node, which check them. */
  private static final Set<String> OTHERS = Set.of("network", "limits", "mesh", "store", "plugins");

  private final Path file;
  private final Config config;

  private SettingsFile(Path file, Config config) {
    this.file = file;
    this.config = config;
  }

  /**
   * Reads it; the defaults alone where {@code file} is not there.
   *
   * @throws CommandFailure if it is no HOCON or names an unknown setting
   */
  static SettingsFile read(Path file) {
    try (InputStreamReader defaults =
        new InputStreamReader(
            Objects.requireNonNull(
                SettingsFile.class.getResourceAsStream("/cyphermesh-defaults.conf")),
            StandardCharsets.UTF_8)) {
      Config config =
          ConfigFactory.parseReader(
              defaults,
              ConfigParseOptions.defaults().setOriginDescription("cyphermesh-defaults.conf"));
      if (Files.exists(file)) {
        Config written = ConfigFactory.parseFile(file.toFile());
        SettingsFile unchecked = new SettingsFile(file, written);
        unchecked.checkNames(config.root());
        config = written.withFallback(config);
      }
      return new SettingsFile(file, config.resolve());
    } catch (ConfigException e) {
      throw CommandFailure.usage(explain(file, e));
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + file + ": " + CommandFailure.reason(e));
    }
  }

  private static String explain(Path file, ConfigException e) {
    ConfigOrigin origin = e.origin();
    String message = String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    if (origin == null) {
      return file + ": " + message;
    }
    String described = origin.description() + ": ";
    String rest = message.startsWith(described) ? message.substring(described.length()) : message;
    // The library's hint speaks of its own terms and is longer than a line.
    int hint = rest.indexOf(" (if you intended");
    return place(file, origin) + ": " + (hint < 0 ? rest : rest.substring(0, hint));
  }

  private static String place(Path file, ConfigOrigin origin) {
    String name = origin.filename() == null ? file.toString() : origin.filename();
    return origin.lineNumber() > 0 ? name + ":" + origin.lineNumber() : name;
  }

  /** What the defaults name is all that there is, but for what belongs to others. */
  private void checkNames(ConfigObject defaults) {
    Set<String> known = new TreeSet<>(defaults.keySet());
    known.addAll(OTHERS);
    for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
      String key = entry.getKey();
      if (!known.contains(key)) {
        throw unknown(entry.getValue(), key, "", known);
      }
      boolean isSection = OTHERS.contains(key) || defaults.get(key) instanceof ConfigObject;
      if (entry.getValue() instanceof ConfigObject section) {
        if (!isSection) {
          throw wrongKind(entry, "' is one value, not a section");
        }
        if (!OTHERS.contains(key) && defaults.get(key) instanceof ConfigObject ours) {
          checkNames(section, ours, key + ".");
        }
      } else if (isSection && entry.getValue().valueType() != ConfigValueType.NULL) {
        throw wrongKind(entry, "' is a section: write " + key + " { … }");
      }
    }
  }

  private void checkNames(ConfigObject section, ConfigObject ours, String prefix) {
    for (Map.Entry<String, ConfigValue> inner : section.entrySet()) {
      String key = inner.getKey();
      if (!ours.containsKey(key)) {
        throw unknown(inner.getValue(), key, prefix, ours.keySet());
      }
      if (ours.get(key) instanceof ConfigObject below) {
        if (inner.getValue() instanceof ConfigObject written) {
          checkNames(written, below, prefix + key + ".");
        } else if (inner.getValue().valueType() != ConfigValueType.NULL) {
          throw CommandFailure.usage(
              place(file, inner.getValue().origin())
                  + ": '"
                  + prefix
                  + key
                  + "' is a section: write "
                  + key
                  + " { … }");
        }
      }
    }
  }

  private CommandFailure wrongKind(Map.Entry<String, ConfigValue> entry, String right) {
    return CommandFailure.usage(
        place(file, entry.getValue().origin()) + ": '" + entry.getKey() + right);
  }

  private CommandFailure unknown(
      ConfigValue value, String key, String prefix, Collection<String> known) {
    return CommandFailure.usage(
        place(file, value.origin())
            + ": there is no setting '"
            + prefix
            + key
            + "'"
            + Nearest.to(key, known)
                .map(near -> "; did you mean '" + prefix + near + "'?")
                .orElse("; conf/cyphermesh.conf.example lists them all"));
  }

  /** The whole, for the node's own sections. */
  Config config() {
    return config;
  }

  /** The folder that relative paths in it begin at. */
  Path folder() {
    return Objects.requireNonNullElse(file.getParent(), file);
  }

  /** The single value at a path; empty where there is none. */
  Optional<Said> value(String path) {
    return find(path).map(value -> said(path, value));
  }

  private Optional<ConfigValue> find(String path) {
    return config.hasPath(path) ? Optional.of(config.getValue(path)) : Optional.empty();
  }

  private Said said(String path, ConfigValue value) {
    String origin = place(file, value.origin()) + ": " + path;
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> new Said(String.valueOf(value.unwrapped()), origin);
      default -> throw CommandFailure.usage(origin + " is one value, not a list or a section");
    };
  }

  /** The values at a path, a single one counting as a list of one. */
  List<Said> values(String path) {
    Optional<ConfigValue> value = find(path);
    if (value.isEmpty()) {
      return List.of();
    }
    if (value.get() instanceof ConfigList list) {
      return list.stream().map(item -> said(path, item)).toList();
    }
    return List.of(said(path, value.get()));
  }
}
