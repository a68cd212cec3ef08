package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.store.EventStore.Imported;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.SortOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When indicators were first and last seen, whatever order their events arrive and go in. */
class IndicatorTimesTest {
  private static final String ADDRESS = "203.0.113.1";

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final Instant start = clock.instant();
  private final Random random = new Random(11);
  private final TestEvents events = new TestEvents(random);
  private final ReporterKey reporter = events.reporter();

  private Path file() {
    return directory.resolve("events.db");
  }

  private SqliteEventStore open() throws IOException {
    return open(StoreSettings.DEFAULTS);
  }

  private SqliteEventStore open(StoreSettings settings) throws IOException {
    return SqliteEventStore.open(file(), settings, (who, firstSeen, now) -> true, clock);
  }

  private Imported event(String address, Instant time) {
    return new Imported(events.plain(reporter, address, time), false, false);
  }

  private void add(SqliteEventStore store, String address, int... seconds) throws Exception {
    List<Imported> batch = new ArrayList<>();
    for (int each : seconds) {
      batch.add(event(address, start.plusSeconds(each)));
    }
    store.addImported(batch);
  }

  private void assertSeen(SqliteEventStore store, int first, int last) {
    IndicatorView found = store.search().indicator(ADDRESS).orElseThrow();
    assertThat(found.firstSeen()).isEqualTo(start.plusSeconds(first));
    assertThat(found.lastSeen()).isEqualTo(start.plusSeconds(last));
  }

  @Test
  void theyAreTheEventsOwnInWhateverOrderThoseArrive() throws Exception {
    try (SqliteEventStore store = open()) {
      add(store, ADDRESS, 50, 10, 90, 30);
      assertSeen(store, 10, 90);
      add(store, ADDRESS, 70);
      assertSeen(store, 10, 90);
      add(store, ADDRESS, 95);
      assertSeen(store, 10, 95);
    }
    assertThat(ProblemList.of(file())).isEmpty();
  }

  @Test
  void aCatchUpOfOlderEventsMovesOnlyTheFirst() throws Exception {
    try (SqliteEventStore store = open()) {
      add(store, ADDRESS, 500);
      add(store, "203.0.113.2", 400);
      add(store, ADDRESS, -3_000, -2_000);
      assertSeen(store, -3_000, 500);
      assertThat(page(store, SortOrder.DESC, "", 5, Optional.empty()).indicators())
          .extracting(IndicatorView::value)
          .containsExactly(ADDRESS, "203.0.113.2");
    }
    try (SqliteEventStore store = open()) {
      // The counts are read from the database again.
      add(store, ADDRESS, -4_000);
      assertSeen(store, -4_000, 500);
    }
    assertThat(ProblemList.of(file())).isEmpty();
  }

  @Test
  void timesBefore1970AreSortedToo() throws Exception {
    StoreSettings forEver = StoreSettings.DEFAULTS.withRetention(Duration.ofDays(36_500));
    try (SqliteEventStore store = open(forEver)) {
      for (int i = 1; i <= 5; i++) {
        store.addImported(List.of(event("203.0.113." + i, Instant.ofEpochSecond(2 - i))));
      }
      for (SortOrder order : SortOrder.values()) {
        assertThat(all(store, order, "", 1, () -> {}))
            .hasSize(5)
            .isSortedAccordingTo(byLastSeen(order));
      }
    }
  }

  @Test
  void retentionMovesTheFirstToTheOldestThatIsLeft() throws Exception {
    try (SqliteEventStore store = open()) {
      add(store, ADDRESS, 5_000, 0, 9_000, 100, 7_000);
      add(store, "203.0.113.2", 50);
      clock.advance(Duration.ofDays(30).plusSeconds(200));
      await().until(() -> store.counts().stored() == 3);
      assertSeen(store, 5_000, 9_000);
      assertThat(store.search().indicator("203.0.113.2")).isEmpty();
    }
    assertThat(ProblemList.of(file())).isEmpty();
  }

  @Test
  void whateverIsDeletedTheyAreExactForFewAndOfAnEventForMany() throws Exception {
    try (Connection connection = new DatabaseFile(file()).openForWriting(Migrations.ours())) {
      SearchTables tables = new SearchTables(connection, new Statements(connection));
      List<Long> stored = new ArrayList<>();
      long seq = 0;
      for (int round = 0; round < 120; round++) {
        DatabaseFile.run(connection, "BEGIN");
        // One grows beyond what is looked at and shrinks again; the others stay small.
        for (int i = 0; i < (round < 60 ? 40 : 5); i++) {
          String address = i % 5 == 0 ? "203.0.113." + random.nextInt(9) : ADDRESS;
          stored.add(++seq);
          tables.added(
              new SearchTables.Facts(
                  seq, address, "c2", "high", 1, false, random.nextInt(100_000), null, null));
        }
        for (int i = 0; i < (round < 60 ? 15 : 26) && !stored.isEmpty(); i++) {
          // Ascending mostly, and now and then any.
          int at = random.nextInt(3) > 0 ? 0 : random.nextInt(stored.size());
          tables.deleted(stored.remove(at));
        }
        tables.flush();
        DatabaseFile.run(connection, "COMMIT");
        tables.committed();
        ProblemList problems = new ProblemList();
        new SearchCheck(connection, problems, Migrations.ours().latest()).run();
        assertThat(problems.all())
            .as("round " + round)
            .noneMatch(each -> each.contains("last time"));
      }
      assertThat(DatabaseFile.number(connection, "SELECT count(*) FROM search"))
          .isEqualTo(stored.size());
    }
  }

  @Test
  void aWrongTimeIsFoundByACheck() throws Exception {
    try (SqliteEventStore store = open()) {
      add(store, ADDRESS, 1, 2, 3);
      add(store, "203.0.113.2", 4, 5);
    }
    try (Connection connection = new DatabaseFile(file()).openAsItIs()) {
      DatabaseFile.run(connection, "UPDATE indicator SET last_time = last_time + 1 WHERE ref = 2");
    }
    assertThat(ProblemList.of(file()))
        .containsExactly("the first or last time of 1 indicators is wrong");
  }

  // ---- pages

  private static Comparator<IndicatorView> byLastSeen(SortOrder order) {
    Comparator<IndicatorView> up = Comparator.comparing(IndicatorView::lastSeen);
    return order == SortOrder.ASC ? up : up.reversed();
  }

  private static IndicatorPage page(
      SqliteEventStore store, SortOrder order, String text, int limit, Optional<String> cursor) {
    return store
        .search()
        .indicators(IndicatorSort.LAST_SEEN, order, Optional.of(text), limit, cursor);
  }

  private interface Meanwhile {
    void happens() throws Exception;
  }

  private static List<IndicatorView> all(
      SqliteEventStore store, SortOrder order, String text, int limit, Meanwhile meanwhile)
      throws Exception {
    List<IndicatorView> found = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      IndicatorPage page = page(store, order, text, limit, cursor);
      found.addAll(page.indicators());
      cursor = page.next();
      meanwhile.happens();
    } while (cursor.isPresent());
    return found;
  }

  @ParameterizedTest
  @EnumSource(SortOrder.class)
  void pagesOverEqualTimesHaveEachOnceWhileEventsArrive(SortOrder order) throws Exception {
    try (SqliteEventStore store = open()) {
      List<Imported> batch = new ArrayList<>();
      for (int i = 0; i < 240; i++) {
        batch.add(event("10.0.0." + i, start.plusSeconds(i % 3)));
      }
      store.addImported(batch);
      for (int limit : List.of(1, 7, 80, 500)) {
        int[] added = {0};
        List<IndicatorView> found =
            all(
                store,
                order,
                "",
                limit,
                () -> {
                  // New ones of the newest, of an equal and of an older time, and more of an old
                  // one.
                  if (added[0]++ < 5) {
                    for (int second : List.of(9, 1, -9)) {
                      add(store, "10." + limit + "." + added[0] + "." + (second + 9), second);
                    }
                    add(store, "10.0.0.5", -20);
                  }
                });
        assertThat(found).extracting(IndicatorView::value).doesNotHaveDuplicates();
        assertThat(found).isSortedAccordingTo(byLastSeen(order));
        assertThat(found.stream().filter(each -> each.value().startsWith("10.0.0."))).hasSize(240);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SortOrder.class)
  void textsAndRangesOfManyIndicatorsAreFoundByLastSeen(SortOrder order) throws Exception {
    try (SqliteEventStore store = open()) {
      for (int i = 0; i < 7; i++) {
        List<Imported> batch = new ArrayList<>();
        for (int j = 0; j < 1_000; j++) {
          batch.add(
              event(
                  "10." + i + "." + j / 250 + "." + j % 250,
                  start.plusMillis(random.nextInt(3_000))));
        }
        store.addImported(batch);
      }
      List<IndicatorView> every = all(store, order, "", 500, () -> {});
      assertThat(every).hasSize(7_000).isSortedAccordingTo(byLastSeen(order));
      assertFinds(store, order, "10.0.0.0/8", every, each -> true);
      assertFinds(store, order, "10.4.0.0/14", every, each -> each.matches("10\\.[456]\\..*"));
      assertFinds(store, order, "10.3.", every, each -> each.startsWith("10.3."));
      assertFinds(store, order, "33", every, each -> each.contains("33"));
      assertFinds(store, order, "none", every, each -> false);
    }
  }

  private static void assertFinds(
      SqliteEventStore store,
      SortOrder order,
      String text,
      List<IndicatorView> every,
      Predicate<String> meant)
      throws Exception {
    assertThat(all(store, order, text, 300, () -> {}))
        .isEqualTo(every.stream().filter(each -> meant.test(each.value())).toList());
  }
}
