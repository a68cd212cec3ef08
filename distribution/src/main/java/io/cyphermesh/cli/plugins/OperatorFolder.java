package io.cyphermesh.cli.plugins;

import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.core.plugin.DataOwner;
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
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The folder that plugins are installed into. A node that runs may look into it at any moment: a
 * jar is there whole or not at all, and never under two versions for longer than it takes to delete
 * the older one.
 */
public final class OperatorFolder {
  private static final String JAR = ".jar";
  private static final String DRAFT = ".install-";
  private static final String PART = ".part";

  /** No install takes so long. */
  private static final Duration LEFT = Duration.ofHours(1);

  /** What makes a version no part of a file's name. */
  private static final Pattern ODD = Pattern.compile("[^A-Za-z0-9._+-]");

  private final Path folder;
  private final Optional<Path> bundled;
  private final Settings settings;
  private final PinFile pins;
  private final DataOwner owner;

  /**
   * A jar that lies in a folder.
   *
   * @param file where
   * @param modified when it was last modified, by which a node tells that it is another
   * @param says what it says of itself
   */
  public record Jar(Path file, Instant modified, PluginInspection says) {}

  private OperatorFolder(Path folder, Optional<Path> bundled, Settings settings, DataOwner owner) {
    this.folder = folder;
    this.bundled = bundled;
    this.settings = settings;
    this.pins = new PinFile(settings.data().path());
    this.owner = owner;
  }

  /**
   * The first folder of the node that is not the archive's own.
   *
   * @throws CommandFailure if there is none
   * @throws IOException if the node is another user's, or a restore of it was cut off; one line
   */
  public static OperatorFolder of(Settings settings) throws IOException {
    // It would move the plugins aside.
    Restore.requireNone(settings.data());
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
        settings,
        DataOwner.of(settings.data().path()));
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
          jars.add(new Jar(file, modified(file), PluginInspection.of(file)));
        } catch (NoSuchFileException e) {
          // Deleted at this moment.
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
   * @throws CommandFailure if the node would not load it; then nothing has changed
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
    create();
    requireSafe(folder);
    deleteLeftDrafts();
    // Not *.jar, which the node would take for a plugin while it is half written.
    Path draft = Files.createTempFile(folder, DRAFT, PART);
    try {
      Files.copy(source, draft, StandardCopyOption.REPLACE_EXISTING);
      force(draft);
      PluginInspection says = inspect(source, draft, pin);
      requireNewerThanBundled(says);
      Path target = folder.resolve(name(says));
      requireOurs(source, target, says.id());
      List<Jar> older = jars(says.id());
      owner.give(draft);
      share(draft);
      // Pinned first: a node that wants pins must never meet the jar without one.
      if (pin) {
        pins.add(says.sha256(), name(says));
      }
      Instant modified = modified(draft);
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
      force(folder);
      for (Jar jar : older) {
        if (!jar.file().equals(target)) {
          Files.deleteIfExists(jar.file());
        }
      }
      return new Jar(target, modified, says);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /** The folder and the data directory, for their owner alone, before anything is put into them. */
  private void create() throws IOException {
    settings.data().create();
    owner.give(settings.data().run());
    List<Path> missing = new ArrayList<>();
    for (Path each = folder; each != null && Files.notExists(each); each = each.getParent()) {
      missing.add(each);
    }
    Files.createDirectories(folder, ownerOnly());
    for (Path made : missing) {
      owner.give(made);
    }
  }

  /** What an install left that was cut off. */
  private void deleteLeftDrafts() throws IOException {
    Instant old = Instant.now().minus(LEFT);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, DRAFT + "*" + PART)) {
      for (Path file : files) {
        try {
          if (modified(file).isBefore(old)) {
            Files.deleteIfExists(file);
          }
        } catch (NoSuchFileException e) {
          // Another install's, which has ended.
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private PluginInspection inspect(Path source, Path draft, boolean pin) {
    try {
      PluginInspection says = PluginInspection.of(draft);
      says.requireFit(draft);
      says.requireTrusted(draft, settings.config(), settings.data().path(), pin);
      return says;
    } catch (PluginRefusedException e) {
      throw refused(source, e);
    }
  }

  /** Two ids and versions may make the same name. */
  private static void requireOurs(Path source, Path target, String id) {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    String other;
    try {
      String there = PluginInspection.of(target).id();
      if (there.equals(id)) {
        return;
      }
      other = "is the jar of " + there;
    } catch (PluginRefusedException e) {
      other = "is no plugin: " + CommandFailure.reason(e);
    }
    throw new CommandFailure(
        "%s is not installed: in its place lies %s, which %s; 'cyphermesh plugins remove %s' deletes that"
            .formatted(source, target, other, target.getFileName()));
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
   * @param id of the plugin, or the name of a jar in the folder, which may be no plugin
   * @return what was deleted
   */
  public List<Path> remove(String id) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Jar jar : jars(id)) {
      files.add(jar.file());
    }
    if (files.isEmpty()) {
      named(id).ifPresent(files::add);
    }
    for (Path file : files) {
      Optional<String> sha256 = sha256(file);
      Files.deleteIfExists(file);
      if (sha256.isPresent()) {
        pins.remove(sha256.get());
      }
    }
    if (!files.isEmpty()) {
      force(folder);
    }
    return files;
  }

  /** A jar by its name, as the node lists it where it is refused; never anything elsewhere. */
  private Optional<Path> named(String name) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + JAR)) {
      for (Path file : files) {
        if (file.getFileName().toString().equals(name)) {
          if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new CommandFailure(file + " is a folder, not a jar: delete it yourself");
          }
          return Optional.of(file);
        }
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** Empty for what is no plugin, and so was never pinned by us. */
  private static Optional<String> sha256(Path file) {
    try {
      return Optional.of(PluginInspection.of(file).sha256());
    } catch (PluginRefusedException e) {
      return Optional.empty();
    }
  }

  private static Instant modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant();
  }

  private static String name(PluginInspection says) {
    return says.id() + "-" + ODD.matcher(says.version()).replaceAll("_") + JAR;
  }

  /** The node may run as another user than who installs. */
  private static void share(Path file) throws IOException {
    if (posix()) {
      // Of that very file: whoever may write the folder must not have another one opened to all.
      Objects.requireNonNull(
              Files.getFileAttributeView(
                  file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS))
          .setPermissions(PosixFilePermissions.fromString("rw-r--r--"));
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
