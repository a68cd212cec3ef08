package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.DatabaseCare;
import io.cyphermesh.core.store.EventStore.Arrival;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseCheckTest {
  private static final int EVENTS = 1_200;
  private static TestReporter self;

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final List<String> problems = new ArrayList<>();
  private final List<String> keys = new ArrayList<>();
  private final List<SignedEvent> stored = new ArrayList<>();

  @BeforeAll
  static void makeReporter() {
    self = TestReporter.create();
  }

  @BeforeEach
  void fill() throws Exception {
    TestEvents events = new TestEvents(new Random(1));
    var other = events.reporter();
    try (SqliteEventStore store =
        SqliteEventStore.open(
            file(), StoreSettings.DEFAULTS, (reporter, firstSeen, now) -> true, clock)) {
      for (int i = 0; i < EVENTS; i++) {
        SignedEvent event = events.detailed(other, "198.51.100." + i, clock.instant());
        stored.add(event);
        store.add(new Arrival(event, false, new PeerId.Node(other.nodeId())), outcome -> {});
      }
      store.add(
          new Arrival(
              events.detailed(other, "bare", clock.instant()).withoutDetails(),
              true,
              new PeerId.Node(other.nodeId())),
          outcome -> {});
      store.addLocal(List.of(self.event("203.0.113.1", clock.instant())), Optional.empty());
      store.openExport("exporter", false);
    }
  }

  private Path file() {
    return directory.resolve("events.db");
  }

  /** Signatures of test events are random: here it is only the place of a judge. */
  private DatabaseCare.Summary check() throws IOException, InterruptedException {
    return check((event, bare) -> Optional.empty());
  }

  private DatabaseCare.Summary check(DatabaseCheck.Judge judge)
      throws IOException, InterruptedException {
    return new DatabaseCheck(
            file(),
            judge,
            3,
            new DatabaseCare.Watcher() {
              @Override
              public void reading() {}

              @Override
              public void checked(long events, long total) {
                assertThat(events).isLessThanOrEqualTo(total);
              }

              @Override
              public void problem(DatabaseCare.Problem problem) {
                problems.add(problem.what());
                problem.key().ifPresent(keys::add);
              }
            })
        .run();
  }

  private void sql(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
      DatabaseFile.run(connection, sql);
    }
  }

  @Test
  void aSoundDatabaseHasNoProblem() throws Exception {
    DatabaseCare.Summary summary = check();
    assertThat(problems).isEmpty();
    assertThat(summary)
        .isEqualTo(new DatabaseCare.Summary(Migrations.ours().latest(), EVENTS + 2, 1));
  }

  @Test
  void everyEventIsJudged() throws Exception {
    String bad = stored.get(700).claimedId().hex();
    check(
        (event, bare) ->
            event.claimedId().hex().equals(bad) ? Optional.of("not signed") : Optional.empty());
    assertThat(problems).containsExactly("not signed");
    assertThat(keys).containsExactly(bad);
  }

  @Test
  void anEventUnderAnothersKeyIsFound() throws Exception {
    sql("UPDATE event SET key = randomblob(32) WHERE seq = 5 OR claimed IS NOT NULL");
    check((event, bare) -> bare || event.idMatches() ? Optional.empty() : Optional.of("wrong id"));
    assertThat(problems)
        .containsExactlyInAnyOrder("wrong id", "it is stored under a key that is not its own");
  }

  @Test
  void aDelivererThatIsNoPeerIsFound() throws Exception {
    sql("UPDATE event SET deliverer = 77 WHERE seq = 5");
    check();
    assertThat(problems).containsExactly("the peers that delivered 1 events are missing");
  }

  @Test
  void aDamagedRowIsNamedAndTheOthersAreChecked() throws Exception {
    sql("UPDATE event SET key = x'00' WHERE seq = 5");
    DatabaseCare.Summary summary = check();
    assertThat(problems).singleElement().asString().startsWith("its row is damaged");
    assertThat(summary.checked()).isEqualTo(EVENTS + 2);
  }

  @Test
  void countersThatDoNotFitAreFound() throws Exception {
    sql("UPDATE state SET stored = 7, local = 3, bare = 0, next_seq = 10");
    check();
    assertThat(problems)
        .hasSize(5)
        .anyMatch(p -> p.startsWith("7 events are noted, but 1202 are there"))
        .anyMatch(p -> p.startsWith("3 events of its own"))
        .anyMatch(p -> p.startsWith("0 bare events"))
        .anyMatch(p -> p.startsWith("the next event would get the number 10"))
        .anyMatch(p -> p.startsWith("exporter exporter stands at"));
  }

  @Test
  void halfARecordOfAnAddressIsFound() throws Exception {
    sql(
        "INSERT INTO address (host, port, origin, seq, key) VALUES ('192.0.2.1', 9001, 1, 7, x'00'),"
            + " ('192.0.2.2', 9001, 1, NULL, NULL)");
    check();
    assertThat(problems)
        .containsExactly("what is known of the address 192.0.2.1, port 9001 cannot be");
  }

  @Test
  void aScoreThatNobodyEarnedIsFound() throws Exception {
    sql("UPDATE peer SET score = valid + 1 WHERE ref = 1");
    check();
    assertThat(problems).singleElement().asString().contains("does not follow from");
  }

  @Test
  void aReporterWithoutItsKeyIsFound() throws Exception {
    sql("UPDATE peer SET key = NULL WHERE ref = 1");
    check();
    assertThat(problems).hasSize(EVENTS + 1).allMatch("its reporter's key is missing"::equals);
  }

  @Test
  void theSameEventTwiceIsFound() throws Exception {
    sql(
        "INSERT INTO event SELECT 100000, key, reporter, deliverer, local, time, received,"
            + " timestamp, source_ip, threat_type, severity, claimed, signature, tlp, retracts,"
            + " details FROM event WHERE seq = 5; UPDATE state SET stored = stored + 1, next_seq ="
            + " 100001");
    check();
    assertThat(problems)
        .containsExactly("it is stored twice", "1 events are not found by searches");
    assertThat(keys).containsExactly(stored.get(4).claimedId().hex());
  }

  @Test
  void bytesThatFlippedAnywhereAreFoundWithoutAnException() throws Exception {
    byte[] sound = Files.readAllBytes(file());
    Random random = new Random(3);
    int found = 0;
    for (int round = 0; round < 20; round++) {
      Files.write(file(), sound);
      try (RandomAccessFile out = new RandomAccessFile(file().toFile(), "rw")) {
        byte[] garbage = new byte[512];
        random.nextBytes(garbage);
        // Beyond the header page, which is refused as a whole.
        out.seek(8192 + random.nextInt(sound.length - 8192 - garbage.length));
        out.write(garbage);
      }
      problems.clear();
      try {
        check();
      } catch (IOException e) {
        problems.add(e.getMessage());
      }
      assertThat(problems).allMatch(p -> !p.contains("\n") && !p.contains("Exception"));
      found += problems.isEmpty() ? 0 : 1;
    }
    // Free space within a page is nobody's.
    assertThat(found).isGreaterThan(12);
  }

  @Test
  void aTruncatedDatabaseIsFound() throws Exception {
    try (RandomAccessFile out = new RandomAccessFile(file().toFile(), "rw")) {
      out.setLength(out.length() / 2);
    }
    try {
      check();
    } catch (IOException e) {
      problems.add(e.getMessage());
    }
    assertThat(problems).isNotEmpty().anyMatch(p -> p.contains("damaged"));
  }

  @Test
  void anEmptyFileIsFound() throws Exception {
    Files.write(file(), new byte[0]);
    check();
    assertThat(problems).containsExactly(file() + " is empty: 0 bytes");
  }

  @Test
  void aFileWithAnothersHeaderIsRefusedInOneLine() throws Exception {
    try (RandomAccessFile out = new RandomAccessFile(file().toFile(), "rw")) {
      out.write("no SQLite format at all".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    assertThatThrownBy(this::check)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged or no database")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aDatabaseOfTheFirstSchemaCanBeChecked() throws Exception {
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(Path.of(file() + suffix));
    }
    Migrations first = new Migrations(List.of(Migrations.ours().scripts().getFirst()));
    new DatabaseFile(file()).openForWriting(first).close();
    assertThat(check()).isEqualTo(new DatabaseCare.Summary(1, 0, 0));
    assertThat(problems).isEmpty();
  }
}
