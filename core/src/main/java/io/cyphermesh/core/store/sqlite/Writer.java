package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that writes: takes whatever is waiting into one transaction. */
final class Writer implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Writer.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final DatabaseFile file;
  private final WriteQueue queue;
  private final WriteSession session;
  private final Housekeeping housekeeping;
  private final int groupSize;
  private final Runnable atEnd;
  private final LockFile lock;

  /**
   * @param atEnd called when all is written, before the connection is closed
   * @param lock given up at the very end
   */
  Writer(
      DatabaseFile file,
      WriteQueue queue,
      WriteSession session,
      Housekeeping housekeeping,
      int groupSize,
      Runnable atEnd,
      LockFile lock) {
    this.file = file;
    this.queue = queue;
    this.session = session;
    this.housekeeping = housekeeping;
    this.groupSize = groupSize;
    this.atEnd = atEnd;
    this.lock = lock;
  }

  @Override
  public void run() {
    try {
      while (!queue.finished()) {
        List<Write> group =
            queue.take(groupSize, housekeeping.pending() ? Duration.ZERO : PATIENCE);
        if (!group.isEmpty()) {
          write(group);
        }
        housekeeping.step(group.isEmpty());
      }
    } catch (RuntimeException | Error e) {
      log.error("The store has failed and takes no more writes", e);
      throw e;
    } finally {
      queue.close();
      failAll(queue.take(Integer.MAX_VALUE, Duration.ZERO), new IllegalStateException("closed"));
      atEnd.run();
      try (lock) {
        session.close();
      } catch (SQLException | IOException e) {
        log.warn("The database was not closed in order: {}", file.explain(e));
      }
    }
  }

  private void write(List<Write> group) {
    List<Runnable> told = new ArrayList<>(group.size());
    try {
      session.begin(group.stream().anyMatch(Write::durable));
      for (Write write : group) {
        told.add(write.apply(session));
      }
      session.commit();
    } catch (SQLException | RuntimeException e) {
      session.rollback();
      if (group.size() == 1) {
        failAll(group, e);
      } else {
        // One of them may be to blame, or the lot may be too much for the disk.
        group.forEach(write -> write(List.of(write)));
      }
      return;
    } catch (Error e) {
      session.rollback();
      failAll(group, new IllegalStateException("the store has failed", e));
      throw e;
    }
    told.forEach(Writer::tell);
  }

  private void failAll(List<Write> group, Exception cause) {
    StoreException failure = file.failure("not stored", cause);
    group.forEach(write -> tell(() -> write.failed(failure)));
  }

  private static void tell(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      log.error("A callback of the store failed", e);
    }
  }
}
