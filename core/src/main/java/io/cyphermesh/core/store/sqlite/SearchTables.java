package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.Severity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What searches, indicators and statistics are read from, as the writer keeps it true: all of it
 * changes in the transaction in which an event is stored or deleted.
 */
final class SearchTables {
  static final long MILLIS_A_MINUTE = 60_000;

  private static final String INSERT =
      "INSERT INTO search (seq, indicator, type, severity, reporter, detector, tlp, local, time)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String DELETE =
      "DELETE FROM search WHERE seq = ? RETURNING indicator, type, severity, reporter, detector,"
          + " time";
  private static final String COUNT =
      "INSERT INTO minute (minute, severity, events, first_seq, last_seq) VALUES (?, ?, ?, ?, ?) ON"
          + " CONFLICT DO UPDATE SET events = events + excluded.events, first_seq = min(first_seq,"
          + " excluded.first_seq), last_seq = max(last_seq, excluded.last_seq)";
  private static final String DISCOUNT =
      "UPDATE minute SET events = events - ? WHERE minute = ? AND severity = ? RETURNING events";
  private static final String DELETE_MINUTE =
      "DELETE FROM minute WHERE minute = ? AND severity = ?";

  private final Statements statements;
  private final Terms terms;
  private final Indicators indicators;
  private final Map<Cell, Added> added = new LinkedHashMap<>();
  private final Map<Cell, Long> deleted = new LinkedHashMap<>();

  private record Cell(long minute, int severity) {}

  private record Added(long events, long firstSeq, long lastSeq) {
    Added and(Added other) {
      return new Added(
          events + other.events,
          Math.min(firstSeq, other.firstSeq),
          Math.max(lastSeq, other.lastSeq));
    }
  }

  /**
   * What of an event is searched by.
   *
   * @param reporter ref of the peer
   */
  record Facts(
      long seq,
      String sourceIp,
      String threatType,
      String severity,
      long reporter,
      boolean local,
      long time,
      @Nullable String tlp,
      @Nullable String details) {}

  SearchTables(Connection connection, Statements statements) throws SQLException {
    this.statements = statements;
    this.terms = new Terms(connection, statements);
    this.indicators = new Indicators(connection, statements);
  }

  /** How a severity stands in columns: the higher the worse. */
  static int number(Severity severity) {
    return switch (severity) {
      case UNKNOWN -> 0;
      case LOW -> 1;
      case MEDIUM -> 2;
      case HIGH -> 3;
      case CRITICAL -> 4;
    };
  }

  /** The severity of a column. */
  static Severity severity(int number) {
    return switch (number) {
      case 1 -> Severity.LOW;
      case 2 -> Severity.MEDIUM;
      case 3 -> Severity.HIGH;
      case 4 -> Severity.CRITICAL;
      default -> Severity.UNKNOWN;
    };
  }

  /** How a marking stands in columns. */
  static int tlp(@Nullable String term) {
    return switch (term) {
      case null -> 0;
      case "clear" -> 0;
      case "green" -> 1;
      case "amber" -> 2;
      case "red" -> 3;
      default -> 4;
    };
  }

  /** Takes a stored event in. */
  void added(Facts event) throws SQLException {
    int severity = number(Severity.of(event.severity));
    String detector = event.details == null ? null : DetailText.detector(event.details);
    PreparedStatement insert = statements.of(INSERT);
    insert.setLong(1, event.seq);
    insert.setLong(2, indicators.add(event.sourceIp, severity, event.reporter, event.time));
    insert.setLong(3, terms.add(Terms.TYPE, event.threatType));
    insert.setInt(4, severity);
    insert.setLong(5, event.reporter);
    Columns.set(
        insert, 6, detector == null ? null : Long.valueOf(terms.add(Terms.DETECTOR, detector)));
    insert.setInt(7, tlp(event.tlp));
    insert.setInt(8, event.local ? 1 : 0);
    insert.setLong(9, event.time);
    insert.executeUpdate();
    added.merge(
        new Cell(Math.floorDiv(event.time, MILLIS_A_MINUTE), severity),
        new Added(1, event.seq, event.seq),
        Added::and);
  }

  /** Takes a deleted event out. */
  void deleted(long seq) throws SQLException {
    PreparedStatement delete = statements.of(DELETE);
    delete.setLong(1, seq);
    try (ResultSet row = delete.executeQuery()) {
      if (!row.next()) {
        return;
      }
      int severity = row.getInt(3);
      long time = row.getLong(6);
      indicators.remove(row.getLong(1), severity, row.getLong(4), time);
      terms.remove(row.getLong(2));
      long detector = row.getLong(5);
      if (!row.wasNull()) {
        terms.remove(detector);
      }
      deleted.merge(new Cell(Math.floorDiv(time, MILLIS_A_MINUTE), severity), 1L, Long::sum);
    }
  }

  /** Writes what was counted; part of the transaction. */
  void flush() throws SQLException {
    terms.flush();
    indicators.flush();
    for (Map.Entry<Cell, Added> entry : added.entrySet()) {
      PreparedStatement count = statements.of(COUNT);
      count.setLong(1, entry.getKey().minute);
      count.setInt(2, entry.getKey().severity);
      count.setLong(3, entry.getValue().events);
      count.setLong(4, entry.getValue().firstSeq);
      count.setLong(5, entry.getValue().lastSeq);
      count.executeUpdate();
    }
    for (Map.Entry<Cell, Long> entry : deleted.entrySet()) {
      discount(entry.getKey(), entry.getValue());
    }
  }

  private void discount(Cell cell, long events) throws SQLException {
    PreparedStatement discount = statements.of(DISCOUNT);
    discount.setLong(1, events);
    discount.setLong(2, cell.minute);
    discount.setInt(3, cell.severity);
    try (ResultSet row = discount.executeQuery()) {
      if (!row.next() || row.getLong(1) > 0) {
        return;
      }
    }
    PreparedStatement delete = statements.of(DELETE_MINUTE);
    delete.setLong(1, cell.minute);
    delete.setInt(2, cell.severity);
    delete.executeUpdate();
  }

  void committed() {
    terms.committed();
    indicators.committed();
    added.clear();
    deleted.clear();
  }

  void rolledBack() {
    terms.rolledBack();
    indicators.rolledBack();
    added.clear();
    deleted.clear();
  }
}
