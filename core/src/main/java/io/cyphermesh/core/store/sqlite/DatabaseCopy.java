package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.DatabaseCare.Facts;
import io.cyphermesh.core.store.DatabaseCare.Problem;
import io.cyphermesh.core.store.DatabaseCare.Progress;
import io.cyphermesh.core.store.DatabaseCare.Watcher;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/**
 * A copy of a database as it was at one moment, whether or not a node writes to it meanwhile.
 *
 * <p>SQLite's backup begins anew whenever another process writes, unless its connection holds a
 * read transaction: then all its steps see the same moment, and the writer is not held up. It
 * copies page by page, which takes no longer than {@code VACUUM INTO} and needs no sorting.
 */
public final class DatabaseCopy {
  private static final int PAGES_PER_STEP = 256;
  private static final int BUSY_SLEEP_MILLIS = 50;
  private static final int BUSY_TRIES = 100;

  /**
   * How far a restored database's numbers jump. Between backup and restore others may have seen
   * numbers that the copy does not know of, for months and at thousands of events a second; 90,000
   * restores later a number is still exact in JSON.
   */
  private static final long JUMP = 100_000_000_000L;

  private DatabaseCopy() {}

  /** The newest schema that this program knows. */
  public static int latestSchema() {
    return Migrations.ours().latest();
  }

  /**
   * Reads what a database is.
   *
   * @throws IOException if it cannot be read, or a newer version wrote it
   */
  public static Facts facts(Path database) throws IOException {
    DatabaseFile file = new DatabaseFile(database);
    try (Connection connection = file.openAnyForReading(Migrations.ours())) {
      return facts(connection);
    } catch (SQLException e) {
      throw new IOException(file.explain(e), e);
    }
  }

  private static Facts facts(Connection connection) throws SQLException {
    return new Facts(
        (int) DatabaseFile.number(connection, "PRAGMA user_version"),
        DatabaseFile.number(connection, "SELECT stored FROM state"),
        DatabaseFile.number(connection, "PRAGMA page_count")
            * DatabaseFile.number(connection, "PRAGMA page_size"));
  }

  /**
   * Copies a database as it is now, with all that is committed.
   *
   * @param to made for its owner only; what is there is overwritten
   * @throws IOException if it cannot be read or written, in one line
   */
  public static Facts copy(Path from, Path to, Progress progress) throws IOException {
    DatabaseFile file = new DatabaseFile(from);
    DatabaseFile.createForOwnerOnly(to);
    Facts facts = copyPages(file, to, progress);
    requireSound(file, to);
    return facts;
  }

  private static Facts copyPages(DatabaseFile file, Path to, Progress progress) throws IOException {
    try (Connection connection = file.openAnyForReading(Migrations.ours())) {
      DatabaseFile.run(connection, "BEGIN");
      // The first read fixes the moment.
      Facts facts = facts(connection);
      long pageSize = DatabaseFile.number(connection, "PRAGMA page_size");
      int result =
          connection
              .unwrap(SQLiteConnection.class)
              .getDatabase()
              .backup(
                  "main",
                  to.toString(),
                  (remaining, pages) ->
                      progress.copied((pages - remaining) * pageSize, pages * pageSize),
                  BUSY_SLEEP_MILLIS,
                  BUSY_TRIES,
                  PAGES_PER_STEP);
      if (result != SQLiteErrorCode.SQLITE_OK.code) {
        throw new IOException(
            "the database could not be copied to "
                + to
                + ": "
                + SQLiteErrorCode.getErrorCode(result).message);
      }
      return facts;
    } catch (SQLException e) {
      throw new IOException(file.explain(e), e);
    }
  }

  /** What a restore would refuse must not be found out when it is needed. */
  private static void requireSound(DatabaseFile original, Path copy) throws IOException {
    AtomicBoolean damaged = new AtomicBoolean();
    Watcher watcher =
        new Watcher() {
          @Override
          public void reading() {}

          @Override
          public void checked(long events, long total) {}

          @Override
          public void problem(Problem problem) {
            if (problem.fatal()) {
              damaged.set(true);
            }
          }
        };
    new DatabaseCheck(copy, (event, bare) -> Optional.empty(), 1, watcher).runWithoutEvents();
    if (damaged.get()) {
      throw new IOException(
          original.path() + " is damaged: 'cyphermesh check' tells what is wrong with it");
    }
  }

  /**
   * Makes a copy fit to go on from: whoever remembers a number of an event beyond it is not to meet
   * that number again.
   *
   * @throws IOException if it cannot be written
   */
  public static void resume(Path database) throws IOException {
    DatabaseFile file = new DatabaseFile(database);
    // Not as a node does: an older schema is brought up to date by the node itself.
    try (Connection connection = file.openAsItIs()) {
      DatabaseFile.run(connection, "PRAGMA synchronous = FULL");
      DatabaseFile.run(connection, "UPDATE state SET next_seq = next_seq + " + JUMP);
      DatabaseFile.run(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (SQLException e) {
      throw new IOException(file.explain(e), e);
    }
  }
}
