package io.cyphermesh.cli.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The right to change a data directory. The system takes it back when its process ends, however it
 * ends.
 */
public final class NodeLock implements AutoCloseable {
  private final FileChannel channel;

  private NodeLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes the lock; empty where another process has it. Makes the directory where it is absent. */
  public static Optional<NodeLock> tryAcquire(DataDirectory data) throws IOException {
    data.create();
    FileChannel channel =
        FileChannel.open(data.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(new NodeLock(channel));
      }
    } catch (OverlappingFileLockException e) {
      // Held within this very process.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  /** Whether some process has the lock. */
  public static boolean isHeld(DataDirectory data) throws IOException {
    if (!Files.exists(data.lockFile())) {
      return false;
    }
    // Shared, so that two who only ask do not see each other.
    try (FileChannel channel = FileChannel.open(data.lockFile(), StandardOpenOption.READ);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
