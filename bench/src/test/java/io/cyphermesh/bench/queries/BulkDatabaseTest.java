package io.cyphermesh.bench.queries;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.IpRange;
import io.cyphermesh.core.store.DatabaseCare;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.DatabaseCheck;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.view.EventFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured is a database as a node's. */
class BulkDatabaseTest {
  private static final Instant END = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir Path folder;

  @Test
  void itHoldsWhatTheStoreWouldHaveWritten() throws Exception {
    Path file = folder.resolve("queries.db");
    new BulkDatabase(file, 30_000, END, Duration.ofDays(7)).make();
    List<String> problems = new ArrayList<>();
    new DatabaseCheck(
            file,
            (event, bare) -> Optional.empty(),
            1,
            new DatabaseCare.Watcher() {
              @Override
              public void reading() {}

              @Override
              public void checked(long done, long total) {}

              @Override
              public void problem(DatabaseCare.Problem problem) {
                problems.add(problem.what());
              }
            })
        .runWithoutEvents();
    assertThat(problems).isEmpty();
    try (SqliteEventStore store =
        SqliteEventStore.open(
            file,
            StoreSettings.DEFAULTS,
            (reporter, first, at) -> true,
            InstantSource.fixed(END))) {
      assertThat(store.counts().stored()).isEqualTo(30_000);
      for (StoredEvent event : store.newest(50, Long.MAX_VALUE)) {
        String source = event.event().sourceIp();
        assertThat(
                store
                    .search()
                    .search(
                        EventFilter.ALL.withAddress(IpRange.parse(source)), 500, event.seq() + 1)
                    .events()
                    .getFirst()
                    .seq())
            .isEqualTo(event.seq());
        assertThat(store.search().indicator(source).orElseThrow().value()).isEqualTo(source);
      }
    }
  }
}
