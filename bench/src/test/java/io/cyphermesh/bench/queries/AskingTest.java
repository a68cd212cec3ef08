package io.cyphermesh.bench.queries;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AskingTest {
  @TempDir Path folder;

  @Test
  void everyQuestionIsAnsweredByTheStoreAndOverHttp() throws Exception {
    Path file = folder.resolve("queries.db");
    new BulkDatabase(file, 30_000, Instant.now(), Duration.ofDays(7)).make();
    try (EventStore store =
            SqliteEventStore.open(
                file,
                StoreSettings.DEFAULTS,
                (reporter, first, at) -> true,
                InstantSource.system());
        Asking asking = new Asking(store)) {
      for (Questions.Question question : new Questions(store, 5).all()) {
        question.ask().ifPresent(Runnable::run);
        assertThat(asking.ask(question.path().get())).as(question.name()).isPositive();
      }
    }
  }
}
