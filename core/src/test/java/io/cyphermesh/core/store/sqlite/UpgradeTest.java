package io.cyphermesh.core.store.sqlite;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.testing.TestReporter;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.IndicatorView;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node of the first release goes on with this one. */
class UpgradeTest {
  private static final Migrations FIRST =
      new Migrations(List.of(Migrations.ours().scripts().getFirst()));
  private static final String DETAILS =
      "{\"count\": 12, \"detector\": {\"plugin\": \"log-watcher\", \"rule\": \"sshd\"}, \"tlp\":"
          + " \"green\"}";
  private static TestReporter self;
  private static TestReporter other;

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final List<SignedEvent> events = new ArrayList<>();

  @BeforeAll
  static void makeReporters() {
    self = TestReporter.create();
    other = TestReporter.create();
  }

  @BeforeEach
  void leaveWhatTheFirstReleaseLeft() throws Exception {
    try (Connection connection = new DatabaseFile(file()).openForWriting(FIRST)) {
      peer(connection, 1, self, 0, 10);
      peer(connection, 2, other, 1, -12);
      for (int i = 0; i < 30; i++) {
        TestReporter reporter = i % 3 == 0 ? self : other;
        Instant time = clock.instant().minusSeconds(i * 7 % 30);
        SignedEvent event =
            i % 2 == 0
                ? reporter.event("203.0.113." + i, time, DETAILS)
                : reporter.event("203.0.113." + i, time);
        events.add(event);
        insert(connection, i + 1, event, reporter == self);
      }
      DatabaseFile.run(
          connection,
          "UPDATE state SET next_seq = 31, stored = 30, local = 10, clean = 1;"
              + "INSERT INTO checkpoint VALUES ('log-watcher', x'"
              + HexFormat.of().formatHex("position 7".getBytes(US_ASCII))
              + "');"
              + "INSERT INTO address VALUES ('192.0.2.7', 9001, 0, NULL, 5)");
    }
  }

  private static void peer(Connection connection, int ref, TestReporter who, int banned, int score)
      throws Exception {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO peer (ref, node_id, score, banned, valid, invalid, first_seen, last_seen,"
                + " key) VALUES (?, ?, ?, ?, ?, ?, 1, 2, ?)")) {
      insert.setInt(1, ref);
      insert.setBytes(2, Columns.bytes(who.id().hex()));
      insert.setInt(3, score);
      insert.setInt(4, banned);
      insert.setInt(5, Math.max(0, score));
      insert.setInt(6, score < 0 ? 4 : 0);
      insert.setBytes(7, who.key().der());
      insert.executeUpdate();
    }
  }

  private static void insert(Connection connection, int seq, SignedEvent event, boolean local)
      throws Exception {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, NULL, ?, ?, 0, ?)")) {
      insert.setInt(1, seq);
      insert.setBytes(2, Columns.bytes(event.claimedId().hex()));
      insert.setInt(3, local ? 1 : 2);
      Columns.set(insert, 4, local ? null : Long.valueOf(2));
      insert.setInt(5, local ? 1 : 0);
      insert.setLong(6, event.time().orElseThrow().instant().toEpochMilli());
      insert.setLong(7, 4);
      insert.setString(8, event.sourceIp());
      insert.setString(9, event.threatType());
      insert.setString(10, event.severity());
      insert.setBytes(11, event.signature());
      Columns.set(insert, 12, event.details().flatMap(SignedEvent.Details::tlpTerm).orElse(null));
      Columns.set(insert, 13, event.details().map(SignedEvent.Details::json).orElse(null));
      insert.executeUpdate();
    }
  }

  private Path file() {
    return directory.resolve("events.db");
  }

  private SqliteEventStore open() throws IOException {
    return SqliteEventStore.open(
        file(), StoreSettings.DEFAULTS, (reporter, firstSeen, now) -> true, clock);
  }

  private void assertAllIsThere() throws Exception {
    EventVerifier verifier = new EventVerifier(Rsa.portable());
    try (SqliteEventStore store = open()) {
      assertThat(store.counts()).isEqualTo(new Counts(30, 10));
      List<StoredEvent> stored = store.after(0, 100);
      assertThat(stored)
          .extracting(each -> each.event().canonical())
          .containsExactlyElementsOf(events.stream().map(SignedEvent::canonical).toList());
      assertThat(stored)
          .allMatch(each -> verifier.check(each.event()) == EventVerifier.Finding.FULL);
      assertThat(store.bannedOrBlocked(clock.instant()))
          .extracting(Standing::peer)
          .containsExactly(other.peer());
      assertThat(store.checkpoint("log-watcher").map(state -> new String(state, US_ASCII)))
          .contains("position 7");
      assertThat(store.addresses())
          .singleElement()
          .satisfies(
              known -> {
                assertThat(known.address()).isEqualTo(new HostPort("192.0.2.7", 9001));
                assertThat(known.origin()).isEqualTo(KnownAddress.Origin.OPERATOR);
                assertThat(known.tried()).isTrue();
                assertThat(known.record()).isEmpty();
              });
      // What came with later schemas works on it.
      assertThat(store.openExport("new", true).seq()).isZero();
      assertThat(
              store.addLocal(
                  List.of(self.event("198.51.100.1", clock.instant())), Optional.empty()))
          .hasSize(1);
    }
  }

  @Test
  void everythingOfTheFirstSchemaIsThere() throws Exception {
    assertAllIsThere();
  }

  @Test
  void addressesOfTheSchemaBeforeTheBookAreTriedWhereALinkCameUp() throws Exception {
    Migrations third = new Migrations(Migrations.ours().scripts().subList(0, 3));
    try (Connection connection = new DatabaseFile(file()).openForWriting(third)) {
      DatabaseFile.run(
          connection,
          "DELETE FROM address;"
              + "INSERT INTO address VALUES ('192.0.2.7', 9001, 1, NULL, 5),"
              + " ('192.0.2.8', 9001, 2, NULL, NULL)");
    }
    try (SqliteEventStore store = open()) {
      assertThat(store.addresses())
          .extracting(KnownAddress::origin, KnownAddress::tried, KnownAddress::failures)
          .containsExactly(
              tuple(KnownAddress.Origin.LEARNED, true, 0),
              tuple(KnownAddress.Origin.LAN, false, 0));
    }
  }

  @Test
  void eventsOfAnOlderSchemaAreFoundBySearches() throws Exception {
    try (SqliteEventStore store = open()) {
      assertAllIsSearchable(store);
    }
  }

  private void assertAllIsSearchable(SqliteEventStore store) {
    assertThat(store.search().search(EventFilter.ALL, 100, Long.MAX_VALUE).events()).hasSize(30);
    assertThat(store.search().search(EventFilter.ALL.withLocal(true), 100, Long.MAX_VALUE).events())
        .hasSize(10);
    assertThat(
            store.search().search(EventFilter.ALL.withTlp(Tlp.GREEN), 100, Long.MAX_VALUE).events())
        .hasSize(15);
    assertThat(detected(store)).hasSize(15);
    assertThat(store.search().indicator("203.0.113.7").orElseThrow().events()).isEqualTo(1);
  }

  @Test
  void aStopInTheMidstOfMakingThemSearchableGoesOnAtTheNextStart() throws Exception {
    try (Connection connection = new DatabaseFile(file()).openForWriting(Migrations.ours())) {
      SearchTables tables = new SearchTables(connection, new Statements(connection));
      assertThat(new Unindexed(connection, 7).batch(tables)).isEqualTo(7);
      assertThat(Unindexed.has(connection)).isTrue();
    }
    assertThat(problems()).as("nothing is wrong with what is not done yet").isEmpty();
    try (SqliteEventStore store = open()) {
      assertAllIsSearchable(store);
    }
    assertThat(problems()).isEmpty();
  }

  /**
   * Fills the tables for searches as the sixth schema had them.
   *
   * @param last the last event that is taken in
   */
  private void leaveWhatTheSixthSchemaLeft(int last) throws Exception {
    Migrations sixth = new Migrations(Migrations.ours().scripts().subList(0, 6));
    try (Connection connection = new DatabaseFile(file()).openForWriting(sixth)) {
      DatabaseFile.run(
          connection,
          ("INSERT INTO search SELECT seq, 1 + seq %% 4, 1, 3, reporter, NULL, tlp IS NOT NULL, local,"
                      + " time FROM event WHERE seq <= %d;"
                      + "INSERT INTO term SELECT 1, 0, threat_type, %d FROM event LIMIT 1;"
                      + "INSERT INTO sighting SELECT indicator, reporter, count(*) FROM search GROUP BY 1, 2;"
                      + "INSERT INTO indicator SELECT indicator, unhex(printf('04cb0071%%02x', indicator)),"
                      + " count(*), 0, 0, count(*), 0, count(DISTINCT reporter), 3 FROM search GROUP BY 1;"
                      + "INSERT INTO minute SELECT time / 60000, severity, count(*), min(seq), max(seq) FROM"
                      + " search GROUP BY 1, 2;")
                  .formatted(last, last)
              + (last < 30 ? "UPDATE unindexed SET seq = " + last : "DELETE FROM unindexed"));
    }
  }

  @Test
  void indicatorsOfTheSixthSchemaGetTheTimesOfTheirEvents() throws Exception {
    leaveWhatTheSixthSchemaLeft(30);
    assertThat(problems()).as("before").isEmpty();
    try (SqliteEventStore store = open()) {
      List<Instant> times = new ArrayList<>();
      for (int seq = 1; seq <= 30; seq++) {
        if (seq % 4 == 2) {
          times.add(events.get(seq - 1).time().orElseThrow().instant());
        }
      }
      IndicatorView found = store.search().indicator("203.0.113.3").orElseThrow();
      assertThat(found.firstSeen()).isEqualTo(Collections.min(times));
      assertThat(found.lastSeen()).isEqualTo(Collections.max(times));
    }
    assertThat(problems()).as("after").isEmpty();
  }

  @Test
  void whatTheSixthSchemaHadNotTakenInYetIsTakenInAfterIt() throws Exception {
    leaveWhatTheSixthSchemaLeft(17);
    try (SqliteEventStore store = open()) {
      assertThat(store.search().search(EventFilter.ALL, 100, Long.MAX_VALUE).events()).hasSize(30);
    }
    assertThat(problems()).isEmpty();
  }

  private static List<StoredEvent> detected(SqliteEventStore store) {
    return store
        .search()
        .search(EventFilter.ALL.withDetector("log-watcher"), 100, Long.MAX_VALUE)
        .events();
  }

  @Test
  void theDetectorsOfEventsThatWereSearchableWithoutThemAreFound() throws Exception {
    makeSearchableWithoutDetectors();
    try (SqliteEventStore store = open()) {
      assertAllIsSearchable(store);
      // Their terms are counted, or the first that is deleted would take them all.
      assertThat(
              store.addLocal(
                  List.of(self.event("198.51.100.1", clock.instant(), DETAILS)), Optional.empty()))
          .hasSize(1);
      assertThat(detected(store)).hasSize(16);
    }
    assertThat(problems()).isEmpty();
  }

  @Test
  void aStopInTheMidstOfTakingDetectorsInGoesOnAtTheNextStart() throws Exception {
    makeSearchableWithoutDetectors();
    try (Connection connection = new DatabaseFile(file()).openForWriting(Migrations.ours())) {
      Terms terms = new Terms(connection, new Statements(connection));
      assertThat(new Undetected(connection, 7).batch(terms)).isEqualTo(7);
      assertThat(Undetected.has(connection)).isTrue();
    }
    assertThat(problems()).as("nothing is wrong with what is not done yet").isEmpty();
    try (SqliteEventStore store = open()) {
      assertAllIsSearchable(store);
    }
    assertThat(problems()).isEmpty();
  }

  /** As the releases did that took texts for detectors, and nothing else. */
  private void makeSearchableWithoutDetectors() throws Exception {
    Migrations seventh = new Migrations(Migrations.ours().scripts().subList(0, 7));
    try (Connection connection = new DatabaseFile(file()).openForWriting(seventh)) {
      new Unindexed(connection).takeIn();
      DatabaseFile.run(
          connection, "UPDATE search SET detector = NULL; DELETE FROM term WHERE kind = 1");
    }
  }

  @Test
  void whatIsUpgradedIsSound() throws Exception {
    open().close();
    assertThat(problems()).isEmpty();
  }

  private List<String> problems() throws Exception {
    EventVerifier verifier = new EventVerifier(Rsa.portable());
    return ProblemList.of(
        file(),
        (event, bare) ->
            verifier.check(event) == EventVerifier.Finding.FULL
                ? Optional.empty()
                : Optional.of("wrong"));
  }

  @Test
  @Timeout(60)
  void aKillInTheMidstOfAMigrationLeavesTheOldSchemaToBeUpgraded() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                EndlessMigration.class.getName(),
                file().toString())
            .redirectError(directory.resolve("err.txt").toFile())
            .start();
    try (BufferedReader out = process.inputReader(US_ASCII)) {
      assertThat(out.readLine()).isEqualTo("migrating");
      // Its transaction is open once the lock is taken, and stays so until the kill.
      while (isWritable()) {
        assertThat(process.isAlive()).isTrue();
        Thread.onSpinWait();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    try (Connection connection = new DatabaseFile(file()).openAnyForReading(Migrations.ours())) {
      assertThat(DatabaseFile.number(connection, "PRAGMA user_version")).isEqualTo(1);
    }
    assertAllIsThere();
  }

  private boolean isWritable() throws Exception {
    try (Connection connection = new DatabaseFile(file()).openAsItIs()) {
      DatabaseFile.run(connection, "PRAGMA busy_timeout = 0");
      DatabaseFile.run(connection, "BEGIN IMMEDIATE; ROLLBACK");
      return true;
    } catch (java.sql.SQLException e) {
      return false;
    }
  }

  @Test
  void nothingButTheDatabaseIsWrittenByAnUpgrade() throws Exception {
    open().close();
    try (var files = Files.list(directory)) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("events.db", "events.db.lock");
    }
  }

  /** A process whose second migration changes much and never ends. */
  static final class EndlessMigration {
    private EndlessMigration() {}

    public static void main(String[] arguments) throws Exception {
      List<String> scripts =
          List.of(
              Migrations.ours().scripts().getFirst(),
              Migrations.ours().scripts().get(1)
                  + "UPDATE event SET severity = 'low';"
                  + "CREATE TABLE endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                  + " FROM n) SELECT i FROM n;");
      System.out.println("migrating");
      new DatabaseFile(Path.of(arguments[0])).openForWriting(new Migrations(scripts));
    }
  }
}
