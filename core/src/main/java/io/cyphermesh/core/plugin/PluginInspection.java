package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.pf4j.DefaultVersionManager;

/**
 * What a jar says of itself, for those who put plugins in place of the host: it is read without
 * loading a class of it.
 *
 * @param id its {@code Plugin-Id}
 * @param version its {@code Plugin-Version}
 * @param provider its {@code Plugin-Provider}; may be empty
 * @param description its {@code Plugin-Description}; may be empty
 * @param requires its {@code Plugin-Requires}, a range of the api's versions; may be empty
 * @param kinds what it extends as far as its service files tell, in the words of {@link
 *     io.cyphermesh.core.view.PluginView#kinds}; empty where only its classes do
 * @param sha256 of its content, 64 lower-case hexadecimal digits
 */
public record PluginInspection(
    String id,
    String version,
    String provider,
    String description,
    String requires,
    List<String> kinds,
    String sha256) {
  public PluginInspection {
    kinds = List.copyOf(kinds);
  }

  /**
   * Checks that a file may be opened and copied at all: a plain one of a bearable size.
   *
   * @throws PluginRefusedException if not
   */
  public static void requirePlainFile(Path file) throws PluginRefusedException {
    JarInspection.requirePlainFile(file);
  }

  /**
   * Reads a jar that nobody changes meanwhile, whatever it may be.
   *
   * @throws PluginRefusedException if no node would open it, or it is no plugin
   */
  public static PluginInspection of(Path file) throws PluginRefusedException {
    PluginJar jar = checked(file);
    return new PluginInspection(
        jar.id(),
        jar.version(),
        jar.provider(),
        jar.description(),
        jar.requires(),
        jar.kinds(),
        sha256(file));
  }

  /**
   * Checks that a node of this version would load it.
   *
   * @throws PluginRefusedException if not
   */
  public void requireFit(Path file) throws PluginRefusedException {
    read(file).requireFit(new DefaultVersionManager(), PluginHost.apiVersion());
  }

  /**
   * Checks that a node of these settings would trust it.
   *
   * @param file the jar, which nobody changes meanwhile
   * @param config the node's, whole
   * @param dataDirectory the node's, where its list of pins is
   * @param pinned whether it will have been pinned by the time the node sees it
   * @throws PluginRefusedException if not, with what would make it trusted
   * @throws SettingsException if the settings that say so are wrong
   */
  public void requireTrusted(Path file, Config config, Path dataDirectory, boolean pinned)
      throws PluginRefusedException {
    PluginTrust trust = PluginTrust.of(config, dataDirectory);
    if (!pinned || trust.mode() != PluginTrust.Mode.PINNED) {
      trust.check(file, sha256);
    }
  }

  /**
   * Whether this one is of a higher version than another that fits as well; what is no semantic
   * version is higher than nothing.
   */
  public boolean newerThan(PluginInspection other) {
    try {
      return new DefaultVersionManager().compareVersions(version, other.version()) > 0;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /**
   * Why nodes do not load from a folder of plugins, or a jar, with what to do; empty where they do.
   */
  public static Optional<String> unsafe(Path folderOrJar) {
    return FolderGuard.fault(folderOrJar);
  }

  private static PluginJar checked(Path file) throws PluginRefusedException {
    try {
      JarInspection.check(file);
      return read(file);
    } catch (RuntimeException | StackOverflowError e) {
      // One that is made to confuse what reads it must not keep the others from being seen.
      throw new PluginRefusedException("it cannot be read: " + Fault.line(e), e);
    }
  }

  private static PluginJar read(Path file) throws PluginRefusedException {
    try {
      return PluginJar.read(file, false, JarStamp.of(file));
    } catch (IOException e) {
      throw new PluginRefusedException("it cannot be read: " + e.getMessage(), e);
    }
  }

  private static String sha256(Path file) throws PluginRefusedException {
    try {
      return RunningCopies.sha256(file);
    } catch (IOException e) {
      throw new PluginRefusedException("it cannot be read: " + e.getMessage(), e);
    }
  }
}
