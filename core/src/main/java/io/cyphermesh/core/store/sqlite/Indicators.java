package io.cyphermesh.core.store.sqlite;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The observables and who reported them, as the writer counts them. What a group of writes changes
 * of one is one UPDATE at its end.
 */
final class Indicators {
  private static final int KEPT = 8192;
  private static final int SEVERITIES = 5;
  private static final String COLUMNS =
      "SELECT ref, name, events, low, medium, high, critical, reporters, severity FROM indicator";

  private final Map<String, Row> rows = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<Long, Row> byRef = new HashMap<>();
  private final Set<Row> touched = new LinkedHashSet<>();
  private final Map<Pair, Long> sightings = new LinkedHashMap<>();
  private final Statements statements;

  /** Never given twice within a run. */
  private long nextRef;

  private record Pair(Row indicator, long reporter) {}

  private static final class Row {
    final long ref;

    /** The bytes of its name, one character each. */
    final String name;

    /** How many events there are, by severity. */
    final long[] events = new long[SEVERITIES];

    long reporters;
    long storedReporters;
    int storedSeverity;
    boolean inserted;

    Row(long ref, String name) {
      this.ref = ref;
      this.name = name;
    }

    long all() {
      long sum = 0;
      for (long each : events) {
        sum += each;
      }
      return sum;
    }

    int severity() {
      for (int i = SEVERITIES - 1; i > 0; i--) {
        if (events[i] > 0) {
          return i;
        }
      }
      return 0;
    }
  }

  Indicators(Connection connection, Statements statements) throws SQLException {
    this.statements = statements;
    nextRef = DatabaseFile.number(connection, "SELECT max(ref) FROM indicator") + 1;
  }

  /** Counts one event more. The number of its observable. */
  long add(String observable, int severity, long reporter) throws SQLException {
    byte[] bytes = IndicatorName.of(observable);
    String name = new String(bytes, StandardCharsets.ISO_8859_1);
    Row row = rows.get(name);
    if (row == null) {
      PreparedStatement find = statements.of(COLUMNS + " WHERE name = ?");
      find.setBytes(1, bytes);
      row = load(find);
      if (row == null) {
        row = new Row(nextRef++, name);
        keep(row);
      }
    }
    count(row, severity, reporter, 1);
    return row.ref;
  }

  /** Counts one event less. */
  void remove(long ref, int severity, long reporter) throws SQLException {
    Row row = byRef.get(ref);
    if (row == null) {
      PreparedStatement find = statements.of(COLUMNS + " WHERE ref = ?");
      find.setLong(1, ref);
      row = load(find);
    }
    if (row != null) {
      count(row, severity, reporter, -1);
    }
  }

  private void count(Row row, int severity, long reporter, int change) {
    row.events[severity] += change;
    touched.add(row);
    sightings.merge(new Pair(row, reporter), (long) change, Long::sum);
  }

  private @Nullable Row load(PreparedStatement find) throws SQLException {
    try (ResultSet found = find.executeQuery()) {
      if (!found.next()) {
        return null;
      }
      Row row =
          new Row(found.getLong(1), new String(found.getBytes(2), StandardCharsets.ISO_8859_1));
      long known = 0;
      for (int i = 1; i < SEVERITIES; i++) {
        row.events[i] = found.getLong(3 + i);
        known += row.events[i];
      }
      row.events[0] = found.getLong(3) - known;
      row.reporters = found.getLong(8);
      row.storedReporters = row.reporters;
      row.storedSeverity = found.getInt(9);
      row.inserted = true;
      keep(row);
      return row;
    }
  }

  private void keep(Row row) {
    rows.put(row.name, row);
    byRef.put(row.ref, row);
  }

  /** Writes what changed; part of the transaction. */
  void flush() throws SQLException {
    for (Map.Entry<Pair, Long> sighting : sightings.entrySet()) {
      flush(sighting.getKey(), sighting.getValue());
    }
    for (Row row : touched) {
      flush(row);
    }
  }

  private void flush(Pair pair, long change) throws SQLException {
    if (change > 0) {
      if (!pair.indicator.inserted || !added(pair, change)) {
        PreparedStatement insert =
            statements.of("INSERT INTO sighting (indicator, reporter, events) VALUES (?, ?, ?)");
        insert.setLong(1, pair.indicator.ref);
        insert.setLong(2, pair.reporter);
        insert.setLong(3, change);
        insert.executeUpdate();
        pair.indicator.reporters++;
      }
    } else if (change < 0) {
      var _ = added(pair, change);
      PreparedStatement delete =
          statements.of(
              "DELETE FROM sighting WHERE indicator = ? AND reporter = ? AND events <= 0");
      delete.setLong(1, pair.indicator.ref);
      delete.setLong(2, pair.reporter);
      pair.indicator.reporters -= delete.executeUpdate();
    }
  }

  /** Changes a count that is there. Whether it is. */
  private boolean added(Pair pair, long change) throws SQLException {
    PreparedStatement update =
        statements.of(
            "UPDATE sighting SET events = events + ? WHERE indicator = ? AND reporter = ?");
    update.setLong(1, change);
    update.setLong(2, pair.indicator.ref);
    update.setLong(3, pair.reporter);
    return update.executeUpdate() > 0;
  }

  private void flush(Row row) throws SQLException {
    long all = row.all();
    if (all <= 0) {
      PreparedStatement delete = statements.of("DELETE FROM indicator WHERE ref = ?");
      delete.setLong(1, row.ref);
      delete.executeUpdate();
      return;
    }
    // A column that is set is written to its index, changed or not: these two seldom change.
    boolean rarer = row.severity() != row.storedSeverity || row.reporters != row.storedReporters;
    PreparedStatement statement =
        statements.of(
            !row.inserted
                ? "INSERT INTO indicator (events, low, medium, high, critical, reporters, severity,"
                    + " ref, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                : rarer
                    ? "UPDATE indicator SET events = ?, low = ?, medium = ?, high = ?, critical = ?,"
                        + " reporters = ?, severity = ? WHERE ref = ?"
                    : "UPDATE indicator SET events = ?, low = ?, medium = ?, high = ?, critical = ?"
                        + " WHERE ref = ?");
    int i = 1;
    statement.setLong(i++, all);
    for (int severity = 1; severity < SEVERITIES; severity++) {
      statement.setLong(i++, row.events[severity]);
    }
    if (!row.inserted || rarer) {
      statement.setLong(i++, row.reporters);
      statement.setInt(i++, row.severity());
    }
    statement.setLong(i++, row.ref);
    if (!row.inserted) {
      statement.setBytes(i, row.name.getBytes(StandardCharsets.ISO_8859_1));
    }
    statement.executeUpdate();
  }

  void committed() {
    for (Row row : touched) {
      row.inserted = true;
      row.storedReporters = row.reporters;
      row.storedSeverity = row.severity();
      if (row.all() <= 0) {
        rows.remove(row.name);
        byRef.remove(row.ref);
      }
    }
    touched.clear();
    sightings.clear();
    Iterator<Row> oldest = rows.values().iterator();
    while (rows.size() > KEPT) {
      byRef.remove(oldest.next().ref);
      oldest.remove();
    }
  }

  void rolledBack() {
    touched.clear();
    sightings.clear();
    rows.clear();
    byRef.clear();
  }
}
