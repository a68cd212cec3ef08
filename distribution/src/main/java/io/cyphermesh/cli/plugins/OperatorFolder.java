package io.cyphermesh.cli.plugins;

import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.core.plugin.PinFile;
import io.cyphermesh.core.plugin.PluginFolder;
import io.cyphermesh.core.plugin.PluginInspection;
import io.cyphermesh.core.plugin.PluginRefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The folder that plugins are installed into. A node that runs may look into it at any moment: a
 * jar is there whole or not at all, and never under two versions for longer than it takes to delete
 * the older one.
 */
public final class OperatorFolder {
  private static final String JAR = ".jar";

  /** What makes a version no part of a file's name. */
  private static final Pattern ODD = Pattern.compile("[^A-Za-z0-9._+-]");

  private final Path folder;
  private final Optional<Path> bundled;
  private final PinFile pins;

  /**
   * A jar that lies in a folder.
   *
   * @param file where
   * @param says what it says of itself
   */
  public record Jar(Path file, PluginInspection says) {}

  private OperatorFolder(Path folder, Optional<Path> bundled, PinFile pins) {
    this.folder = folder;
    this.bundled = bundled;
    this.pins = pins;
  }

  /**
   * The first folder of the node that is not the archive's own.
   *
   * @throws CommandFailure if there is none
   */
  public static OperatorFolder of(Settings settings) {
    return new OperatorFolder(
        settings.pluginFolders().stream()
            .filter(each -> !each.bundled())
            .map(PluginFolder::path)
            .findFirst()
            .orElseThrow(
                () ->
                    CommandFailure.usage(
                        "the only folder of plugins is the archive's own: name one of yours by"
                            + " plugins-dir or --plugins")),
        settings.pluginFolders().stream()
            .filter(PluginFolder::bundled)
            .map(PluginFolder::path)
            .findFirst(),
        new PinFile(settings.data().path()));
  }

  /** Where it is. */
  public Path path() {
    return folder;
  }

  /** The jars of a plugin in it, whatever their names. */
  public List<Jar> jars(String id) throws IOException {
    return all(folder).stream().filter(jar -> jar.says().id().equals(id)).toList();
  }

  /** Ids of the plugins in it. */
  public List<String> ids() throws IOException {
    return all(folder).stream().map(jar -> jar.says().id()).distinct().toList();
  }

  /** The newest jar of a plugin that came with the node. */
  public Optional<Jar> bundled(String id) throws IOException {
    Optional<Jar> newest = Optional.empty();
    for (Jar jar : bundled.isPresent() ? all(bundled.get()) : List.<Jar>of()) {
      if (jar.says().id().equals(id)
          && (newest.isEmpty() || jar.says().newerThan(newest.get().says()))) {
        newest = Optional.of(jar);
      }
    }
    return newest;
  }

  private static List<Jar> all(Path folder) throws IOException {
    List<Jar> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + JAR)) {
      for (Path file : files) {
        try {
          jars.add(new Jar(file, PluginInspection.of(file)));
        } catch (PluginRefusedException e) {
          // No plugin, hence of no id; the node shows it with the reason.
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return jars;
  }

  /**
   * Puts a jar into it in place of those of the same id. It is checked as the node will check it,
   * on a copy that nobody else writes.
   *
   * @param pin whether to add it to the pinned ones
   * @return where it lies now, and what it says of itself
   * @throws CommandFailure if no node would load it
   */
  public Jar install(Path source, boolean pin) throws IOException {
    if (Files.notExists(source)) {
      throw CommandFailure.usage("there is no file " + source);
    }
    try {
      PluginInspection.requirePlainFile(source);
    } catch (PluginRefusedException e) {
      throw refused(source, e);
    }
    Files.createDirectories(folder, ownerOnly());
    requireSafe(folder);
    // Not *.jar, which the node would take for a plugin while it is half written.
    Path draft = Files.createTempFile(folder, ".install-", ".part");
    try {
      Files.copy(source, draft, StandardCopyOption.REPLACE_EXISTING);
      force(draft);
      PluginInspection says = inspect(source, draft);
      requireNewerThanBundled(says);
      List<Jar> older = jars(says.id());
      // Pinned first: a node that wants pins must never meet the jar without one.
      if (pin) {
        pins.add(says.sha256(), name(says));
      }
      share(draft);
      Path target = folder.resolve(name(says));
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
      force(folder);
      for (Jar jar : older) {
        if (!jar.file().equals(target)) {
          Files.deleteIfExists(jar.file());
        }
      }
      return new Jar(target, says);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static PluginInspection inspect(Path source, Path draft) {
    try {
      PluginInspection says = PluginInspection.of(draft);
      says.requireFit(draft);
      return says;
    } catch (PluginRefusedException e) {
      throw refused(source, e);
    }
  }

  private static CommandFailure refused(Path source, PluginRefusedException e) {
    return new CommandFailure(source + " is not installed: " + CommandFailure.reason(e));
  }

  private static void requireSafe(Path place) {
    PluginInspection.unsafe(place)
        .ifPresent(
            fault -> {
              throw new CommandFailure("no node loads plugins from " + place + ": " + fault);
            });
  }

  private void requireNewerThanBundled(PluginInspection says) throws IOException {
    Optional<Jar> other = bundled(says.id());
    if (other.isPresent() && !says.newerThan(other.get().says())) {
      throw new CommandFailure(
          "version %s of %s is bundled, and only a newer one is loaded in its place; this is %s"
              .formatted(other.get().says().version(), says.id(), says.version()));
    }
  }

  /**
   * Deletes a plugin's jars, and their pins.
   *
   * @return what was deleted
   */
  public List<Jar> remove(String id) throws IOException {
    List<Jar> jars = jars(id);
    for (Jar jar : jars) {
      Files.deleteIfExists(jar.file());
      pins.remove(jar.says().sha256());
    }
    if (!jars.isEmpty()) {
      force(folder);
    }
    return jars;
  }

  private static String name(PluginInspection says) {
    return says.id() + "-" + ODD.matcher(says.version()).replaceAll("_") + JAR;
  }

  /** The node may run as another user than who installs. */
  private static void share(Path file) throws IOException {
    if (posix()) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path, Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    return posix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }
}
