package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pf4j.VersionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which jars of the plugin folders are to run: of each id the newest, a later folder never with an
 * older one or the same.
 *
 * @param chosen to be loaded, by id
 * @param refused the others, with the reason
 */
record JarScan(Map<String, PluginJar> chosen, List<Refused> refused) {
  private static final Logger LOG = LoggerFactory.getLogger(JarScan.class);

  /**
   * A jar that is not loaded.
   *
   * @param name id of the plugin, or the file's name where it has none or another jar has it
   */
  record Refused(String name, String version, String provider, String description, String reason) {}

  static JarScan of(List<Path> directories, VersionManager versions, String apiVersion) {
    Map<String, PluginJar> chosen = new LinkedHashMap<>();
    List<Refused> refused = new ArrayList<>();
    List<RefusedJar> unfit = new ArrayList<>();
    for (Path directory : directories) {
      for (Path file : jars(directory, refused)) {
        if (othersMayWrite(file)) {
          refused.add(
              new Refused(
                  file.getFileName().toString(),
                  "",
                  "",
                  "",
                  "every user of this machine may change it: chmod o-w " + file));
          continue;
        }
        PluginJar jar;
        try {
          jar = PluginJar.read(file);
        } catch (PluginRefusedException e) {
          refused.add(new Refused(file.getFileName().toString(), "", "", "", reason(e)));
          continue;
        }
        try {
          jar.requireFit(versions, apiVersion);
        } catch (PluginRefusedException e) {
          unfit.add(new RefusedJar(jar, reason(e)));
          continue;
        }
        PluginJar other = chosen.get(jar.id());
        if (other == null || versions.compareVersions(jar.version(), other.version()) > 0) {
          if (other != null) {
            LOG.info("{} replaces {}, which is older", file, other.file());
          }
          chosen.put(jar.id(), jar);
        } else {
          unfit.add(
              new RefusedJar(
                  jar,
                  "version %s of %s in %s is not older, so this one is not loaded"
                      .formatted(other.version(), jar.id(), other.file())));
        }
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
              each.reason()));
    }
    return new JarScan(chosen, refused);
  }

  private static List<Path> jars(Path directory, List<Refused> refused) {
    List<Path> files = new ArrayList<>();
    if (othersMayWrite(directory)) {
      refused.add(
          new Refused(
              directory.toString(),
              "",
              "",
              "",
              "every user of this machine may put plugins there: chmod o-w " + directory));
      return files;
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.jar")) {
      stream.forEach(files::add);
    } catch (NoSuchFileException e) {
      LOG.debug("there is no plugins folder {}", directory);
    } catch (NotDirectoryException e) {
      refused.add(new Refused(directory.toString(), "", "", "", "it is no folder of plugins"));
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      refused.add(
          new Refused(directory.toString(), "", "", "", "it cannot be read: " + e.getMessage()));
    }
    Collections.sort(files);
    return files;
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
