package io.cyphermesh.core.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** What is special about files that are not on this machine's own disks. */
final class NetworkFiles {
  /** File systems that make inode numbers up, and may make up another one for the same file. */
  private static final Set<String> RENUMBERING =
      Set.of("cifs", "smb2", "smb3", "smbfs", "9p", "vboxsf", "drvfs", "afs", "ncpfs");

  private NetworkFiles() {}

  /** Whether a file there may get another inode number while it stays the same file. */
  static boolean mayRenumber(Path path) throws IOException {
    return mayRenumber(Files.getFileStore(path).type());
  }

  static boolean mayRenumber(String type) {
    String lower = type.toLowerCase(Locale.ROOT);
    return RENUMBERING.contains(lower) || lower.startsWith("fuse");
  }
}
