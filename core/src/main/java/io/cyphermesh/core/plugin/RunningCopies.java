package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies of jars that really run. A jar that is overwritten while it is loaded breaks its
 * classes, and operators do overwrite jars.
 */
final class RunningCopies {
  private static final Logger LOG = LoggerFactory.getLogger(RunningCopies.class);

  /** Enough of the content's SHA-256 to tell builds of one plugin apart. */
  private static final int HASH_DIGITS = 16;

  private final Path directory;

  RunningCopies(Path directory) {
    this.directory = directory;
  }

  /**
   * A copy of a jar.
   *
   * @param sha256 of its content, in hexadecimal digits
   */
  record Copy(Path file, String sha256) {}

  /** The copy of a jar, made where it is not there yet or is not the same. */
  Copy of(String id, Path jar) throws IOException {
    Files.createDirectories(directory);
    String hash = sha256(jar);
    Path copy = name(id, hash);
    if (!Files.isRegularFile(copy) || !sha256(copy).equals(hash)) {
      Path half = directory.resolve(copy.getFileName() + ".part");
      Files.copy(jar, half, StandardCopyOption.REPLACE_EXISTING);
      if (!sha256(half).equals(hash)) {
        Files.delete(half);
        throw new IOException("it changes while it is read");
      }
      // Else a loss of power may leave the name without the content.
      try (FileChannel written = FileChannel.open(half, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(half, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    return new Copy(copy, hash);
  }

  /** The copy that an earlier run of the node made, if it is still there and whole. */
  Optional<Copy> kept(String id, String sha256) throws IOException {
    Path copy = name(id, sha256);
    if (!Files.isRegularFile(copy) || !sha256(copy).equals(sha256)) {
      return Optional.empty();
    }
    return Optional.of(new Copy(copy, sha256));
  }

  private Path name(String id, String sha256) {
    return directory.resolve(id + "-" + sha256.substring(0, HASH_DIGITS) + ".jar");
  }

  /** Deletes all that is not in use. */
  void clean(Set<Path> inUse) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!inUse.contains(file)) {
          delete(file);
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      LOG.warn("cannot clean {}: {}", directory, e.toString());
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Not a warning: it is tried again at every look.
      LOG.debug("cannot delete {}: {}", file, e.toString());
    }
  }

  /** Of a file's content, in lower-case hexadecimal digits. */
  static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
