package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What tells without reading that a file is still the same.
 *
 * @param key the file system's own name for it (device and inode), or empty text
 */
record JarStamp(long size, FileTime modified, String key) {
  static JarStamp of(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new JarStamp(
        attributes.size(),
        attributes.lastModifiedTime(),
        attributes.fileKey() == null ? "" : String.valueOf(attributes.fileKey()));
  }
}
