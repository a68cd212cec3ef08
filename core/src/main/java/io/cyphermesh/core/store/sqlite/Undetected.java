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
 * Takes the detectors of events in that an older version of the program made searchable without
 * them, before the store opens. Each batch is a transaction that notes how far it came, so that
 * after a kill it goes on there.
 */
final class Undetected {
  private static final Logger log = LoggerFactory.getLogger(Undetected.class);
  private static final int BATCH = 5_000;
  private static final int BETWEEN_SIGNS = 1_000_000;

  private final Connection connection;
  private final Statements statements;
  private final int size;

  private record Named(long seq, String details) {}

  Undetected(Connection connection) {
    this(connection, BATCH);
  }

  /**
   * @param size how many events a transaction looks at
   */
  Undetected(Connection connection, int size) {
    this.connection = connection;
    this.size = size;
    this.statements = new Statements(connection);
  }

  /** Whether a database has events that are not looked at. */
  static boolean has(Connection connection) throws SQLException {
    return DatabaseFile.number(connection, "SELECT count(*) FROM undetected") > 0;
  }

  /** Looks at what there is. */
  void takeIn() throws SQLException {
    if (!has(connection)) {
      return;
    }
    log.info("Events are made searchable by their detectors, once");
    Terms terms = new Terms(connection, statements);
    long looked = 0;
    long said = 0;
    int count;
    try {
      do {
        count = batch(terms);
        looked += count;
        if (looked - said >= BETWEEN_SIGNS) {
          said = looked;
          log.info("Searchable by their detectors: {} events", looked);
        }
      } while (count == size);
    } finally {
      // The write session prepares its own.
      statements.renew();
    }
    log.info("All events are searchable by their detectors");
  }

  /** Looks at a batch. How many events it was. */
  int batch(Terms terms) throws SQLException {
    List<Named> events = page();
    DatabaseFile.transaction(
        connection,
        () -> {
          for (Named event : events) {
            String detector = DetailText.detector(event.details);
            if (detector != null) {
              PreparedStatement update =
                  statements.of("UPDATE search SET detector = ? WHERE seq = ?");
              update.setLong(1, terms.add(Terms.DETECTOR, detector));
              update.setLong(2, event.seq);
              update.executeUpdate();
            }
          }
          terms.flush();
          DatabaseFile.run(
              connection,
              events.size() == size
                  ? "UPDATE undetected SET seq = " + events.getLast().seq
                  : "DELETE FROM undetected");
        });
    terms.committed();
    return events.size();
  }

  private List<Named> page() throws SQLException {
    PreparedStatement query =
        statements.of(
            "SELECT s.seq, e.details FROM search s JOIN event e USING (seq) WHERE s.seq > (SELECT"
                + " seq FROM undetected) AND s.seq <= (SELECT last FROM undetected) AND s.detector"
                + " IS NULL AND e.details IS NOT NULL ORDER BY s.seq LIMIT ?");
    query.setInt(1, size);
    List<Named> events = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        events.add(new Named(row.getLong(1), row.getString(2)));
      }
    }
    return events;
  }
}
