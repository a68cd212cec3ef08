package io.cyphermesh.core.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * What a look at a path found there; symbolic links are followed.
 *
 * @param id names the file whatever its path
 * @param size in bytes
 * @param modified when it was last written
 * @param born when it was made, where the file system knows; else the same as {@code modified}
 */
record FileState(Object id, Kind kind, long size, FileTime modified, FileTime born) {

  enum Kind {
    FILE,
    DIRECTORY,
    OTHER
  }

  /**
   * Looks once. Empty if nothing is there.
   *
   * @throws IOException if looking is not allowed
   */
  static Optional<FileState> of(Path path) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      Kind kind =
          found.isRegularFile() ? Kind.FILE : found.isDirectory() ? Kind.DIRECTORY : Kind.OTHER;
      Object id = found.fileKey();
      return Optional.of(
          new FileState(
              id == null ? found.creationTime() : id,
              kind,
              found.size(),
              found.lastModifiedTime(),
              found.creationTime()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** {@link #id} as a checkpoint keeps it: device and inode. */
  String key() {
    return id.toString();
  }

  boolean isFile() {
    return kind == Kind.FILE;
  }
}
