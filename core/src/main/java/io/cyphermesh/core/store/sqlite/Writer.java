package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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
  private final LongSupplier nanos;
  private final Runnable atEnd;
  private final LockFile lock;

  /**
   * @param nanos what commits are timed with
   * @param atEnd called when all is written, before the connection is closed
   * @param lock given up at the very end
   */
  Writer(
      DatabaseFile file,
      WriteQueue queue,
      WriteSession session,
      Housekeeping housekeeping,
      int groupSize,
      LongSupplier nanos,
      Runnable atEnd,
      LockFile lock) {
    this.file = file;
    this.queue = queue;
    this.session = session;
    this.housekeeping = housekeeping;
    this.groupSize = groupSize;
    this.nanos = nanos;
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
      StoreException failure = failed(e);
      queue.fail(failure);
      fail(queue.take(Integer.MAX_VALUE, Duration.ZERO), failure);
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

  /**
   * Writes a group and tells each one's caller.
   *
   * @return whether the database takes transactions at all
   */
  private boolean write(List<Write> group) {
    List<Runnable> told = new ArrayList<>(group.size());
    long begun = nanos.getAsLong();
    @Nullable Exception faultOfOne;
    try {
      session.begin(group.stream().anyMatch(Write::durable));
      faultOfOne = apply(group, told);
      if (faultOfOne == null) {
        session.commit();
        queue.committed(group.size(), nanos.getAsLong() - begun);
      }
    } catch (SQLException | RuntimeException e) {
      // Busy, full or broken: it would be so for each of them, and being busy takes its time.
      session.rollback();
      failAll(group, e);
      return false;
    } catch (Error e) {
      fail(group, failed(e));
      session.rollback();
      throw e;
    }
    if (faultOfOne == null) {
      told.forEach(Writer::tell);
      return true;
    }
    session.rollback();
    if (group.size() == 1) {
      failAll(group, faultOfOne);
    } else {
      writeSingly(group);
    }
    return true;
  }

  /**
   * Makes the changes of a group.
   *
   * @return why one of them could not be made
   */
  private @Nullable Exception apply(List<Write> group, List<Runnable> told) {
    for (Write write : group) {
      try {
        told.add(write.apply(session));
      } catch (SQLException | RuntimeException e) {
        return e;
      }
    }
    return null;
  }

  /** One of them may be to blame, or the lot may be too much for the disk. */
  private void writeSingly(List<Write> group) {
    for (int i = 0; i < group.size(); i++) {
      List<Write> rest = group.subList(i + 1, group.size());
      try {
        if (!write(List.of(group.get(i)))) {
          failAll(rest, new IllegalStateException("the database takes no writes now"));
          return;
        }
      } catch (Error e) {
        fail(rest, failed(e));
        throw e;
      }
    }
  }

  private void failAll(List<Write> group, Exception cause) {
    fail(group, file.failure("not stored", cause));
  }

  private static void fail(List<Write> group, StoreException failure) {
    group.forEach(write -> tell(() -> write.failed(failure)));
  }

  private static StoreException failed(Throwable cause) {
    return new StoreException("the store has failed: " + cause + "; restart the node", cause);
  }

  private static void tell(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      // The others of the group wait for their answers all the same.
      log.error("A callback of the store failed", e);
      if (e instanceof OutOfMemoryError) {
        // Somebody waits for what this should have done: it counts as what nobody caught.
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, e);
      }
    }
  }
}
