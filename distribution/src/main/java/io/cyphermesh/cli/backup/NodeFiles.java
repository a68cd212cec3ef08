package io.cyphermesh.cli.backup;

import io.cyphermesh.cli.data.DataDirectory;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What makes a node this very node, by name in its data directory. */
final class NodeFiles {
  static final String DATABASE = "cyphermesh.db";

  /** What SQLite keeps beside the database, and the lock. */
  private static final List<String> BESIDE_DATABASE = List.of("-wal", "-shm", "-journal", ".lock");

  private static final Set<String> FILES =
      Set.of(
          "cyphermesh.conf",
          "api-token",
          "tokens.json",
          "peers.txt",
          "plugins.json",
          "plugins.pins");

  private static final Set<String> FOLDERS = Set.of("keys", "plugins", "plugins-data");

  /** Made anew by the node from {@code plugins}. */
  private static final String COPIES = "plugins-running";

  private static final Pattern SEGMENT = Pattern.compile("[^/\\\\\\p{Cntrl}]{1,255}");

  private NodeFiles() {}

  /** Whether a backup may hold a file of this name. */
  static boolean mayBe(String name) {
    if (name.equals(DATABASE) || FILES.contains(name)) {
      return true;
    }
    String[] segments = name.split("/", -1);
    if (segments.length < 2 || !FOLDERS.contains(segments[0])) {
      return false;
    }
    for (String segment : segments) {
      if (!SEGMENT.matcher(segment).matches() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /**
   * The files of a node, database aside, by their names. A link counts as what it leads to:
   * elsewhere it would lead nowhere.
   *
   * @throws IOException if they cannot be found, or a link is not to be followed; one line
   */
  static Map<String, Path> of(DataDirectory data) throws IOException {
    Map<String, Path> found = new TreeMap<>();
    for (String name : FILES) {
      Path file = data.path().resolve(name);
      if (Files.isRegularFile(file)) {
        requireTrusted(data, file);
        found.put(name, file);
      }
    }
    for (String name : FOLDERS) {
      Path folder = data.path().resolve(name);
      if (Files.isDirectory(folder)) {
        requireTrusted(data, folder);
        add(found, data, name, folder.toRealPath());
      } else if (Files.isSymbolicLink(folder)) {
        throw new IOException(folder + " is a link that leads to no folder: mend or delete it");
      }
    }
    return found;
  }

  private static void add(Map<String, Path> found, DataDirectory data, String name, Path root)
      throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String relative = name + "/" + root.relativize(file).toString().replace('\\', '/');
            if (Files.isRegularFile(file) && mayBe(relative) && isTrusted(data, root, file)) {
              found.put(relative, file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException cause) throws IOException {
            // Plugins come and go with their files.
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
              throw cause;
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void requireTrusted(DataDirectory data, Path top) throws IOException {
    if (!isTrusted(data, data.path(), top)) {
      throw new IOException(
          top
              + " is another user's link to "
              + top.toRealPath()
              + ", which root does not follow: run this as that user");
    }
  }

  /**
   * Whether a link may be followed. The node's user, and so its plugins, can place one to what only
   * root can read; a backup by root would hand it over.
   */
  private static boolean isTrusted(DataDirectory data, Path root, Path file) throws IOException {
    if (!Files.isSymbolicLink(file)) {
      return true;
    }
    try {
      Path real = file.toRealPath();
      Path self = Path.of("/proc/self");
      return real.startsWith(data.path().toRealPath())
          || real.startsWith(root)
          || !Files.exists(self)
          || (int) Files.getAttribute(self, "unix:uid") != 0
          || (int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS) == 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** The names in a data directory that a restored node replaces, those that are there. */
  static List<String> topLevel(DataDirectory data) {
    return topLevel().stream()
        .filter(name -> Files.exists(data.path().resolve(name), LinkOption.NOFOLLOW_LINKS))
        .sorted()
        .toList();
  }

  /** All the names in a data directory that a restored node replaces. */
  static Set<String> topLevel() {
    Set<String> names = new TreeSet<>(FILES);
    names.add(DATABASE);
    BESIDE_DATABASE.forEach(suffix -> names.add(DATABASE + suffix));
    names.addAll(FOLDERS);
    names.add(COPIES);
    return names;
  }
}
