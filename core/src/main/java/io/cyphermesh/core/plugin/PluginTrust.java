package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the operator's jars may run: any, those whose content is pinned, or those that are
 * signed. What holds for the node's own jars holds for those that came with it: they are not asked
 * for pins or signatures, since who may change them may change the node.
 */
final class PluginTrust {
  /**
   * Keys of the {@code plugins} section that are not ids of plugins; no plugin may be called so.
   */
  static final Set<String> RESERVED = Set.of("trust", "pins", "signers");

  private static final Logger LOG = LoggerFactory.getLogger(PluginTrust.class);
  private static final String SECTION = "plugins";

  /** More than a chain of certificates needs. */
  private static final int MAX_PEM = 1024 * 1024;

  private final Mode mode;
  private final Set<String> pins;
  private final PinFile file;
  private final JarSignatures signatures;

  /** What a jar must have. */
  enum Mode {
    /** Nothing. */
    ANY,
    /** A SHA-256 that is in {@code plugins.pins} or in the {@link PinFile}. */
    PINNED,
    /** Of each entry a signature by one of {@code plugins.signers}. */
    SIGNED
  }

  /** The keys as the operator writes them. */
  private record Keys(
      Optional<Mode> trust, Optional<List<String>> pins, Optional<List<String>> signers) {}

  private PluginTrust(Mode mode, Set<String> pins, PinFile file, JarSignatures signatures) {
    this.mode = mode;
    this.pins = pins;
    this.file = file;
    this.signatures = signatures;
  }

  /**
   * Reads {@code plugins.trust}, {@code plugins.pins} and {@code plugins.signers}. The certificates
   * are read now, and again only by another call.
   *
   * @param whole the effective configuration
   * @param dataDirectory of the node, where the pin file is
   * @throws SettingsException if a value is wrong, a certificate cannot be read, or the section has
   *     a single value that nobody knows, which may be one of these misspelt
   */
  static PluginTrust of(Config whole, Path dataDirectory) {
    ConfigObject section = section(whole);
    Keys keys = RecordConfig.read(own(section).toConfig(), SECTION, Keys.class);
    Mode mode = keys.trust().orElse(Mode.ANY);
    Set<String> pins = new HashSet<>();
    List<String> hashes = keys.pins().orElse(List.of());
    for (int i = 0; i < hashes.size(); i++) {
      String hash = hashes.get(i).strip();
      if (!PinFile.isHash(hash)) {
        throw new SettingsException(
            place(section, "pins", i)
                + ": '"
                + JarInspection.shown(hash)
                + "' is no SHA-256; right are the 64 hexadecimal digits that sha256sum prints");
      }
      pins.add(hash.toLowerCase(Locale.ROOT));
    }
    Set<Certificate> signers = new HashSet<>();
    List<String> files = keys.signers().orElse(List.of());
    for (int i = 0; i < files.size(); i++) {
      signers.addAll(certificates(section, i, files.get(i)));
    }
    if (mode == Mode.SIGNED && signers.isEmpty()) {
      throw new SettingsException(
          RecordConfig.at("plugins.trust", value(section, "trust").origin())
              + ": 'signed' needs plugins.signers, for instance [ \"/etc/cyphermesh/signer.pem\" ]");
    }
    if (mode != Mode.PINNED && !pins.isEmpty()) {
      LOG.warn("plugins.pins is not used: plugins.trust is not 'pinned'");
    }
    if (mode != Mode.SIGNED && !signers.isEmpty()) {
      LOG.warn("plugins.signers is not used: plugins.trust is not 'signed'");
    }
    return new PluginTrust(
        mode, Set.copyOf(pins), new PinFile(dataDirectory), new JarSignatures(signers));
  }

  /** What jars must have. */
  Mode mode() {
    return mode;
  }

  /**
   * Returns if a jar of the node's folders may run. One that came with the node needs no trust of
   * its own: who may change it may change the node's own jars.
   *
   * @throws PluginRefusedException if not, with what would make it trusted
   */
  void check(PluginJar jar, RunningCopies.Copy copy) throws PluginRefusedException {
    if (!jar.bundled()) {
      check(copy.file(), copy.sha256());
    }
  }

  /**
   * Returns if the operator trusts a jar.
   *
   * @param privateCopy what will be loaded, checked by {@link JarInspection}; nobody else writes it
   * @param sha256 of that very copy, in hexadecimal
   * @throws PluginRefusedException if not, with what would make it trusted
   */
  void check(Path privateCopy, String sha256) throws PluginRefusedException {
    switch (mode) {
      case ANY -> {}
      case PINNED -> requirePin(sha256.toLowerCase(Locale.ROOT));
      case SIGNED -> signatures.check(privateCopy);
    }
  }

  private void requirePin(String sha256) throws PluginRefusedException {
    try {
      if (pins.contains(sha256) || file.contains(sha256)) {
        return;
      }
    } catch (IOException e) {
      throw new PluginRefusedException("the list of pins cannot be used: " + e.getMessage(), e);
    }
    throw new PluginRefusedException(
        "it is not pinned: if you trust it, run 'cyphermesh plugins install --pin JAR' with it, or"
            + " add \""
            + sha256
            + "\", its SHA-256, to plugins.pins");
  }

  private static ConfigObject section(Config whole) {
    if (!whole.hasPath(SECTION)) {
      return ConfigFactory.empty(SECTION).root();
    }
    if (whole.getValue(SECTION) instanceof ConfigObject section) {
      return section;
    }
    throw new SettingsException(
        RecordConfig.at(SECTION, whole.getValue(SECTION).origin())
            + ": it is a section: write plugins { … }");
  }

  /** Without sections of plugins, and what others read. */
  private static ConfigObject own(ConfigObject section) {
    ConfigObject own = section;
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      boolean reserved = RESERVED.contains(entry.getKey());
      boolean ofAPlugin =
          entry.getValue().valueType() == ConfigValueType.OBJECT
              || entry.getValue().valueType() == ConfigValueType.NULL;
      if (!reserved && ofAPlugin) {
        own = own.withoutKey(entry.getKey());
      }
    }
    return own;
  }

  private static Set<Certificate> certificates(ConfigObject section, int index, String name) {
    String where = place(section, "signers", index);
    Path file;
    try {
      file = absolute(section, index, name);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(where + ": '" + name + "' cannot be a path", e);
    }
    if (!Files.isRegularFile(file)) {
      throw new SettingsException(where + ": there is no file " + file);
    }
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_PEM);
    } catch (NoSuchFileException e) {
      throw new SettingsException(where + ": there is no file " + file, e);
    } catch (IOException e) {
      throw new SettingsException(where + ": " + file + " cannot be read: " + e, e);
    }
    Set<Certificate> found;
    try {
      found =
          Set.copyOf(
              CertificateFactory.getInstance("X.509")
                  .generateCertificates(new ByteArrayInputStream(content)));
    } catch (CertificateException e) {
      throw new SettingsException(
          where + ": " + file + " is no certificate in PEM: " + e.getMessage(), e);
    }
    if (found.isEmpty()) {
      throw new SettingsException(where + ": " + file + " has no certificate in PEM");
    }
    return found;
  }

  /** A relative one begins at the folder of the file that names it, as plugins-dir does. */
  private static Path absolute(ConfigObject section, int index, String name) {
    String origin = element(section, "signers", index).origin().filename();
    Path file = Path.of(name);
    return origin == null ? file.toAbsolutePath() : Path.of(origin).resolveSibling(file);
  }

  private static String place(ConfigObject section, String key, int index) {
    return RecordConfig.at(
        SECTION + "." + key + "[" + index + "]", element(section, key, index).origin());
  }

  private static ConfigValue element(ConfigObject section, String key, int index) {
    return value(section, key) instanceof ConfigList list ? list.get(index) : section;
  }

  private static ConfigValue value(ConfigObject section, String key) {
    ConfigValue value = section.get(key);
    return value == null ? section : value;
  }
}
