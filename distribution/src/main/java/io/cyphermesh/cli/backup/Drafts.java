package io.cyphermesh.cli.backup;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder beside the target for what is not done yet: each backup's own, for its owner alone, and
 * gone with its process. One that was killed leaves it behind; its lock tells, and the next backup
 * to the same file deletes it.
 */
final class Drafts implements AutoCloseable {
  private static final String SUFFIX = ".part-";
  private static final String LOCK = "lock";

  private final Path folder;
  private final FileChannel lock;
  private final Thread hook;

  private Drafts(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
    this.hook = new Thread(() -> delete(folder), "backup-drafts");
  }

  /** Makes it in {@code parent}, and deletes those whose backup was killed. */
  static Drafts create(Path parent, String target) throws IOException {
    Path folder = Files.createTempDirectory(parent, target + SUFFIX);
    try {
      deleteLeft(parent, target, folder);
      Drafts drafts = new Drafts(folder, OwnerOnly.create(folder.resolve(LOCK)));
      drafts.lock();
      Runtime.getRuntime().addShutdownHook(drafts.hook);
      return drafts;
    } catch (IOException | RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  private void lock() throws IOException {
    FileLock held;
    try {
      held = lock.tryLock();
    } catch (IOException e) {
      // Some network file systems know no locks: what is left there stays.
      return;
    }
    if (held == null) {
      lock.close();
      throw new IOException("another backup to the same file begins: try again");
    }
  }

  Path zip() {
    return folder.resolve("zip");
  }

  Path database() {
    return folder.resolve("db");
  }

  @Override
  public void close() throws IOException {
    delete(folder);
    lock.close();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook runs.
    }
  }

  /** Best effort: nothing of ours depends on it. */
  private static void deleteLeft(Path parent, String target, Path ours) {
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            parent,
            each ->
                String.valueOf(each.getFileName()).startsWith(target + SUFFIX)
                    && !each.equals(ours)
                    && Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))) {
      for (Path each : all) {
        // Others can place a folder of such a name in a shared one.
        if (Files.getOwner(each, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(ours))) {
          deleteUnlessHeld(each);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // May be listed by others only, or it ended at this moment.
    }
  }

  private static void deleteUnlessHeld(Path folder) {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      if (channel.tryLock() != null) {
        delete(folder);
      }
    } catch (IOException | OverlappingFileLockException e) {
      // It has just ended or begun, or is held within this very process.
    }
  }

  /** As far as it can be: what is in it are files of ours. */
  private static void delete(Path folder) {
    File[] files = folder.toFile().listFiles();
    for (File file : files == null ? new File[0] : files) {
      file.delete();
    }
    folder.toFile().delete();
  }
}
