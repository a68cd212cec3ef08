package io.cyphermesh.cli.support;

import io.cyphermesh.cli.backup.OwnerOnly;
import io.cyphermesh.cli.data.DataDirectory;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A zip file of texts, each one scrubbed on its way in. */
public final class Bundle implements AutoCloseable {
  private static final int DEPTH = 3;
  private static final int MOST_NAMES = 2_000;

  private final Scrubber scrubber;
  private final Path target;
  private final Path part;
  private final ZipOutputStream zip;

  /** Begins one; it is there when {@link #finish} returns. */
  public Bundle(Path target, Scrubber scrubber) throws IOException {
    this.scrubber = scrubber;
    this.target = target;
    this.part = target.resolveSibling(target.getFileName() + ".part");
    Files.deleteIfExists(part);
    this.zip = new ZipOutputStream(new BufferedOutputStream(OwnerOnly.write(part)));
  }

  /** Adds a text. */
  public void add(String name, String text) throws IOException {
    write(name, scrubber.scrub(text));
  }

  private void write(String name, String clean) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(clean.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  /**
   * Adds the logs' ends, the newest first.
   *
   * @param bytes how much of them at most
   */
  public void addLogs(DataDirectory data, long bytes) throws IOException {
    long left = bytes;
    for (String name :
        List.of(
            "cyphermesh.log",
            "cyphermesh.1.log",
            "cyphermesh.2.log",
            "cyphermesh.3.log",
            "cyphermesh.4.log",
            "cyphermesh.5.log")) {
      Path log = data.logs().resolve(name);
      if (left > 0 && Files.isReadable(log)) {
        String text = FileEnd.of(log, left);
        left -= text.length();
        write("logs/" + name, scrubber.scrubLog(text));
      }
    }
  }

  /** Adds names, modes, owners and sizes of what is in the data directory. */
  public void addListing(DataDirectory data) throws IOException {
    StringBuilder text = new StringBuilder();
    int[] names = new int[1];
    Files.walkFileTree(
        data.path(),
        EnumSet.noneOf(FileVisitOption.class),
        DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return line(folder, attributes);
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            return line(file, attributes);
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException cause) {
            text.append("cannot be read: ").append(file).append('\n');
            return FileVisitResult.CONTINUE;
          }

          private FileVisitResult line(Path path, BasicFileAttributes attributes) {
            if (++names[0] > MOST_NAMES) {
              text.append("and more\n");
              return FileVisitResult.TERMINATE;
            }
            text.append(
                "%s %12d %s %s%n"
                    .formatted(
                        mode(path, attributes),
                        attributes.size(),
                        attributes.lastModifiedTime(),
                        path));
            return FileVisitResult.CONTINUE;
          }
        });
    add("data-directory.txt", text.toString());
  }

  private static String mode(Path path, BasicFileAttributes attributes) {
    String kind = attributes.isDirectory() ? "d" : attributes.isSymbolicLink() ? "l" : "-";
    try {
      PosixFileAttributes posix =
          Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return kind
          + PosixFilePermissions.toString(posix.permissions())
          + " "
          + posix.owner().getName()
          + ":"
          + posix.group().getName();
    } catch (IOException | UnsupportedOperationException e) {
      return kind;
    }
  }

  /** Completes it. */
  public void finish() throws IOException {
    zip.close();
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes what was not completed. */
  @Override
  public void close() throws IOException {
    zip.close();
    Files.deleteIfExists(part);
  }
}
