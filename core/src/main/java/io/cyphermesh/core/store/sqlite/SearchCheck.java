package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.DatabaseCare.Problem;
import io.cyphermesh.core.store.DatabaseCare.Watcher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Whether the tables for searches say what the events say. What is wrong in them loses no event:
 * searches and statistics are off, no more.
 */
final class SearchCheck {
  private record Promise(String broken, String sql) {}

  /** Each counts what breaks it. */
  private static final List<Promise> PROMISES =
      List.of(
          new Promise(
              "%d events are not found by searches",
              "SELECT count(*) FROM event WHERE seq NOT IN (SELECT seq FROM search)"),
          new Promise(
              "searches find %d events that are not there",
              "SELECT count(*) FROM search WHERE seq NOT IN (SELECT seq FROM event)"),
          new Promise(
              "%d events are searched by another time, reporter or origin than they have",
              "SELECT count(*) FROM event e JOIN search s USING (seq) WHERE s.time <> e.time OR"
                  + " s.reporter <> e.reporter OR s.local <> e.local"),
          new Promise(
              "the counts of %d indicators are wrong",
              "SELECT count(*) FROM (SELECT ref, events, low, medium, high, critical, severity FROM"
                  + " indicator EXCEPT SELECT indicator, count(*), sum(severity = 1), sum(severity ="
                  + " 2), sum(severity = 3), sum(severity = 4), max(severity) FROM search GROUP BY"
                  + " indicator)"),
          new Promise(
              "%d indicators of events are missing",
              "SELECT count(DISTINCT indicator) FROM search WHERE indicator NOT IN (SELECT ref FROM"
                  + " indicator)"),
          new Promise(
              "the reporters of %d indicators are wrong",
              "SELECT count(*) FROM (SELECT indicator, reporter, events FROM sighting EXCEPT SELECT"
                  + " indicator, reporter, count(*) FROM search GROUP BY 1, 2)"),
          new Promise(
              "%d indicators have more or fewer reporters than are counted",
              "SELECT count(*) FROM (SELECT ref, reporters FROM indicator EXCEPT SELECT indicator,"
                  + " count(*) FROM sighting GROUP BY 1)"),
          new Promise(
              "the counts of %d minutes are wrong",
              "SELECT count(*) FROM (SELECT minute, severity, events FROM minute EXCEPT SELECT"
                  + " CASE WHEN time >= 0 THEN time / 60000 ELSE (time - 59999) / 60000 END,"
                  + " severity, count(*) FROM search GROUP BY 1, 2)"),
          new Promise(
              "the counts of %d threat types and detectors are wrong",
              "SELECT count(*) FROM (SELECT kind, ref, events FROM term EXCEPT SELECT * FROM (SELECT"
                  + " 0, type, count(*) FROM search GROUP BY 2 UNION ALL SELECT 1, detector, count(*)"
                  + " FROM search WHERE detector IS NOT NULL GROUP BY 2))"));

  /** The first schema that has {@link #TIMES}. */
  private static final int SCHEMA_OF_TIMES = 7;

  private static final Promise TIMES =
      new Promise(
          "the first or last time of %d indicators is wrong",
          "SELECT count(*) FROM indicator JOIN (SELECT indicator, count(*) AS events, min(time) AS"
              + " least, max(time) AS greatest FROM search GROUP BY indicator) s ON s.indicator ="
              + " ref WHERE CASE WHEN s.events <= "
              + Indicators.EXACT_TIMES
              + " THEN first_time <> least OR last_time <> greatest ELSE first_time < least OR"
              + " first_time > last_time OR last_time > greatest END");

  private final Connection connection;
  private final Watcher watcher;
  private final int schema;

  SearchCheck(Connection connection, Watcher watcher, int schema) {
    this.connection = connection;
    this.watcher = watcher;
    this.schema = schema;
  }

  void run() throws SQLException {
    boolean there =
        DatabaseFile.number(
                connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'unindexed'")
            > 0;
    // Half taken in after an upgrade: the next start of the node goes on.
    if (!there || Unindexed.has(connection)) {
      return;
    }
    for (Promise promise : PROMISES) {
      check(promise);
    }
    if (schema >= SCHEMA_OF_TIMES) {
      check(TIMES);
    }
  }

  private void check(Promise promise) throws SQLException {
    watcher.reading();
    long broken = DatabaseFile.number(connection, promise.sql);
    if (broken > 0) {
      watcher.problem(Problem.of(promise.broken.formatted(broken)));
    }
  }
}
