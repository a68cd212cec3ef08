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
import java.util.HashSet;
import java.util.HexFormat;
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
  private final Set<Path> inUse = new HashSet<>();

  RunningCopies(Path directory) {
    this.directory = directory;
  }

  /** The copy of a jar, made where it is not there yet or is not the same. */
  Path of(String id, Path jar) throws IOException {
    Files.createDirectories(directory);
    String hash = sha256(jar);
    Path copy = directory.resolve(id + "-" + hash.substring(0, HASH_DIGITS) + ".jar");
    if (!Files.isRegularFile(copy) || !sha256(copy).equals(hash)) {
      Path half = directory.resolve(copy.getFileName() + ".part");
      Files.copy(jar, half, StandardCopyOption.REPLACE_EXISTING);
      // Else a loss of power may leave the name without the content.
      try (FileChannel written = FileChannel.open(half, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(half, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    inUse.add(copy);
    return copy;
  }

  /** Deletes what no plugin of this run uses. */
  void clean() {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!inUse.contains(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      LOG.warn("cannot clean {}: {}", directory, e.toString());
    }
  }

  private static String sha256(Path file) throws IOException {
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
