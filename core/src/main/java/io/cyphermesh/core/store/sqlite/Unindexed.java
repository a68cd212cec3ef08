package io.cyphermesh.core.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the events that an older version of the program stored into the tables for searches, before
 * the store opens. Each batch is a transaction that notes how far it came, so that after a kill it
 * goes on there.
 */
final class Unindexed {
  private static final Logger log = LoggerFactory.getLogger(Unindexed.class);
  private static final int BATCH = 5_000;
  private static final int BETWEEN_SIGNS = 250_000;

  private final Connection connection;
  private final Statements statements;
  private final int size;

  Unindexed(Connection connection) {
    this(connection, BATCH);
  }

  /**
   * @param size how many events a transaction takes in
   */
  Unindexed(Connection connection, int size) {
    this.connection = connection;
    this.size = size;
    this.statements = new Statements(connection);
  }

  /** Whether a database has events that are not taken in. */
  static boolean has(Connection connection) throws SQLException {
    return DatabaseFile.number(connection, "SELECT count(*) FROM unindexed") > 0;
  }

  /** Takes in what there is. */
  void takeIn() throws SQLException {
    if (!has(connection)) {
      return;
    }
    long total = DatabaseFile.number(connection, "SELECT stored FROM state");
    long done = DatabaseFile.number(connection, "SELECT count(*) FROM search");
    log.info(
        "The database is made searchable, once: {} of {} events to go; 100,000 take some seconds",
        total - done,
        total);
    SearchTables tables = new SearchTables(connection, statements);
    long said = done;
    int count;
    try {
      do {
        count = batch(tables);
        done += count;
        if (done - said >= BETWEEN_SIGNS) {
          said = done;
          log.info("Searchable: {} of {} events", done, total);
        }
      } while (count == size);
    } finally {
      // The write session prepares its own.
      statements.renew();
    }
    log.info("All {} events are searchable", done);
  }

  /** Takes a batch in. How many events it was. */
  int batch(SearchTables tables) throws SQLException {
    List<SearchTables.Facts> events =
        page(DatabaseFile.number(connection, "SELECT seq FROM unindexed"));
    DatabaseFile.transaction(
        connection,
        () -> {
          for (SearchTables.Facts event : events) {
            tables.added(event);
          }
          tables.flush();
          DatabaseFile.run(
              connection,
              events.size() == size
                  ? "UPDATE unindexed SET seq = " + events.getLast().seq()
                  : "DELETE FROM unindexed");
        });
    tables.committed();
    return events.size();
  }

  private List<SearchTables.Facts> page(long after) throws SQLException {
    PreparedStatement query =
        statements.of(
            "SELECT seq, source_ip, threat_type, severity, reporter, local, time, tlp, details"
                + " FROM event WHERE seq > ? ORDER BY seq LIMIT ?");
    query.setLong(1, after);
    query.setInt(2, size);
    List<SearchTables.Facts> events = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        events.add(
            new SearchTables.Facts(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getBoolean(6),
                row.getLong(7),
                row.getString(8),
                row.getString(9)));
      }
    }
    return events;
  }
}
