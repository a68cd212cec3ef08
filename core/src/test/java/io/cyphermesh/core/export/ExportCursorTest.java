package io.cyphermesh.core.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.ExportBatch;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.core.export.ExportSettings.From;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.ExportPosition;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCursorTest {
  private static final TestReporter REPORTER = TestReporter.create();
  private static final String OWNER = "webhook/io.example.Webhook";

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock("2026-11-22T10:00:00Z");
  private Optional<EventStore> opened = Optional.empty();

  @BeforeEach
  void open() throws IOException {
    opened =
        Optional.of(
            SqliteEventStore.open(
                directory.resolve("events.db"),
                StoreSettings.DEFAULTS,
                (reporter, firstSeen, now) -> true,
                clock));
  }

  @AfterEach
  void close() {
    store().close();
  }

  @Test
  void aNewCursorBeginsBehindWhatIsStored() throws Exception {
    report("203.0.113.1");
    ExportCursor cursor = cursor(false);

    assertThat(cursor.next()).isEmpty();

    report("203.0.113.2");
    assertThat(sources(cursor.next())).containsExactly("203.0.113.2");
  }

  @Test
  void aCursorFromTheStartGetsWhatIsStoredAlready() throws Exception {
    report("203.0.113.1");

    assertThat(sources(cursor(true).next())).containsExactly("203.0.113.1");
  }

  @Test
  void theSameBatchComesUntilItIsDelivered() throws Exception {
    ExportCursor cursor = cursor(true);
    report("203.0.113.1");
    Optional<ExportBatch> first = cursor.next();
    report("203.0.113.2");

    assertThat(cursor.next()).isEqualTo(first);

    cursor.delivered();
    assertThat(sources(cursor.next())).containsExactly("203.0.113.2");
  }

  @Test
  void batchesAreBoundedAndInOrder() throws Exception {
    ExportCursor cursor = cursor(true);
    for (int i = 0; i < 7; i++) {
      report("203.0.113." + i);
    }

    List<Integer> sizes = new ArrayList<>();
    List<String> sources = new ArrayList<>();
    for (Optional<ExportBatch> batch = cursor.next(); batch.isPresent(); batch = cursor.next()) {
      sizes.add(batch.get().events().size());
      sources.addAll(sources(batch));
      cursor.delivered();
    }

    assertThat(sizes).containsExactly(3, 3, 1);
    assertThat(sources).hasSize(7).isSorted();
  }

  @Test
  void aRestartGoesOnBehindTheLastDeliveredBatch() throws Exception {
    ExportCursor cursor = cursor(true);
    report("203.0.113.1");
    cursor.next();
    cursor.delivered();
    report("203.0.113.2");
    cursor.next();
    store().close();

    open();

    assertThat(sources(cursor(true).next())).containsExactly("203.0.113.2");
  }

  @Test
  void redIsNeverExportedAndAmberOnlyWhereConfigured() throws Exception {
    ExportCursor usual = cursor(true);
    ExportCursor trusted =
        ExportCursor.open(
            store(),
            "trusted",
            new ExportSettings(From.START, 10, true, Severity.LOW, List.of(), List.of(), false),
            clock);
    report("203.0.113.1", "{\"tlp\": \"red\"}");
    report("203.0.113.2", "{\"tlp\": \"amber\"}");
    report("203.0.113.3", "{\"tlp\": \"green\"}");

    assertThat(sources(usual.next())).containsExactly("203.0.113.3");
    assertThat(sources(trusted.next())).containsExactly("203.0.113.2", "203.0.113.3");
  }

  @Test
  void onlyWhatIsAskedForIsExported() throws Exception {
    // Each of these is an ssh-bruteforce of high severity.
    assertThat(exported(Severity.HIGH, List.of("ssh-*"), List.of())).isEqualTo(1);
    assertThat(exported(Severity.HIGH, List.of("ssh-bruteforce"), List.of())).isEqualTo(1);
    assertThat(exported(Severity.CRITICAL, List.of(), List.of())).isZero();
    assertThat(exported(Severity.LOW, List.of("ssh"), List.of())).isZero();
    assertThat(exported(Severity.LOW, List.of(), List.of("ssh-bruteforce"))).isZero();
  }

  private int exported(Severity least, List<String> types, List<String> excluded)
      throws InterruptedException {
    ExportCursor cursor =
        ExportCursor.open(
            store(),
            least + "/" + types + "/" + excluded,
            new ExportSettings(From.END, 10, false, least, types, excluded, true),
            clock);
    clock.advance(Duration.ofSeconds(1));
    report("203.0.113.9");
    return cursor.next().map(batch -> batch.events().size()).orElse(0);
  }

  @Test
  void theCursorPassesEventsThatMayNotBeExported() throws Exception {
    ExportCursor cursor = cursor(true);
    for (int i = 0; i < 5; i++) {
      report("203.0.113." + i, "{\"tlp\": \"red\"}");
    }

    assertThat(cursor.next()).isEmpty();

    assertThat(cursor.lag().backlog().events()).isZero();
  }

  @Test
  void theLagTellsHowManyEventsAndSinceWhen() throws Exception {
    ExportCursor cursor = cursor(false);
    assertThat(cursor.lag().backlog().oldest()).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    report("203.0.113.1");
    clock.advance(Duration.ofSeconds(40));
    report("203.0.113.2");

    EventStore.Backlog backlog = cursor.lag().backlog();

    assertThat(backlog.events()).isEqualTo(2);
    assertThat(backlog.oldest()).contains(clock.instant().minusSeconds(40));
  }

  @Test
  void theLagIsCountedOnceASecond() throws Exception {
    ExportCursor cursor = cursor(false);
    report("203.0.113.1");
    assertThat(cursor.lag().backlog().events()).isEqualTo(1);
    report("203.0.113.2");

    clock.advance(ExportCursor.RECOUNT.minusMillis(1));
    assertThat(cursor.lag().backlog().events()).isEqualTo(1);

    clock.advance(Duration.ofMillis(1));
    assertThat(cursor.lag().backlog().events()).isEqualTo(2);
  }

  @Test
  void aClockThatIsSetBackDoesNotStopTheCounting() throws Exception {
    ExportCursor cursor = cursor(false);
    assertThat(cursor.lag().backlog().events()).isZero();
    report("203.0.113.1");

    clock.advance(Duration.ofHours(-1));

    assertThat(cursor.lag().backlog().events()).isEqualTo(1);
  }

  @Test
  void eventsDeletedBeforeTheirDeliveryAreCountedAsLost() throws Exception {
    ExportCursor cursor = cursor(true);
    report("203.0.113.1");
    cursor.next();
    cursor.delivered();
    report("203.0.113.2");
    report("203.0.113.3");
    clock.advance(Duration.ofDays(31));

    await().until(() -> store().counts().stored() == 0);
    assertThat(cursor.lag().lost()).isEqualTo(2);
    assertThat(cursor.next()).isEmpty();
    report("203.0.113.4");
    assertThat(cursor.next().orElseThrow().lost()).isEqualTo(2);
    assertThat(store().exportPosition(OWNER)).map(ExportPosition::lost).contains(2L);
  }

  @Test
  void whatIsExportedCanBeVerifiedByItsReceiver() throws Exception {
    ExportCursor cursor = cursor(true);
    SignedEvent event = report("203.0.113.1", "{\"count\": 5}");

    ThreatEvent exported = cursor.next().orElseThrow().events().getFirst();

    assertThat(exported.signedJson()).isEqualTo(event.canonical());
    assertThat(exported.id()).isEqualTo(event.claimedId());
    assertThat(exported.detailsJson()).contains("{\"count\": 5}");
    assertThat(exported.local()).isTrue();
  }

  private EventStore store() {
    return opened.orElseThrow();
  }

  private ExportCursor cursor(boolean fromStart) throws InterruptedException {
    return ExportCursor.open(
        store(),
        OWNER,
        new ExportSettings(
            fromStart ? From.START : From.END, 3, false, Severity.LOW, List.of(), List.of(), false),
        clock);
  }

  private SignedEvent report(String source) throws InterruptedException {
    return store(REPORTER.event(source, clock.instant()));
  }

  private SignedEvent report(String source, String details) throws InterruptedException {
    return store(REPORTER.event(source, clock.instant(), details));
  }

  private SignedEvent store(SignedEvent event) throws InterruptedException {
    store().addLocal(List.of(event), Optional.empty());
    return event;
  }

  private static List<String> sources(Optional<ExportBatch> batch) {
    return batch.orElseThrow().events().stream().map(ThreatEvent::sourceIp).toList();
  }
}
