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

  /**
   * Of so many events at most, the first and the last time are exact. Where more are left when one
   * at the edge is deleted, the next edge is sought among the half that arrived first and the half
   * that arrived last: those mostly are the oldest and the newest. What a catch-up brought in
   * between may lie beyond; no time is ever told that no event has, nor a last before a first.
   */
  static final int EXACT_TIMES = 400;

  private static final String COLUMNS =
      "SELECT ref, name, events, low, medium, high, critical, reporters, severity, first_time,"
          + " last_time FROM indicator";
  private static final String EDGES =
      "SELECT min(time), max(time) FROM (SELECT * FROM (SELECT time FROM search INDEXED BY"
          + " search_indicator WHERE indicator = ?1 ORDER BY seq LIMIT ?2) UNION ALL SELECT * FROM"
          + " (SELECT time FROM search INDEXED BY search_indicator WHERE indicator = ?1 ORDER BY seq"
          + " DESC LIMIT ?2))";

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

    /** The least time and the greatest; the other way round while none is known. */
    long first = Long.MAX_VALUE;

    long last = Long.MIN_VALUE;
    long storedLast;
    long storedEvents;

    /** Whether an event at the edge was deleted, so that there may be a better one. */
    boolean edgeLost;

    boolean inserted;

    Row(long ref, String name) {
      this.ref = ref;
      this.name = name;
    }

    void saw(long time) {
      first = Math.min(first, time);
      last = Math.max(last, time);
    }

    /** Forgets an edge that is no longer there. */
    void lost(long time) {
      if (time <= first) {
        first = Long.MAX_VALUE;
        edgeLost = true;
      }
      if (time >= last) {
        last = Long.MIN_VALUE;
        edgeLost = true;
      }
    }

    void stored() {
      inserted = true;
      storedReporters = reporters;
      storedSeverity = severity();
      storedLast = last;
      storedEvents = all();
      edgeLost = false;
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
  long add(String observable, int severity, long reporter, long time) throws SQLException {
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
    row.saw(time);
    return row.ref;
  }

  /** Counts one event less, which is no longer in the table {@code search}. */
  void remove(long ref, int severity, long reporter, long time) throws SQLException {
    Row row = byRef.get(ref);
    if (row == null) {
      PreparedStatement find = statements.of(COLUMNS + " WHERE ref = ?");
      find.setLong(1, ref);
      row = load(find);
    }
    if (row != null) {
      count(row, severity, reporter, -1);
      row.lost(time);
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
      row.first = found.getLong(10);
      row.last = found.getLong(11);
      row.stored();
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
    // Also where so few are left that all are looked at: what was not exact is so from there on.
    if (row.edgeLost || (row.storedEvents > EXACT_TIMES && all <= EXACT_TIMES)) {
      findEdges(row);
    }
    // A column that is set is written to its index, changed or not: these three need not change.
    boolean rarer = row.severity() != row.storedSeverity || row.reporters != row.storedReporters;
    boolean later = row.last != row.storedLast;
    PreparedStatement statement =
        statements.of(
            !row.inserted
                ? "INSERT INTO indicator (events, low, medium, high, critical, first_time, last_time,"
                    + " reporters, severity, ref, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                : "UPDATE indicator SET events = ?, low = ?, medium = ?, high = ?, critical = ?,"
                    + " first_time = ?"
                    + (later ? ", last_time = ?" : "")
                    + (rarer ? ", reporters = ?, severity = ?" : "")
                    + " WHERE ref = ?");
    int i = 1;
    statement.setLong(i++, all);
    for (int severity = 1; severity < SEVERITIES; severity++) {
      statement.setLong(i++, row.events[severity]);
    }
    statement.setLong(i++, row.first);
    if (!row.inserted || later) {
      statement.setLong(i++, row.last);
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

  private void findEdges(Row row) throws SQLException {
    PreparedStatement edges = statements.of(EDGES);
    edges.setLong(1, row.ref);
    edges.setInt(2, EXACT_TIMES / 2);
    try (ResultSet found = edges.executeQuery()) {
      if (found.next()) {
        // An edge that is left is a time as well as these.
        long first = row.first;
        long last = row.last;
        row.saw(found.getLong(1));
        row.saw(found.getLong(2));
        if (first != Long.MAX_VALUE) {
          row.saw(first);
        }
        if (last != Long.MIN_VALUE) {
          row.saw(last);
        }
      }
    }
  }

  void committed() {
    for (Row row : touched) {
      row.stored();
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
