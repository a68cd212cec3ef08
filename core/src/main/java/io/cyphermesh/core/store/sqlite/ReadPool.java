package io.cyphermesh.core.store.sqlite;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A few read-only connections. Who comes first reads first. */
final class ReadPool implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReadPool.class);

  private final DatabaseFile file;
  private final int size;
  private final Semaphore turns;
  private final ConcurrentLinkedDeque<Reader> free = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  ReadPool(DatabaseFile file, Migrations migrations, int size) throws IOException {
    this.file = file;
    this.size = size;
    this.turns = new Semaphore(size, true);
    try {
      for (int i = 0; i < size; i++) {
        free.add(new Reader(file.openForReading(migrations)));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Runs a query.
   *
   * @throws IllegalStateException if the store is closed
   * @throws io.cyphermesh.core.store.StoreException if it fails
   */
  <T> T read(Query<T> query) {
    turns.acquireUninterruptibly();
    try {
      if (closed) {
        throw new IllegalStateException("the store is closed");
      }
      // There is one for each turn.
      Reader reader = free.pop();
      try {
        return query.run(reader);
      } catch (SQLException e) {
        reader.statements.renew();
        throw file.failure("not read", e);
      } finally {
        free.push(reader);
      }
    } finally {
      turns.release();
    }
  }

  /**
   * Runs several queries that see the same moment. While others write, each query on its own would
   * begin with an empty page cache. It must end soon, since the WAL cannot be taken in meanwhile.
   */
  <T> T readAtOnce(Query<T> query) {
    return read(
        reader -> {
          DatabaseFile.run(reader.connection, "BEGIN");
          try {
            return query.run(reader);
          } finally {
            DatabaseFile.run(reader.connection, "ROLLBACK");
          }
        });
  }

  /** Waits for the reads under way, and closes. */
  @Override
  public void close() {
    closed = true;
    turns.acquireUninterruptibly(size);
    try {
      for (Reader reader = free.poll(); reader != null; reader = free.poll()) {
        try {
          reader.connection.close();
        } catch (SQLException e) {
          log.debug("A read connection did not close", e);
        }
      }
    } finally {
      turns.release(size);
    }
  }

  /**
   * A question to the database. It must close its result sets, since an open one keeps the WAL from
   * being taken in.
   */
  interface Query<T> {
    T run(Reader reader) throws SQLException;
  }

  /** A connection with its statements. */
  static final class Reader {
    private final Connection connection;
    private final Statements statements;

    private Reader(Connection connection) {
      this.connection = connection;
      this.statements = new Statements(connection);
    }

    /** The statement of a constant text. */
    PreparedStatement statement(String sql) throws SQLException {
      return statements.of(sql);
    }
  }
}
