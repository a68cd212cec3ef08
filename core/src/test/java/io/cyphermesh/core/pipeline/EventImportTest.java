package io.cyphermesh.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.identity.OriginalKeys;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventImportTest {
  private static final String DETAILS = "{\"count\": 12, \"tlp\": \"clear\"}";
  private static TestReporter self;
  private static TestReporter other;

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final ExecutorService verifiers = Executors.newFixedThreadPool(2);
  private final List<StoredEvent> told = new ArrayList<>();
  private EventStore store;
  private Reputation reputation;
  private EventImport imports;

  @BeforeAll
  static void makeReporters() {
    self = TestReporter.create();
    other = TestReporter.create();
  }

  @BeforeEach
  void start() throws IOException {
    store =
        SqliteEventStore.open(
            directory.resolve("events.db"),
            StoreSettings.DEFAULTS,
            (reporter, firstSeen, now) -> false,
            clock);
    reputation = new Reputation(store, clock, changed -> {}, turned -> {});
    imports =
        new EventImport(
            new Pipeline(
                new EventVerifier(Rsa.fastest()),
                new OriginalVerifier(new OriginalKeys()),
                store,
                reputation::ignored,
                Duration.ofDays(30),
                clock),
            store,
            Optional.of(self.id()),
            verifiers,
            told::add);
  }

  @AfterEach
  void stop() {
    verifiers.shutdownNow();
    store.close();
  }

  private ImportedEvents take(SignedEvent... events) throws Exception {
    List<JsonObject> all = new ArrayList<>();
    for (SignedEvent event : events) {
      all.add(StrictJson.object(event.canonical()));
    }
    return imports.take(all);
  }

  @Test
  void whatIsNewIsStoredAndToldOnceWhateverTheReportersRate() throws Exception {
    SignedEvent first = other.event("203.0.113.1", clock.instant(), DETAILS);
    SignedEvent second = other.event("203.0.113.2", clock.instant());

    assertThat(take(first, second, first)).isEqualTo(new ImportedEvents(2, 1, List.of()));
    assertThat(take(first, second)).isEqualTo(new ImportedEvents(0, 2, List.of()));
    assertThat(told)
        .extracting(event -> event.event().claimedId().hex())
        .containsExactly(first.claimedId().hex(), second.claimedId().hex());
    assertThat(told).noneMatch(StoredEvent::local);
  }

  @Test
  void nobodysScoreChanges() throws Exception {
    SignedEvent good = other.event("203.0.113.1", clock.instant());
    take(good, TestReporter.forged(other.event("203.0.113.2", clock.instant())));

    assertThat(store.peers(10))
        .singleElement()
        .satisfies(
            standing -> {
              assertThat(standing.peer()).isEqualTo(other.peer());
              assertThat(standing.score()).isZero();
              assertThat(standing.valid()).isZero();
              assertThat(standing.invalid()).isZero();
            });
  }

  @Test
  void whatIsNotRightIsRefusedWithTheReasonAndThePlace() throws Exception {
    SignedEvent forged = TestReporter.forged(other.event("203.0.113.2", clock.instant()));
    SignedEvent old = other.event("203.0.113.3", clock.instant().minus(Duration.ofDays(31)));
    JsonObject shapeless = new JsonObject();
    shapeless.addProperty("id", "none");

    ImportedEvents done =
        imports.take(
            List.of(
                StrictJson.object(other.event("203.0.113.1", clock.instant()).canonical()),
                StrictJson.object(forged.canonical()),
                StrictJson.object(old.canonical()),
                shapeless));

    assertThat(done.stored()).isEqualTo(1);
    assertThat(done.refused()).extracting(ImportedEvents.Refused::index).containsExactly(1, 2, 3);
    assertThat(done.refused())
        .extracting(ImportedEvents.Refused::id)
        .containsExactly(forged.claimedId().hex(), old.claimedId().hex(), "none");
    assertThat(done.refused().get(0).reason()).contains("signature");
    assertThat(done.refused().get(1).reason()).contains("retention");
  }

  @Test
  void eventsOfABannedReporterAreRefused() throws Exception {
    reputation.setBanned(other.peer(), true);
    assertThat(take(other.event("203.0.113.1", clock.instant())).refused())
        .singleElement()
        .satisfies(refused -> assertThat(refused.reason()).contains("banned"));
  }

  @Test
  void whatThisNodeOnceReportedIsItsOwnAgain() throws Exception {
    take(self.event("203.0.113.1", clock.instant()), other.event("203.0.113.2", clock.instant()));
    assertThat(store.counts()).isEqualTo(new Counts(2, 1));
  }

  @Test
  void aFullEventTakesThePlaceOfItsBareForm() throws Exception {
    SignedEvent full = other.event("203.0.113.1", clock.instant(), DETAILS);

    assertThat(take(full.withoutDetails()).stored()).isEqualTo(1);
    assertThat(take(full).stored()).isEqualTo(1);
    assertThat(store.newest(10, Long.MAX_VALUE))
        .singleElement()
        .satisfies(stored -> assertThat(stored.bare()).isFalse());
    assertThat(take(full.withoutDetails()).duplicates()).isEqualTo(1);
  }

  @Test
  void aTextOfAnotherFormIsRefusedAsAWhole() {
    for (String text : List.of("", "[]", "{}", "{\"events\": {}}", "{\"events\": [], \"x\": 1}")) {
      assertThatThrownBy(() -> imports.take(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aTextOfTheRightFormIsTaken() throws Exception {
    String event = other.event("203.0.113.1", clock.instant()).canonical();
    assertThat(imports.take("{\"events\": [" + event + ", 7]}"))
        .isEqualTo(
            new ImportedEvents(
                1, 0, List.of(new ImportedEvents.Refused(1, "-", "it is no object"))));
  }
}
