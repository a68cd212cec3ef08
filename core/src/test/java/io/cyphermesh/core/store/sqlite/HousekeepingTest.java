package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Arrival;
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.EventStore.Deleted;
import io.cyphermesh.core.store.EventStore.Imported;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HousekeepingTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final TestEvents events = new TestEvents(new Random(11));
  private final ReporterKey early = events.reporter();
  private final ReporterKey late = events.reporter();
  private final ReporterKey ourselves = events.reporter();
  private Optional<SqliteEventStore> opened = Optional.empty();

  @AfterEach
  void close() {
    opened.ifPresent(SqliteEventStore::close);
  }

  @Test
  void eventsBeyondTheRetentionHorizonAreDeleted() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS);
    SignedEvent old = events.plain(early, "203.0.113.1", clock.instant());
    add(store, List.of(old));
    addMany(store, early, 1_700, clock.instant().plusSeconds(1));
    clock.advance(Duration.ofDays(29));
    SignedEvent fresh = events.plain(late, "203.0.113.2", clock.instant());
    store.addLocal(List.of(fresh), Optional.empty());

    clock.advance(Duration.ofDays(2));

    await().until(() -> store.counts().equals(new Counts(1, 1)));
    assertThat(store.contains(old.claimedId())).isFalse();
    assertThat(store.newest(10, Long.MAX_VALUE))
        .extracting(stored -> stored.event().claimedId())
        .containsExactly(fresh.claimedId());
  }

  @Test
  void fullEventsThatWereDeletedAreTold() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS);
    Queue<Deleted> told = new ConcurrentLinkedQueue<>();
    store.onDeleted(told::addAll);
    SignedEvent old = events.plain(early, "203.0.113.1", clock.instant());
    SignedEvent bare = events.detailed(early, "203.0.113.2", clock.instant()).withoutDetails();
    store.addImported(List.of(new Imported(old, false, false), new Imported(bare, true, false)));
    long time = clock.instant().toEpochMilli();
    clock.advance(Duration.ofDays(31));

    await().until(() -> !told.isEmpty() && store.counts().stored() == 0);
    assertThat(told).containsExactly(new Deleted(time, old.claimedId()));
  }

  @Test
  void whatIsDeletedForTheSizeLimitIsToldToo() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS.withMaxBytes(2 * MIB));
    AtomicInteger told = new AtomicInteger();
    store.onDeleted(deleted -> told.addAndGet(deleted.size()));
    addMany(store, early, 6_000, clock.instant());
    clock.advance(Duration.ofMinutes(2));
    await().until(() -> told.get() > 0);
    awaitRest(store);
    assertThat(told.get() + store.counts().stored()).isEqualTo(6_000);
  }

  @Test
  void aListenerThatFailsHurtsNobody() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS);
    store.onDeleted(
        deleted -> {
          throw new IllegalStateException("not my day");
        });
    add(store, List.of(events.plain(early, "203.0.113.1", clock.instant())));
    clock.advance(Duration.ofDays(31));
    await().until(() -> store.counts().stored() == 0);
    add(store, List.of(events.plain(early, "203.0.113.2", clock.instant())));
    assertThat(store.counts().stored()).isEqualTo(1);
  }

  @Test
  void aPeerOfWhichNothingIsLeftIsForgotten() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS);
    add(store, List.of(events.plain(early, "203.0.113.1", clock.instant())));
    store.setBanned(new PeerId.Node(late.nodeId()), true);

    clock.advance(Duration.ofDays(32));

    await().until(() -> !known(store).contains(early.nodeId()));
    assertThat(known(store)).as("a ban is not forgotten").contains(late.nodeId());
    SignedEvent again = events.plain(early, "203.0.113.3", clock.instant());
    add(store, List.of(again));
    assertThat(store.find(again.claimedId()).orElseThrow().event().reporter()).isEqualTo(early);
  }

  @Test
  void withAPeerGoesWhatCatchUpKeptOfIt() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS);
    add(store, List.of(events.plain(early, "203.0.113.1", clock.instant())));
    store.setBanned(new PeerId.Node(late.nodeId()), true);
    String forgotten = "peer:" + early.nodeId().hex();
    String kept = "peer:" + late.nodeId().hex();
    String orphan = "peer:" + "a".repeat(64);
    String detector = "peer:" + "z".repeat(64);
    for (String owner : List.of(forgotten, kept, orphan, detector)) {
      store.saveCheckpoint(new CheckpointWrite(owner, new byte[8]));
    }
    store.addLocal(List.of(), Optional.empty());

    clock.advance(Duration.ofDays(32));

    await()
        .until(() -> store.checkpoint(forgotten).isEmpty() && store.checkpoint(orphan).isEmpty());
    assertThat(store.checkpoint(kept)).isPresent();
    assertThat(store.checkpoint(detector)).isPresent();
  }

  @Test
  void beyondTheSizeLimitTheNewestReportersLoseTheirOldestEventsFirst() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS.withMaxBytes(4 * MIB));
    addMany(store, early, 2_000, clock.instant());
    store.addLocal(
        List.of(events.plain(ourselves, "192.0.2.1", clock.instant())), Optional.empty());
    clock.advance(Duration.ofSeconds(1));
    addMany(store, late, 12_000, clock.instant());
    long before = store.counts().stored();

    clock.advance(Duration.ofMinutes(2));

    await().until(() -> store.counts().stored() < before);
    awaitRest(store);
    List<StoredEvent> left = store.after(0, 20_000);
    assertThat(left).filteredOn(e -> e.event().reporter().equals(early)).hasSize(2_000);
    assertThat(left).filteredOn(StoredEvent::local).hasSize(1);
    List<Long> ofLate =
        left.stream().filter(e -> e.event().reporter().equals(late)).map(StoredEvent::seq).toList();
    assertThat(ofLate).hasSizeBetween(1_000, 11_000);
    assertThat(ofLate.getLast()).as("the newest stay").isEqualTo(14_001);
    assertThat(store.counts().stored()).isEqualTo(left.size());
  }

  @Test
  void ourOwnEventsGoOnlyWhenNoOthersAreLeft() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS.withMaxBytes(2 * MIB));
    addMany(store, early, 1_000, clock.instant());
    for (int i = 0; i < 8; i++) {
      Instant time = clock.instant().plusMillis(i);
      store.addLocal(
          IntStream.range(0, 1_000)
              .mapToObj(n -> events.plain(ourselves, "192.0.2." + n, time))
              .toList(),
          Optional.empty());
    }

    clock.advance(Duration.ofMinutes(2));

    await().until(() -> store.counts().stored() < 8_000);
    awaitRest(store);
    assertThat(store.counts().local()).isEqualTo(store.counts().stored()).isBetween(1_000L, 7_000L);
  }

  @Test
  void theFileShrinksWhenMuchOfItIsFree() throws Exception {
    SqliteEventStore store = open(StoreSettings.DEFAULTS);
    addMany(store, early, 15_000, clock.instant());
    store.close();
    Path file = directory.resolve("events.db");
    long before = Files.size(file);
    clock.advance(Duration.ofDays(31));

    SqliteEventStore again = open(StoreSettings.DEFAULTS);
    await().atMost(Duration.ofSeconds(60)).until(() -> again.counts().stored() == 0);
    try (Connection reading = new DatabaseFile(file).openForReading(Migrations.ours())) {
      await().until(() -> DatabaseFile.number(reading, "PRAGMA freelist_count") < 1024);
    }
    again.close();

    assertThat(Files.size(file)).isLessThan(before);
  }

  private static List<NodeId> known(SqliteEventStore store) {
    return store.peers(100).stream().flatMap(standing -> standing.peer().node().stream()).toList();
  }

  private static void awaitRest(SqliteEventStore store) {
    AtomicReference<Counts> last = new AtomicReference<>(store.counts());
    await()
        .during(Duration.ofMillis(500))
        .until(() -> store.counts().equals(last.getAndSet(store.counts())));
  }

  private SqliteEventStore open(StoreSettings settings) throws IOException {
    SqliteEventStore store =
        SqliteEventStore.open(
            directory.resolve("events.db"), settings, (reporter, firstSeen, now) -> true, clock);
    opened = Optional.of(store);
    return store;
  }

  private void addMany(SqliteEventStore store, ReporterKey reporter, int count, Instant time)
      throws InterruptedException {
    add(
        store,
        IntStream.range(0, count)
            .mapToObj(i -> events.plain(reporter, "198.51.100." + i, time))
            .toList());
  }

  private void add(SqliteEventStore store, List<SignedEvent> all) throws InterruptedException {
    CountDownLatch left = new CountDownLatch(all.size());
    for (SignedEvent event : all) {
      store.add(
          new Arrival(event, false, new PeerId.Node(event.reporter().nodeId())),
          outcome -> left.countDown());
    }
    left.await();
  }
}
