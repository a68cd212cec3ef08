package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.DatabaseCare.Problem;
import io.cyphermesh.core.store.DatabaseCare.Summary;
import io.cyphermesh.core.store.DatabaseCare.Watcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;

/**
 * Whether a database is sound: its pages, what its tables promise each other, and every event's id
 * and signature. Reads only, also beside a running node; events are read a few at a time, since a
 * long read would have the write-ahead log grow.
 */
public final class DatabaseCheck {
  private static final int MOST_PAGE_PROBLEMS = 100;
  private static final int EVENTS_A_TASK = 500;
  private static final int TASKS_A_THREAD = 4;
  private static final int STEPS_BETWEEN_SIGNS = 1_000_000;

  /** Older ones are read by this program, too; before it peers were called otherwise. */
  private static final int SCHEMA_WITH_PEER_IDS = 2;

  private static final int SCHEMA_WITH_EXPORTS = 3;
  private static final int SCHEMA_WITH_BOOK = 4;

  private final DatabaseFile file;
  private final Judge judge;
  private final Watcher watcher;
  private final int threads;

  /**
   * A check.
   *
   * @param threads how many check signatures
   * @param watcher told of progress and problems, on one thread at a time
   */
  public DatabaseCheck(Path database, Judge judge, int threads, Watcher watcher) {
    this.file = new DatabaseFile(database);
    this.judge = judge;
    this.threads = threads;
    this.watcher = watcher;
  }

  /** Whether an event is what it says. May be asked by many threads. */
  @FunctionalInterface
  public interface Judge {
    /** What is wrong with it; empty where nothing is. */
    Optional<String> wrong(SignedEvent event, boolean bare);
  }

  /**
   * Checks all of it.
   *
   * @throws IOException if it cannot even be opened; the message is one line
   */
  public Summary run() throws IOException, InterruptedException {
    if (isEmpty()) {
      return new Summary(0, 0, 0);
    }
    try (Connection connection = file.openAnyForReading(Migrations.ours())) {
      int schema = (int) DatabaseFile.number(connection, "PRAGMA user_version");
      Scan scan = new Scan(connection, allButEvents(connection, schema));
      scan.run();
      return new Summary(schema, scan.checked, scan.bare);
    } catch (SQLException e) {
      throw new IOException(file.explain(e), e);
    }
  }

  /**
   * Checks all but the events.
   *
   * @throws IOException if it cannot even be opened; the message is one line
   */
  public void runWithoutEvents() throws IOException {
    if (isEmpty()) {
      return;
    }
    try (Connection connection = file.openAnyForReading(Migrations.ours())) {
      allButEvents(connection, (int) DatabaseFile.number(connection, "PRAGMA user_version"));
    } catch (SQLException e) {
      throw new IOException(file.explain(e), e);
    }
  }

  private boolean isEmpty() throws IOException {
    if (Files.exists(file.path()) && Files.size(file.path()) == 0) {
      watcher.problem(Problem.fatal(file.path() + " is empty: 0 bytes"));
      return true;
    }
    return false;
  }

  /** How many events there are to be checked. */
  private long allButEvents(Connection connection, int schema) throws SQLException {
    pages(connection);
    long stored = 0;
    try {
      DatabaseFile.run(connection, "BEGIN");
      stored = tables(connection, schema);
      peers(connection, schema);
      new SearchCheck(connection, watcher, schema).run();
    } catch (SQLException e) {
      watcher.problem(Problem.fatal("tables cannot be read: " + file.explain(e)));
    } finally {
      rollback(connection);
    }
    return stored;
  }

  private static void rollback(Connection connection) {
    try {
      DatabaseFile.run(connection, "ROLLBACK");
    } catch (SQLException e) {
      // It was over already.
    }
  }

  private void pages(Connection connection) throws SQLException {
    ProgressHandler.setHandler(
        connection,
        STEPS_BETWEEN_SIGNS,
        new ProgressHandler() {
          @Override
          protected int progress() {
            watcher.reading();
            return 0;
          }
        });
    watcher.reading();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("PRAGMA integrity_check(" + MOST_PAGE_PROBLEMS + ")")) {
      while (rows.next()) {
        String finding = rows.getString(1);
        if (!"ok".equals(finding)) {
          // Several in one row, under a heading.
          finding
              .lines()
              .filter(line -> !line.startsWith("***"))
              .forEach(line -> watcher.problem(Problem.fatal("pages: " + line)));
        }
      }
    } catch (SQLException e) {
      watcher.problem(Problem.fatal("pages: " + file.explain(e)));
    } finally {
      ProgressHandler.clearHandler(connection);
    }
  }

  /** What the tables promise each other. How many events there are. */
  private long tables(Connection connection, int schema) throws SQLException {
    long stored = DatabaseFile.number(connection, "SELECT count(*) FROM event");
    if (DatabaseFile.number(connection, "SELECT count(*) FROM state") != 1) {
      watcher.problem(Problem.fatal("the table state has not the one row that it must have"));
      return stored;
    }
    same("events", connection, "stored", stored);
    same(
        "events of its own",
        connection,
        "local",
        DatabaseFile.number(connection, "SELECT count(*) FROM event WHERE local = 1"));
    same(
        "bare events",
        connection,
        "bare",
        DatabaseFile.number(connection, "SELECT count(*) FROM event WHERE claimed IS NOT NULL"));
    long next = DatabaseFile.number(connection, "SELECT next_seq FROM state");
    long last = DatabaseFile.number(connection, "SELECT max(seq) FROM event");
    if (last >= next) {
      watcher.problem(
          Problem.of(
              "the next event would get the number %d, but %d is given".formatted(next, last)));
    }
    each(
        connection,
        "SELECT lower(hex(e.key)), e.seq FROM event e WHERE substr(e.key, 1, 8) IN (SELECT"
            + " substr(key, 1, 8) FROM event GROUP BY substr(key, 1, 8) HAVING count(*) > 1) AND"
            + " EXISTS (SELECT 1 FROM event o WHERE substr(o.key, 1, 8) = substr(e.key, 1, 8) AND"
            + " o.key = e.key AND o.seq < e.seq)",
        row ->
            new Problem(
                "it is stored twice",
                Optional.of(row.getString(1)),
                OptionalLong.of(row.getLong(2))));
    long strays =
        DatabaseFile.number(
            connection,
            "SELECT count(*) FROM event WHERE deliverer IS NOT NULL AND deliverer NOT IN (SELECT"
                + " ref FROM peer)");
    if (strays > 0) {
      watcher.problem(
          Problem.of("the peers that delivered %d events are missing".formatted(strays)));
    }
    if (schema >= SCHEMA_WITH_EXPORTS) {
      each(
          connection,
          "SELECT owner, seq FROM export WHERE seq < 0 OR lost < 0 OR seq >= " + next,
          row ->
              Problem.of(
                  "exporter %s stands at %d, beyond all events"
                      .formatted(row.getString(1), row.getLong(2))));
    }
    if (schema >= SCHEMA_WITH_BOOK) {
      each(
          connection,
          "SELECT host, port FROM address WHERE port NOT BETWEEN 0 AND 65535 OR origin NOT BETWEEN 0"
              + " AND 3 OR length(node_id) <> 32 OR tried NOT IN (0, 1) OR anchor NOT IN (0, 1)"
              + " OR failures < 0 OR (seq IS NULL) <> (key IS NULL) OR (seq IS NULL) <> (signature"
              + " IS NULL) OR length(key) <> 294 OR length(signature) <> 256",
          row ->
              Problem.of(
                  "what is known of the address %s, port %d cannot be"
                      .formatted(row.getString(1), row.getLong(2))));
    }
    return stored;
  }

  private void same(String what, Connection connection, String column, long counted)
      throws SQLException {
    long noted = DatabaseFile.number(connection, "SELECT " + column + " FROM state");
    if (noted != counted) {
      watcher.problem(
          Problem.of("%d %s are noted, but %d are there".formatted(noted, what, counted)));
    }
  }

  private interface Describer {
    Problem of(ResultSet row) throws SQLException;
  }

  private void each(Connection connection, String sql, Describer describer) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        watcher.problem(describer.of(rows));
      }
    }
  }

  /**
   * A lifted or passed ban raises a score to zero; beyond that it follows from what was counted.
   */
  private void peers(Connection connection, int schema) throws SQLException {
    String id = schema >= SCHEMA_WITH_PEER_IDS ? "id" : "node_id";
    each(
        connection,
        "SELECT lower(hex("
            + id
            + ")), score, valid, invalid FROM peer WHERE valid < 0 OR invalid < 0 OR score > valid"
            + " OR score < valid - 3 * invalid",
        row ->
            Problem.of(
                "peer %s: a score of %d does not follow from %d valid and %d invalid events"
                    .formatted(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4))));
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT " + id + ", key FROM peer WHERE key IS NOT NULL")) {
      while (rows.next()) {
        String name = Columns.hex(rows.getBytes(1));
        if (ReporterKey.ofDer(rows.getBytes(2))
            .filter(key -> key.nodeId().hex().equals(name))
            .isEmpty()) {
          watcher.problem(Problem.fatal("peer " + name + ": the key beside it is another's"));
        }
      }
    }
  }

  /** An event as its row has it. */
  private record Row(
      long seq, String key, @Nullable SignedEvent event, boolean bare, String fault) {}

  /** The way through all events. */
  private final class Scan {
    private final Connection connection;
    private final long total;
    private final Map<Long, Optional<ReporterKey>> keys = new HashMap<>();
    private final Semaphore room = new Semaphore(threads * TASKS_A_THREAD);
    private long checked;
    private long bare;

    Scan(Connection connection, long total) {
      this.connection = connection;
      this.total = total;
    }

    void run() throws InterruptedException {
      ExecutorService pool =
          Executors.newFixedThreadPool(
              threads, Thread.ofPlatform().name("check-", 0).daemon().factory());
      long last = Long.MIN_VALUE;
      try (PreparedStatement query =
          connection.prepareStatement(Queries.EVENT + "WHERE seq > ? ORDER BY seq LIMIT ?")) {
        while (true) {
          List<Row> rows = new ArrayList<>(EVENTS_A_TASK);
          query.setLong(1, last);
          query.setInt(2, EVENTS_A_TASK);
          try (ResultSet found = query.executeQuery()) {
            while (found.next()) {
              last = found.getLong(1);
              rows.add(row(found));
            }
          }
          if (rows.isEmpty()) {
            break;
          }
          room.acquire();
          pool.execute(
              () -> {
                try {
                  judge(rows);
                } finally {
                  room.release();
                }
              });
        }
      } catch (SQLException e) {
        problem(
            Problem.of(
                "events beyond number "
                    + Math.max(last, 0)
                    + " cannot be read: "
                    + file.explain(e)));
      } finally {
        pool.shutdown();
        while (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
          // Bounded by what was handed over.
        }
      }
    }

    private Row row(ResultSet row) throws SQLException {
      long seq = row.getLong(1);
      byte[] stored = row.getBytes(2);
      String key = stored == null ? "" : Columns.hex(stored);
      try {
        Optional<ReporterKey> reporter = reporter(row.getLong(3));
        if (reporter.isEmpty()) {
          return new Row(seq, key, null, false, "its reporter's key is missing");
        }
        return new Row(seq, key, Queries.signed(row, reporter.get()), Queries.isBare(row), "");
      } catch (RuntimeException e) {
        return new Row(seq, key, null, false, "its row is damaged: " + e.getMessage());
      }
    }

    private Optional<ReporterKey> reporter(long ref) throws SQLException {
      Optional<ReporterKey> known = keys.get(ref);
      if (known == null) {
        known = Optional.empty();
        try (PreparedStatement query =
            connection.prepareStatement("SELECT key FROM peer WHERE ref = ?")) {
          query.setLong(1, ref);
          try (ResultSet row = query.executeQuery()) {
            if (row.next() && row.getBytes(1) != null) {
              known = ReporterKey.ofDer(row.getBytes(1));
            }
          }
        }
        if (keys.size() > 4096) {
          keys.clear();
        }
        keys.put(ref, known);
      }
      return known;
    }

    private void judge(List<Row> rows) {
      List<Problem> problems = new ArrayList<>();
      int bareOnes = 0;
      for (Row row : rows) {
        bareOnes += row.bare ? 1 : 0;
        wrong(row)
            .ifPresent(
                what ->
                    problems.add(
                        new Problem(what, Optional.of(row.key), OptionalLong.of(row.seq))));
      }
      synchronized (this) {
        checked += rows.size();
        bare += bareOnes;
        problems.forEach(watcher::problem);
        watcher.checked(checked, Math.max(total, checked));
      }
    }

    private synchronized void problem(Problem problem) {
      watcher.problem(problem);
    }

    private Optional<String> wrong(Row row) {
      SignedEvent event = row.event;
      if (event == null) {
        return Optional.of(row.fault);
      }
      try {
        if (!event.key(row.bare).hex().equals(row.key)) {
          return Optional.of("it is stored under a key that is not its own");
        }
        return judge.wrong(event, row.bare);
      } catch (RuntimeException e) {
        return Optional.of("its row is damaged: " + e.getMessage());
      }
    }
  }
}
