package io.cyphermesh.bench.queries;

import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A database of millions of events, made from a few thousand that the store itself wrote: SQLite
 * multiplies them, each with a key, a time and an address of its own. That takes minutes where the
 * way through the writer takes an hour; the tables are the same, their pages fuller.
 */
final class BulkDatabase {
  private static final int MODELS = 20_000;

  /** The address of number {@code n}, as {@link SkewedEvents#address} has it. */
  private static final String BITS = "(n * 2654435761 & 4294967295)";

  private static final String ADDRESS =
      "CASE WHEN n % 10 = 9 THEN printf('2001:db8:%x:%x::1', BITS >> 16, BITS & 65535) ELSE"
          + " printf('%d.%d.%d.%d', BITS >> 24, BITS >> 16 & 255, BITS >> 8 & 255, BITS & 255) END";
  private static final String NAME =
      "CASE WHEN n % 10 = 9 THEN unhex(printf('0620010db8%08x0000000000000001', BITS)) ELSE"
          + " unhex(printf('04%08x', BITS)) END";

  private final Path file;
  private final int events;
  private final Instant end;
  private final Duration spread;

  BulkDatabase(Path file, int events, Instant end, Duration spread) {
    this.file = file;
    this.events = events;
    this.end = end;
    this.spread = spread;
  }

  void make() throws IOException, InterruptedException {
    models();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      multiply(connection);
    } catch (SQLException e) {
      throw new IOException("the database could not be made: " + e.getMessage(), e);
    }
  }

  private void models() throws IOException, InterruptedException {
    Instant now = end.minus(spread);
    SkewedEvents maker = new SkewedEvents(1);
    try (EventStore store =
        SqliteEventStore.open(
            file, StoreSettings.DEFAULTS, (_, _, _) -> true, InstantSource.fixed(now))) {
      for (int i = 0; i < MODELS; i++) {
        store.add(maker.next(now.plusMillis(i)), _ -> {});
      }
      var _ = store.addLocal(List.of(), Optional.empty());
    }
  }

  private void multiply(Connection connection) throws SQLException {
    List<String> indexes = indexes(connection);
    List<String> steps = new ArrayList<>();
    steps.add("PRAGMA journal_mode = DELETE");
    steps.add("PRAGMA synchronous = OFF");
    steps.add("PRAGMA journal_mode = OFF");
    steps.add("PRAGMA cache_size = -200000");
    steps.add(
        "CREATE TEMP TABLE model AS SELECT e.reporter, e.deliverer, e.local, e.threat_type,"
            + " e.severity, e.tlp, e.details, s.type, s.severity AS rank, s.detector, s.tlp AS mark"
            + " FROM event e JOIN search s USING (seq) ORDER BY seq");
    for (String table : List.of("event", "search", "indicator", "sighting", "minute")) {
      steps.add("DELETE FROM " + table);
    }
    indexes.forEach(
        sql -> steps.add("DROP INDEX " + sql.split(" ", -1)[sql.contains("UNIQUE") ? 3 : 2]));
    long begin = end.minus(spread).toEpochMilli();
    steps.add(
        "INSERT INTO search WITH RECURSIVE all_(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM all_"
            + " WHERE i < %d) SELECT i, 1 + CAST(%d * u * u * u * u AS INTEGER), m.type, m.rank,"
                .formatted(events, SkewedEvents.ADDRESSES)
            + " m.reporter, m.detector, m.mark, 0, %d + i * %d / %d FROM (SELECT i, (i * 2654435769"
                .formatted(begin, spread.toMillis(), events)
            + " & 4294967295) / 4294967296.0 AS u FROM all_) CROSS JOIN model m ON m.rowid = 1 +"
            + " (i * 7919) %% %d".formatted(MODELS));
    steps.add(
        ("INSERT INTO event SELECT s.seq, randomblob(32), m.reporter, m.deliverer, 0, s.time,"
                + " s.time, NULL, "
                + ADDRESS
                + ", m.threat_type, m.severity, NULL, randomblob(256), m.tlp, 0, m.details FROM"
                + " (SELECT seq, time, indicator - 1 AS n FROM search) s CROSS JOIN model m ON"
                + " m.rowid = 1 + (s.seq * 7919) % "
                + MODELS)
            .replace("BITS", BITS));
    steps.add(
        "INSERT INTO sighting SELECT indicator, reporter, count(*) FROM search GROUP BY 1, 2");
    steps.add(
        ("INSERT INTO indicator SELECT n + 1, "
                + NAME
                + ", events, low, medium, high, critical, (SELECT count(*) FROM sighting WHERE"
                + " indicator = n + 1), rank, first, last FROM (SELECT indicator - 1 AS n, count(*) AS events,"
                + " min(time) AS first, max(time) AS last,"
                + " sum(severity = 1) AS low, sum(severity = 2) AS medium, sum(severity = 3) AS high,"
                + " sum(severity = 4) AS critical, max(severity) AS rank FROM search GROUP BY"
                + " indicator)")
            .replace("BITS", BITS));
    steps.add(
        "INSERT INTO minute SELECT time / 60000, severity, count(*), min(seq), max(seq) FROM search"
            + " GROUP BY 1, 2");
    steps.addAll(indexes);
    steps.add(
        "UPDATE term SET events = CASE kind WHEN 0 THEN (SELECT count(*) FROM search WHERE type ="
            + " ref) ELSE (SELECT count(*) FROM search WHERE detector = ref) END");
    steps.add("DELETE FROM term WHERE events = 0");
    steps.add(
        "UPDATE peer SET valid = (SELECT count(*) FROM search WHERE reporter = ref), score ="
            + " (SELECT count(*) FROM search WHERE reporter = ref)");
    steps.add("UPDATE state SET stored = %d, next_seq = %d + 1".formatted(events, events));
    Progress progress = Progress.of("making the database, step");
    for (int i = 0; i < steps.size(); i++) {
      progress.at(i, steps.size());
      try (Statement statement = connection.createStatement()) {
        statement.execute(steps.get(i));
      }
    }
    progress.end();
  }

  /** What makes the indexes of the tables of events; those that tables have of themselves stay. */
  private static List<String> indexes(Connection connection) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name"
                    + " IN ('event', 'search', 'indicator')")) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found;
  }
}
