package io.cyphermesh.cli.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * Where everything of a node lives.
 *
 * @param path absolute
 */
public record DataDirectory(Path path) {
  public DataDirectory {
    path = path.toAbsolutePath().normalize();
  }

  /** The operator's settings. */
  public Path config() {
    return path.resolve("cyphermesh.conf");
  }

  /** The secret that lets its reader write through REST. */
  public Path token() {
    return path.resolve("api-token");
  }

  /** The tokens that were made, by their hashes. */
  public Path tokens() {
    return path.resolve("tokens.json");
  }

  /** Who changed what. */
  public Path auditLog() {
    return path.resolve("audit.log");
  }

  /** The certificate that the node makes for its dashboard. */
  public Path dashboardTls() {
    return path.resolve("dashboard-tls");
  }

  /** Key pair of the node. */
  public Path keys() {
    return path.resolve("keys");
  }

  /** The operator's own plugins, where no other folder is named. */
  public Path plugins() {
    return path.resolve("plugins");
  }

  /** Log files. */
  public Path logs() {
    return path.resolve("logs");
  }

  /** What a running node tells other processes of its owner. */
  public Path run() {
    return path.resolve("run");
  }

  Path nodeFile() {
    return run().resolve("node.json");
  }

  Path lockFile() {
    return run().resolve("lock");
  }

  Path pendingPeers() {
    return path.resolve("peers.txt");
  }

  /**
   * Makes it, for its owner alone.
   *
   * @throws IOException if it cannot be made, or is there and not ours to write
   */
  public void create() throws IOException {
    try {
      Files.createDirectories(path, ownerOnly("rwx------"));
      Files.createDirectories(run(), ownerOnly("rwx------"));
    } catch (AccessDeniedException e) {
      throw foreign(e.getFile());
    }
    // Mounted, copied, or used as root before: told now, not by whichever part opens its file
    // first.
    for (Path own : List.of(path, run(), lockFile(), keys(), logs(), token(), database())) {
      if (Files.exists(own) && !Files.isWritable(own)) {
        throw foreign(own.toString());
      }
    }
  }

  private IOException foreign(String file) {
    String user = user();
    return new IOException(
        "user "
            + user
            + " may not write "
            + file
            + ": 'chown -R "
            + user
            + "' the whole of "
            + path
            + " (of a container, the folder mounted there), or name another with --data");
  }

  /** By number where there are numbers: outside of a container its names mean nothing. */
  private static String user() {
    try {
      return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return System.getProperty("user.name", "?");
    }
  }

  /**
   * Makes the folders of a node, for its owner alone. One that is there keeps its permissions; so
   * does the data directory, whose folders must not rely on it.
   */
  public void createFolders() throws IOException {
    create();
    for (Path folder :
        List.of(logs(), path.resolve("plugins-data"), path.resolve("plugins-running"))) {
      Files.createDirectories(folder, ownerOnly("rwx------"));
    }
  }

  /**
   * Makes the folder of the operator's own plugins, for its owner alone: the node loads nothing
   * from one that others may write, and some systems let the group write all new folders.
   */
  public void createPlugins() throws IOException {
    if (!Files.exists(plugins())) {
      Files.createDirectories(plugins(), ownerOnly("rwx------"));
    }
  }

  /** Writes a file of this name for its owner alone; it is there as a whole, also after a crash. */
  public void writeDurably(String name, String text) throws IOException {
    write(path.resolve(name), text);
    try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /** Writes a file for its owner alone, so that nobody ever reads half of it. */
  static void write(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (FileChannel out =
        FileChannel.open(
            draft,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownerOnly("rw-------"))) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    try {
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /** Whether anything in it shows that a node has lived here. */
  public boolean looksLikeOurs() {
    if (path.getParent() == null || !Files.isDirectory(path)) {
      return false;
    }
    return Files.isRegularFile(keys().resolve("private_key.pem"))
        || Files.isRegularFile(lockFile())
        || Files.isRegularFile(config())
        || hasDatabase();
  }

  /** The database's own file. */
  public Path database() {
    return path.resolve("cyphermesh.db");
  }

  private boolean hasDatabase() {
    return Files.isRegularFile(database());
  }
}
