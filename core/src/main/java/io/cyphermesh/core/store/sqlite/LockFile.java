package io.cyphermesh.core.store.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second node off the database. The file stays when the lock is given up: deleting it would
 * let two others each lock a file of that name.
 */
record LockFile(FileChannel channel) implements AutoCloseable {

  /**
   * @throws IOException if another process, or another store of this one, holds the lock
   */
  static LockFile take(Path database) throws IOException {
    Path file = Path.of(database + ".lock");
    DatabaseFile.createForOwnerOnly(file);
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Held within this process.
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw new IOException(
          "another node is running on this data directory (" + DatabaseFile.parent(database) + ")");
    }
    return new LockFile(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
