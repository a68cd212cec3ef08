package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.sqlite.ReadPool.Reader;
import io.cyphermesh.core.view.Span;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import io.cyphermesh.core.view.TopLists.Top;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the overview shows of a time up to now. */
final class Statistics {
  /** As many events are looked at; of more, samples evenly spread over all of them. */
  private static final int MOST_LOOKED_AT = 10_000;

  private static final int SAMPLES = 100;

  private Statistics() {}

  static Timeline timeline(Reader reader, Span span, Instant now) throws SQLException {
    long width = span.bucket().toMinutes();
    long end = Math.floorDiv(minute(now), width) + 1;
    long begin = end - span.length().toMinutes() / width;
    long[][] counts = new long[(int) (end - begin)][5];
    PreparedStatement query =
        reader.statement(
            "SELECT minute / ?1, severity, sum(events) FROM minute WHERE minute >= ?2 AND minute <"
                + " ?3 GROUP BY 1, 2");
    query.setLong(1, width);
    query.setLong(2, begin * width);
    query.setLong(3, end * width);
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        counts[(int) (row.getLong(1) - begin)][row.getInt(2)] = row.getLong(3);
      }
    }
    List<Timeline.Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      long[] each = counts[i];
      buckets.add(
          new Timeline.Bucket(
              Instant.ofEpochMilli((begin + i) * width * SearchTables.MILLIS_A_MINUTE),
              each[1],
              each[2],
              each[3],
              each[4],
              each[0]));
    }
    return new Timeline(span.bucket(), buckets);
  }

  private static long minute(Instant time) {
    return Math.floorDiv(time.toEpochMilli(), SearchTables.MILLIS_A_MINUTE);
  }

  static TopLists tops(Reader reader, Span span, Instant now, int limit) throws SQLException {
    long from = minute(now) - span.length().toMinutes() + 1;
    Map<Long, Long> minutes = new HashMap<>();
    List<Long> order = new ArrayList<>();
    long total = 0;
    PreparedStatement query =
        reader.statement(
            "SELECT minute, sum(events) FROM minute WHERE minute >= ? GROUP BY minute");
    query.setLong(1, from);
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        order.add(row.getLong(1));
        minutes.put(row.getLong(1), row.getLong(2));
        total += row.getLong(2);
      }
    }
    Tally tally = new Tally(reader);
    if (total <= MOST_LOOKED_AT) {
      tally.look(from * SearchTables.MILLIS_A_MINUTE, MOST_LOOKED_AT);
    } else {
      sample(tally, order, minutes, total);
    }
    double scale = tally.looked == 0 ? 0 : Math.max(1.0, (double) total / tally.looked);
    return new TopLists(
        Instant.ofEpochMilli(from * SearchTables.MILLIS_A_MINUTE),
        Math.max(total, tally.looked),
        tally.looked,
        tally.names(tally.indicators, limit, scale, Tally::indicator),
        tally.names(tally.types, limit, scale, Tally::type),
        tally.names(tally.reporters, limit, scale, Tally::reporter));
  }

  /** Looks at runs of events that begin at even distances. */
  private static void sample(Tally tally, List<Long> order, Map<Long, Long> minutes, long total)
      throws SQLException {
    long before = 0;
    int next = 0;
    for (long minute : order) {
      long count = minutes.getOrDefault(minute, 0L);
      for (long rank = total * next / SAMPLES;
          next < SAMPLES && rank < before + count;
          rank = total * next / SAMPLES) {
        long within = (rank - before) * SearchTables.MILLIS_A_MINUTE / count;
        tally.look(minute * SearchTables.MILLIS_A_MINUTE + within, MOST_LOOKED_AT / SAMPLES);
        next++;
      }
      before += count;
    }
  }

  /** Counts what events name. */
  private static final class Tally {
    final Map<Long, Long> indicators = new HashMap<>();
    final Map<Long, Long> types = new HashMap<>();
    final Map<Long, Long> reporters = new HashMap<>();
    long looked;
    private final Reader reader;

    Tally(Reader reader) {
      this.reader = reader;
    }

    /** Looks at so many events from a time on. */
    void look(long time, int limit) throws SQLException {
      PreparedStatement query =
          reader.statement(
              "SELECT s.indicator, s.type, s.reporter FROM event e INDEXED BY event_time CROSS JOIN"
                  + " search s ON s.seq = e.seq WHERE e.time >= ? ORDER BY e.time LIMIT ?");
      query.setLong(1, time);
      query.setInt(2, limit);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          looked++;
          indicators.merge(row.getLong(1), 1L, Long::sum);
          types.merge(row.getLong(2), 1L, Long::sum);
          reporters.merge(row.getLong(3), 1L, Long::sum);
        }
      }
    }

    private interface Namer {
      Optional<String> name(Tally tally, long ref) throws SQLException;
    }

    List<Top> names(Map<Long, Long> counts, int limit, double scale, Namer namer)
        throws SQLException {
      List<Map.Entry<Long, Long>> most =
          counts.entrySet().stream()
              .sorted(
                  Map.Entry.<Long, Long>comparingByValue(Comparator.reverseOrder())
                      .thenComparing(Map.Entry.comparingByKey()))
              .limit(limit)
              .toList();
      List<Top> tops = new ArrayList<>();
      for (Map.Entry<Long, Long> each : most) {
        long events = Math.round(each.getValue() * scale);
        namer.name(this, each.getKey()).ifPresent(name -> tops.add(new Top(name, events)));
      }
      return tops;
    }

    Optional<String> indicator(long ref) throws SQLException {
      Optional<byte[]> name = bytes("SELECT name FROM indicator WHERE ref = ?", ref);
      return name.map(
          bytes -> IndicatorName.observable(bytes).orElse("(a text of more than 128 bytes)"));
    }

    Optional<String> type(long ref) throws SQLException {
      PreparedStatement query = reader.statement("SELECT text FROM term WHERE ref = ?");
      query.setLong(1, ref);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }

    Optional<String> reporter(long ref) throws SQLException {
      return bytes("SELECT id FROM peer WHERE ref = ?", ref).map(id -> Columns.peer(id).text());
    }

    private Optional<byte[]> bytes(String sql, long ref) throws SQLException {
      PreparedStatement query = reader.statement(sql);
      query.setLong(1, ref);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
      }
    }
  }
}
