package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pf4j.VersionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which jars of the plugin folders are to run: of each id the newest, a later folder never with an
 * older one or the same.
 *
 * @param chosen to be loaded, by id
 * @param older the other jars of these ids that would fit, newest first
 * @param refused the others, with the reason
 */
record JarScan(
    Map<String, PluginJar> chosen, Map<String, List<PluginJar>> older, List<Refused> refused) {
  private static final Logger LOG = LoggerFactory.getLogger(JarScan.class);

  /**
   * A jar that is not loaded.
   *
   * @param name id of the plugin, or the file's name where it has none or another jar has it
   * @param file the jar; empty for a folder
   * @param bundled whether it came with the node
   * @param modified when the file was last modified, as it was seen
   */
  record Refused(
      String name,
      String version,
      String provider,
      String description,
      Optional<Path> file,
      boolean bundled,
      Optional<Instant> modified,
      String reason) {
    static Refused unread(String name, String reason) {
      return new Refused(name, "", "", "", Optional.empty(), false, Optional.empty(), reason);
    }
  }

  /**
   * What a file in a folder turned out to be.
   *
   * @param jar the plugin; empty if it is none
   * @param reason why it is none
   */
  record Jar(
      Path file,
      boolean bundled,
      Optional<PluginJar> jar,
      String reason,
      Optional<JarStamp> stamp) {
    /** One that is not even looked into. */
    static Jar refused(Path file, boolean bundled, String reason) {
      return new Jar(file, bundled, Optional.empty(), reason, Optional.empty());
    }

    static Jar read(Path file, boolean bundled, JarStamp stamp) {
      try {
        if (!bundled) {
          JarInspection.check(file);
        }
        return new Jar(
            file,
            bundled,
            Optional.of(PluginJar.read(file, bundled, stamp)),
            "",
            Optional.of(stamp));
      } catch (PluginRefusedException e) {
        return new Jar(file, bundled, Optional.empty(), JarScan.reason(e), Optional.of(stamp));
      } catch (RuntimeException | StackOverflowError e) {
        // One that is made to confuse what reads it must not keep the others from being seen.
        String reason = "it cannot be read: " + Fault.line(e);
        return new Jar(file, bundled, Optional.empty(), reason, Optional.of(stamp));
      }
    }
  }

  /** The jars that are in some folders now. */
  static JarScan of(List<PluginFolder> folders, VersionManager versions, String apiVersion) {
    try (PluginFolders once =
        new PluginFolders(folders, versions, apiVersion, Duration.ZERO, System::nanoTime)) {
      return once.look();
    }
  }

  /** Of each id the newest that fits. */
  static JarScan choose(
      List<Jar> jars, List<Refused> unread, VersionManager versions, String apiVersion) {
    Map<String, PluginJar> chosen = new LinkedHashMap<>();
    Map<String, List<PluginJar>> older = new HashMap<>();
    List<Refused> refused = new ArrayList<>(unread);
    List<RefusedJar> unfit = new ArrayList<>();
    for (Jar each : jars) {
      if (each.jar().isEmpty()) {
        refused.add(
            new Refused(
                each.file().getFileName().toString(),
                "",
                "",
                "",
                Optional.of(each.file()),
                each.bundled(),
                each.stamp().map(stamp -> stamp.modified().toInstant()),
                each.reason()));
        continue;
      }
      PluginJar jar = each.jar().get();
      try {
        jar.requireFit(versions, apiVersion);
      } catch (PluginRefusedException e) {
        unfit.add(new RefusedJar(jar, reason(e)));
        continue;
      }
      PluginJar other = chosen.get(jar.id());
      List<PluginJar> rest = older.computeIfAbsent(jar.id(), id -> new ArrayList<>());
      if (other == null || versions.compareVersions(jar.version(), other.version()) > 0) {
        if (other != null) {
          LOG.debug("{} goes before {}, which is older", jar.file(), other.file());
          rest.add(other);
        }
        chosen.put(jar.id(), jar);
      } else {
        rest.add(jar);
        unfit.add(
            new RefusedJar(
                jar,
                "version %s of %s in %s is not older, so this one is not loaded"
                    .formatted(other.version(), jar.id(), other.file())));
      }
    }
    for (RefusedJar each : unfit) {
      PluginJar jar = each.jar();
      refused.add(
          new Refused(
              chosen.containsKey(jar.id()) ? jar.file().getFileName().toString() : jar.id(),
              jar.version(),
              jar.provider(),
              jar.description(),
              Optional.of(jar.file()),
              jar.bundled(),
              Optional.of(jar.stamp().modified().toInstant()),
              each.reason()));
    }
    older
        .values()
        .forEach(
            rest ->
                rest.sort((one, two) -> versions.compareVersions(two.version(), one.version())));
    return new JarScan(chosen, older, refused);
  }

  /**
   * Why a jar or a folder of jars cannot be trusted where it lies. Who may change what came with
   * the node may change the node itself, so that is looked at less closely: in a clone it often
   * belongs to its owner's group as well.
   */
  static Optional<String> fault(Path path, boolean bundled) {
    if (!bundled) {
      return FolderGuard.fault(path);
    }
    return othersMayWrite(path)
        ? Optional.of("every user of this machine may change it: chmod o-w " + path)
        : Optional.empty();
  }

  private static boolean othersMayWrite(Path path) {
    try {
      return Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_WRITE);
    } catch (IOException | UnsupportedOperationException e) {
      // Not there, or no such permissions here; what reads it says the first.
      return false;
    }
  }

  private static String reason(PluginRefusedException e) {
    return String.valueOf(e.getMessage());
  }

  private record RefusedJar(PluginJar jar, String reason) {}
}
