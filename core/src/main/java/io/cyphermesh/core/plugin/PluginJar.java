package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pf4j.VersionManager;

/**
 * What a plugin's jar says of itself, read without loading a class of it.
 *
 * @param file where it lies
 * @param bundled whether it came with the node
 * @param stamp of the file when it was read
 * @param id its {@code Plugin-Id}
 * @param dependencies ids of the plugins that must be loaded before it
 * @param services class names in its service files, by kind; of this jar only, since a class loader
 *     would also find those of the host
 * @param indexed class names in PF4J's index of {@code @Extension} classes
 * @param reference its {@code reference.conf}
 */
record PluginJar(
    Path file,
    boolean bundled,
    JarStamp stamp,
    String id,
    String version,
    String provider,
    String description,
    String requires,
    List<String> dependencies,
    Map<ExtensionKind, Set<String>> services,
    Set<String> indexed,
    Config reference) {

  /** Ids name files and sections of the configuration. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** More than any list of names or defaults needs. */
  private static final int MAX_ENTRY = 1024 * 1024;

  /**
   * Reads a jar.
   *
   * @throws PluginRefusedException if it is no plugin
   */
  static PluginJar read(Path file, boolean bundled, JarStamp stamp) throws PluginRefusedException {
    try (JarFile jar = new JarFile(file.toFile(), false)) {
      Manifest manifest = jar.getManifest();
      Attributes main = manifest == null ? new Attributes() : manifest.getMainAttributes();
      String id = attribute(main, "Plugin-Id");
      if (id.isEmpty()) {
        throw new PluginRefusedException("it is no plugin: its manifest has no Plugin-Id");
      }
      if (!ID.matcher(id).matches()) {
        throw new PluginRefusedException(
            "its Plugin-Id '"
                + (id.length() <= 80 ? id : id.substring(0, 80) + "…")
                + "' is not made of letters, digits, '.', '_' and '-', at most 64 of them");
      }
      if (PluginTrust.RESERVED.contains(id)) {
        throw new PluginRefusedException(
            "its Plugin-Id '" + id + "' is the name of a setting for all plugins");
      }
      Map<ExtensionKind, Set<String>> services = new EnumMap<>(ExtensionKind.class);
      for (ExtensionKind kind : ExtensionKind.values()) {
        services.put(kind, names(jar, kind.serviceFile()));
      }
      return new PluginJar(
          file,
          bundled,
          stamp,
          id,
          attribute(main, "Plugin-Version"),
          attribute(main, "Plugin-Provider"),
          attribute(main, "Plugin-Description"),
          attribute(main, "Plugin-Requires"),
          dependencies(attribute(main, "Plugin-Dependencies")),
          services,
          names(jar, "META-INF/extensions.idx"),
          reference(jar, id));
    } catch (IOException | SecurityException e) {
      throw new PluginRefusedException("it cannot be read as a jar: " + e.getMessage(), e);
    }
  }

  /**
   * Checks what can be checked before it is loaded.
   *
   * @param apiVersion the node's, without -SNAPSHOT
   * @throws PluginRefusedException if the jar does not fit this node
   */
  void requireFit(VersionManager versions, String apiVersion) throws PluginRefusedException {
    try {
      versions.compareVersions(version, version);
    } catch (RuntimeException e) {
      throw new PluginRefusedException(
          "its Plugin-Version '" + version + "' is no semantic version, for instance 1.0.0", e);
    }
    boolean fits;
    try {
      fits = requires.isEmpty() || versions.checkVersionConstraint(apiVersion, requires);
    } catch (RuntimeException e) {
      throw new PluginRefusedException(
          "its Plugin-Requires '" + requires + "' is no range of versions, for instance ^0.1.0", e);
    }
    if (!fits) {
      throw new PluginRefusedException(
          "it needs version " + requires + " of the plugin api; this node has " + apiVersion);
    }
  }

  /** What a copy of this jar says of itself, which counts, as this file may have changed since. */
  PluginJar readFrom(Path copy) throws PluginRefusedException {
    PluginJar read = read(copy, bundled, stamp);
    if (!read.id().equals(id)) {
      throw new PluginRefusedException("it changed while it was copied");
    }
    return new PluginJar(
        file,
        bundled,
        stamp,
        read.id(),
        read.version(),
        read.provider(),
        read.description(),
        read.requires(),
        read.dependencies(),
        read.services(),
        read.indexed(),
        read.reference());
  }

  /** Whether both are one state of one file. */
  boolean sameFile(PluginJar other) {
    return file.equals(other.file) && stamp.equals(other.stamp);
  }

  /** What it extends as far as its service files tell; what is only indexed needs its classes. */
  List<String> kinds() {
    return services.entrySet().stream()
        .filter(entry -> !entry.getValue().isEmpty())
        .map(entry -> entry.getKey().label())
        .toList();
  }

  /**
   * The operator's section of {@code whole} over this jar's own defaults.
   *
   * @throws SettingsException if it cannot be resolved
   */
  Config section(Config whole) {
    String path = ConfigUtil.joinPath("plugins", id);
    try {
      Config own =
          whole.hasPath(path) ? whole.getConfig(path) : ConfigFactory.empty("plugins." + id);
      return own.withFallback(reference).resolve();
    } catch (ConfigException e) {
      throw new SettingsException(String.valueOf(e.getMessage()), e);
    } catch (StackOverflowError e) {
      throw new SettingsException("its settings are nested too deep", e);
    }
  }

  /**
   * Whether the operator lets it run.
   *
   * @throws SettingsException if that is no truth value
   */
  boolean enabled(Config section) {
    return RecordConfig.read(section.withOnlyPath("enabled"), "plugins." + id, Switch.class)
        .enabled()
        .orElse(true);
  }

  private static String attribute(Attributes attributes, String name) {
    String value = attributes.getValue(name);
    return value == null ? "" : value.strip();
  }

  /** As PF4J writes them: {@code id@version?} with commas between. */
  private static List<String> dependencies(String value) {
    return Stream.of(value.split(",", -1))
        .map(String::strip)
        .filter(each -> !each.isEmpty() && !each.contains("?"))
        .map(each -> each.replaceAll("@.*", "").strip())
        .toList();
  }

  private static Set<String> names(JarFile jar, String entry) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    String text = text(jar, entry);
    if (text != null) {
      for (String line : text.lines().toList()) {
        String name = line.replaceAll("#.*", "").strip();
        if (!name.isEmpty()) {
          names.add(name);
        }
      }
    }
    return names;
  }

  private static Config reference(JarFile jar, String id)
      throws IOException, PluginRefusedException {
    String text = text(jar, "reference.conf");
    if (text == null) {
      return ConfigFactory.empty();
    }
    try {
      return ConfigFactory.parseString(
          text,
          ConfigParseOptions.defaults()
              .setOriginDescription("reference.conf of " + id)
              .setIncluder(new NoIncludes()));
    } catch (ConfigException e) {
      throw new PluginRefusedException("its reference.conf cannot be read: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw new PluginRefusedException(
          "its reference.conf cannot be read: it is nested too deep", e);
    }
  }

  /**
   * Refuses to include: a jar that nobody trusts yet must have no file read and no address asked.
   */
  private static final class NoIncludes
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      throw refusal(what);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      throw refusal(what.getPath());
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      throw refusal(what.toExternalForm());
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      throw refusal(what);
    }

    private static ConfigException refusal(String what) {
      return new ConfigException.Generic(
          "it includes '%s': write the settings into it instead"
              .formatted(what.length() <= 80 ? what : what.substring(0, 80) + "…"));
    }
  }

  private static @Nullable String text(JarFile jar, String name) throws IOException {
    JarEntry entry = jar.getJarEntry(name);
    if (entry == null) {
      return null;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] bytes = in.readNBytes(MAX_ENTRY + 1);
      if (bytes.length > MAX_ENTRY) {
        throw new IOException(name + " is larger than " + MAX_ENTRY + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** The host's own key in a plugin's section. */
  private record Switch(Optional<Boolean> enabled) {}
}
