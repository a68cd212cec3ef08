package io.cyphermesh.cli.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what a node keeps, and never anything that it does not know by name. Links are removed,
 * not followed. Who calls this has the {@link NodeLock}.
 */
public final class Reset {
  private final DataDirectory data;

  public Reset(DataDirectory data) {
    this.data = data;
  }

  /** What is to go. */
  public enum Scope {
    /** Events, scores, addresses, checkpoints. */
    DATABASE,
    /** Settings and the addresses that wait for the next start. */
    CONFIGURATION,
    /** Both, and keys, token and logs: the node begins as a stranger. */
    ALL
  }

  /** The files and folders in {@code scope} that are there. */
  public List<Path> targets(Scope scope) throws IOException {
    List<Path> names = new ArrayList<>();
    Path root = data.path();
    if (scope == Scope.ALL) {
      // First: with it a restore that was cut off would go on with what is left.
      names.add(root.resolve("restore.json"));
      names.add(root.resolve("restore-new"));
    }
    if (scope != Scope.CONFIGURATION) {
      for (String suffix : List.of("", "-wal", "-shm", "-journal", ".lock")) {
        names.add(root.resolve("cyphermesh.db" + suffix));
      }
    }
    if (scope != Scope.DATABASE) {
      names.add(data.config());
      names.add(data.pendingPeers());
      names.add(root.resolve("plugins.json"));
      names.add(root.resolve("plugins.pins"));
      names.add(root.resolve("plugins.pins.lock"));
    }
    if (scope == Scope.ALL) {
      names.add(data.keys());
      names.add(data.token());
      names.add(data.tokens());
      names.add(data.dashboardTls());
      names.add(data.auditLog());
      for (int age = 1; age <= 7; age++) {
        names.add(root.resolve(data.auditLog().getFileName() + "." + age));
      }
      names.add(data.nodeFile());
      names.add(root.resolve("plugins-data"));
      names.add(root.resolve("plugins-running"));
      if (Files.isDirectory(data.logs(), LinkOption.NOFOLLOW_LINKS)) {
        try (DirectoryStream<Path> logs =
            Files.newDirectoryStream(data.logs(), "cyphermesh*.log")) {
          logs.forEach(names::add);
        }
      }
    }
    return names.stream().filter(p -> Files.exists(p, LinkOption.NOFOLLOW_LINKS)).toList();
  }

  /** Deletes them. */
  public void delete(List<Path> targets) throws IOException {
    for (Path target : targets) {
      if (!target.startsWith(data.path()) || target.equals(data.path())) {
        throw new IOException(target + " is not in " + data.path() + ": left alone");
      }
      deleteTree(target);
    }
  }

  /** Deletes a folder with all that is in it; links are not followed. */
  public static void deleteTree(Path target) throws IOException {
    Files.walkFileTree(
        target,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException error)
              throws IOException {
            if (error != null) {
              throw error;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
