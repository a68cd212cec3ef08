package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpeningTest {
  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final TestEvents events = new TestEvents(new Random(5));
  private final ReporterKey alice = events.reporter();

  @Test
  void aNewDatabaseIsMarkedAsOurs() throws Exception {
    open().close();

    try (Connection connection = connect()) {
      assertThat(DatabaseFile.number(connection, "PRAGMA application_id")).isEqualTo(0x4359504d);
      assertThat(DatabaseFile.number(connection, "PRAGMA user_version"))
          .isEqualTo(Migrations.ours().latest());
      assertThat(DatabaseFile.number(connection, "PRAGMA auto_vacuum")).isEqualTo(2);
    }
  }

  @Test
  void aDatabaseOfANewerVersionIsRefused() throws Exception {
    open().close();
    int newer = Migrations.ours().latest() + 1;
    run("PRAGMA user_version = " + newer);

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file() + " was written by a newer CypherMesh (schema " + newer)
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> ReadOnlyEvents.open(file())).isInstanceOf(IOException.class);
  }

  @Test
  void aDatabaseOfAnotherProgramIsRefused() throws Exception {
    run("CREATE TABLE theirs (x)");

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessage(file() + " is a database of another program");
  }

  @Test
  void aFileThatIsNoDatabaseIsRefusedWithTheWayOut() throws Exception {
    Files.writeString(
        file(), "no database at all, but long enough to be taken for one\n".repeat(99));

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file() + " is damaged")
        .hasMessageContaining(
            "'cyphermesh check'", "'cyphermesh restore FILE'", "'cyphermesh reset --db'")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aDamagedDatabaseIsRefusedWithTheWayOut() throws Exception {
    try (SqliteEventStore store = open()) {
      store.addLocal(
          List.of(events.plain(alice, "203.0.113.1", clock.instant())), Optional.empty());
    }
    byte[] bytes = Files.readAllBytes(file());
    for (int i = 100; i < bytes.length; i++) {
      bytes[i] = (byte) 0xa5;
    }
    Files.write(file(), bytes);

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file() + " is damaged");
  }

  @Test
  void aRefusedDatabaseCanBeOpenedOnceItIsMended() throws Exception {
    Files.writeString(
        file(), "no database at all, but long enough to be taken for one\n".repeat(99));
    assertThatThrownBy(this::open).isInstanceOf(IOException.class);
    Files.delete(file());

    open().close();
  }

  @Test
  void aMigrationThatFailsLeavesTheOldSchema() throws Exception {
    List<String> scripts = new ArrayList<>(Migrations.ours().scripts());
    scripts.add("CREATE TABLE half_done (x); CREATE TABLE half_done (x);");
    open().close();

    DatabaseFile file = new DatabaseFile(file());
    assertThatThrownBy(() -> file.openForWriting(new Migrations(scripts)))
        .isInstanceOf(IOException.class);

    try (Connection connection = connect()) {
      assertThat(DatabaseFile.number(connection, "PRAGMA user_version"))
          .isEqualTo(Migrations.ours().latest());
      assertThat(
              DatabaseFile.number(
                  connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'half_done'"))
          .isZero();
    }
    open().close();
  }

  @Test
  void aNewerVersionBringsTheSchemaUpToDate() throws Exception {
    open().close();
    List<String> scripts = new ArrayList<>(Migrations.ours().scripts());
    scripts.add("CREATE TABLE more (x INTEGER) STRICT;");

    try (Connection connection = new DatabaseFile(file()).openForWriting(new Migrations(scripts))) {
      assertThat(DatabaseFile.number(connection, "PRAGMA user_version"))
          .isEqualTo(Migrations.ours().latest() + 1);
      assertThat(DatabaseFile.number(connection, "SELECT count(*) FROM more")).isZero();
    }
  }

  @Test
  void theFirstSchemasPeersAreKnownInThisOne() throws Exception {
    Migrations first = new Migrations(List.of(Migrations.ours().scripts().getFirst()));
    try (Connection connection = new DatabaseFile(file()).openForWriting(first)) {
      DatabaseFile.run(
          connection,
          "INSERT INTO peer (node_id, score, banned, valid, invalid, first_seen, last_seen)"
              + " VALUES (unhex('"
              + alice.nodeId().hex()
              + "'), -12, 1, 0, 4, 1, 2)");
    }

    try (SqliteEventStore store = open()) {
      assertThat(store.peers(10).getFirst().peer()).isEqualTo(new PeerId.Node(alice.nodeId()));
      assertThat(store.bannedOrBlocked(clock.instant())).hasSize(1);
    }
  }

  @Test
  void aStoppedNodesEventsCanBeReadWithoutAWriter() throws Exception {
    SignedEvent event = events.detailed(alice, "203.0.113.1", clock.instant());
    try (SqliteEventStore store = open()) {
      store.addLocal(List.of(event), Optional.empty());
    }

    try (ReadOnlyEvents reader = ReadOnlyEvents.open(file())) {
      assertThat(reader.counts()).isEqualTo(new Counts(1, 1));
      assertThat(reader.newest(10, Long.MAX_VALUE)).hasSize(1);
      assertThat(reader.find(event.claimedId()).orElseThrow().event().canonical())
          .isEqualTo(event.canonical());
      assertThat(reader.peers(10)).hasSize(1);
      assertThat(reader.addresses()).isEmpty();
    }
    try (SqliteEventStore store = open()) {
      assertThat(store.addLocal(List.of(event), Optional.empty())).isEmpty();
    }
  }

  @Test
  void aRunningNodesEventsCanBeReadToo() throws Exception {
    try (SqliteEventStore store = open();
        ReadOnlyEvents reader = ReadOnlyEvents.open(file())) {
      assertThat(reader.counts()).isEqualTo(new Counts(0, 0));
      store.addLocal(
          List.of(events.plain(alice, "203.0.113.1", clock.instant())), Optional.empty());

      assertThat(reader.counts()).isEqualTo(new Counts(1, 1));
      assertThat(reader.after(0, 10)).hasSize(1);
      assertThat(reader.bytes()).isPositive();
    }
  }

  @Test
  void readingWhereNoDatabaseIsSaysWhatToDo() {
    assertThatThrownBy(() -> ReadOnlyEvents.open(file()))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no database " + file() + " yet: start the node once");
    assertThat(file()).doesNotExist();
  }

  @Test
  void aTimestampOfOurOwnFormIsTheTextOfItsTime() {
    Random random = new Random(3);
    for (int i = 0; i < 1_000; i++) {
      String text =
          "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"
              .formatted(
                  random.nextInt(10_000),
                  random.nextInt(14),
                  random.nextInt(33),
                  random.nextInt(26),
                  random.nextInt(62),
                  random.nextInt(62),
                  random.nextInt(1_000));
      EventTime.parse(text)
          .ifPresent(time -> assertThat(EventTime.format(time.instant())).isEqualTo(text));
    }
  }

  private Path file() {
    return directory.resolve("events.db");
  }

  private SqliteEventStore open() throws IOException {
    return SqliteEventStore.open(
        file(), StoreSettings.DEFAULTS, (reporter, firstSeen, now) -> true, clock);
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file());
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = connect()) {
      DatabaseFile.run(connection, sql);
    }
  }
}
