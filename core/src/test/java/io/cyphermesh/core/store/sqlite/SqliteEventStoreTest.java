package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.Aside;
import io.cyphermesh.core.store.EventStore.Arrival;
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.EventStore.Gate;
import io.cyphermesh.core.store.EventStore.Item;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.store.EventStore.KnownAddress.Origin;
import io.cyphermesh.core.store.EventStore.Outcome;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreException;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteEventStoreTest {
  private static final Gate OPEN_GATE = (reporter, firstSeen, now) -> true;

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final TestEvents events = new TestEvents(new Random(7));
  private final ReporterKey alice = events.reporter();
  private final ReporterKey bob = events.reporter();
  private final PeerId carol = peer(events.reporter());
  private Path file = Path.of("events.db");
  private SqliteEventStore store;

  @BeforeEach
  void open() throws IOException {
    file = directory.resolve("events.db");
    store = open(StoreSettings.DEFAULTS, OPEN_GATE);
  }

  @AfterEach
  void close() {
    store.close();
  }

  // ---- events

  @Test
  void aStoredEventIsReadBackAsItWas() throws Exception {
    SignedEvent event = events.detailed(alice, "203.0.113.7", now());

    StoredEvent stored = stored(add(event, false));

    StoredEvent found = store.find(event.claimedId()).orElseThrow();
    assertThat(found.event().canonical()).isEqualTo(event.canonical());
    assertThat(found.event().details()).isEqualTo(event.details());
    assertThat(found.seq()).isEqualTo(stored.seq());
    assertThat(found.deliverer()).contains(carol);
    assertThat(found.receivedAt()).isEqualTo(now());
    assertThat(found.local()).isFalse();
    assertThat(found.bare()).isFalse();
  }

  @Test
  void aTimestampOfVersion1IsKeptAsWritten() throws Exception {
    SignedEvent event = events.event(alice, "203.0.113.7", "2026-11-22 09:59:58", Optional.empty());

    add(event, false);

    assertThat(store.find(event.claimedId()).orElseThrow().event().canonical())
        .isEqualTo(event.canonical());
  }

  @Test
  void aMarkingAndARetractionAreReadBack() throws Exception {
    SignedEvent event =
        events.event(
            alice,
            "198.51.100.1",
            "2026-11-22T09:00:00.001Z",
            Optional.of(
                new SignedEvent.Details(
                    "{\"retracts\": \"" + "a".repeat(64) + "\"}", Optional.empty(), true)));

    add(event, false);

    assertThat(store.find(event.claimedId()).orElseThrow().event().details())
        .isEqualTo(event.details());
  }

  @Test
  void ofTwoCopiesInOneGroupTheFirstIsStored() throws Exception {
    SignedEvent event = events.plain(alice, "203.0.113.7", now());
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();

    try (Pause _ = new Pause()) {
      outcomes.add(queue(event, false));
      outcomes.add(queue(event, false));
    }

    assertThat(outcomes.get(0).get()).isInstanceOf(Outcome.Stored.class);
    assertThat(outcomes.get(1).get()).isInstanceOf(Outcome.Duplicate.class);
    assertThat(store.counts()).isEqualTo(new Counts(1, 0));
    assertThat(standing(peer(alice)).score()).isEqualTo(1);
  }

  @Test
  void whoIsToldIsToldInTheOrderOfTheQueue() throws Exception {
    ConcurrentLinkedQueue<Integer> told = new ConcurrentLinkedQueue<>();
    List<Integer> queued = new ArrayList<>();
    try (Pause _ = new Pause()) {
      for (int i = 0; i < 20; i++) {
        int number = i;
        queued.add(i);
        store.add(
            arrival(events.plain(alice, "203.0.113." + i, now()), false),
            outcome -> told.add(number));
      }
    }
    add(events.plain(alice, "203.0.113.20", now()), false);

    assertThat(told).containsExactlyElementsOf(queued);
  }

  @Test
  void aCallbackThatThrowsHarmsNothing() throws Exception {
    SignedEvent event = events.plain(alice, "203.0.113.7", now());
    store.add(
        arrival(event, false),
        outcome -> {
          throw new IllegalStateException("on purpose");
        });

    assertThat(add(events.plain(bob, "203.0.113.8", now()), false))
        .isInstanceOf(Outcome.Stored.class);
    assertThat(store.contains(event.claimedId())).isTrue();
  }

  @Test
  void aCallbackMayQueueWritesWhileTheQueueIsFull() throws Exception {
    store.close();
    store = open(new StoreSettings(Duration.ofDays(30), 1 << 20, 1, 1, 1), OPEN_GATE);
    CompletableFuture<Standing> punished = new CompletableFuture<>();
    store.add(
        arrival(events.plain(alice, "203.0.113.7", now()), false),
        outcome -> {
          for (int i = 0; i < 5; i++) {
            try {
              store.adjust(carol, Optional.empty(), -3, Optional.empty(), punished::complete);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        });

    assertThat(punished.get().score()).isEqualTo(-3);
    await().until(() -> standing(carol).score() == -15);
  }

  @Test
  void aFullEventTakesThePlaceOfItsBareForm() throws Exception {
    SignedEvent full = events.detailed(alice, "203.0.113.7", now());
    SignedEvent bare = full.withoutDetails();
    StoredEvent first = stored(add(bare, true));
    assertThat(store.find(bare.key(true)).orElseThrow().event().canonical())
        .isEqualTo(bare.canonical());

    StoredEvent second = stored(add(full, false));

    assertThat(second.seq()).isGreaterThan(first.seq());
    assertThat(store.contains(bare.key(true))).isFalse();
    assertThat(store.find(bare.key(true))).isEmpty();
    assertThat(store.newest(10, Long.MAX_VALUE)).hasSize(1);
    assertThat(store.counts()).isEqualTo(new Counts(1, 0));
    assertThat(standing(peer(alice)).score()).as("once per id").isEqualTo(1);
  }

  @Test
  void aBareFormOfAStoredFullEventIsADuplicate() throws Exception {
    SignedEvent full = events.detailed(alice, "203.0.113.7", now());
    SignedEvent bare = full.withoutDetails();
    assertThat(store.containsFullFormOf(bare)).isFalse();
    add(full, false);

    assertThat(store.containsFullFormOf(bare)).isTrue();
    assertThat(add(bare, true)).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void aBareEventUnderAStrangersIdIsAnEventOfItsOwn() throws Exception {
    SignedEvent full = events.detailed(alice, "203.0.113.7", now());
    SignedEvent squatter = events.plain(bob, "203.0.113.7", now()).withId(full.claimedId());
    assertThat(add(squatter, true)).isInstanceOf(Outcome.Stored.class);

    assertThat(add(full, false)).isInstanceOf(Outcome.Stored.class);

    assertThat(store.containsFullFormOf(squatter)).isFalse();
    assertThat(store.counts()).isEqualTo(new Counts(2, 0));
  }

  @Test
  void theGateIsAskedOnlyForWhatWouldBeStored() throws Exception {
    store.close();
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<Instant> metAt = new AtomicReference<>();
    store =
        open(
            StoreSettings.DEFAULTS,
            (reporter, firstSeen, now) -> {
              metAt.set(firstSeen);
              return asked.incrementAndGet() < 3;
            });
    Instant first = now();
    SignedEvent event = events.plain(alice, "203.0.113.7", now());

    add(event, false);
    assertThat(metAt).hasValue(first);
    clock.advance(Duration.ofMinutes(1));
    assertThat(add(event, false)).isInstanceOf(Outcome.Duplicate.class);
    assertThat(asked).hasValue(1);
    add(events.plain(alice, "203.0.113.8", now()), false);
    assertThat(metAt).hasValue(first);

    assertThat(add(events.plain(alice, "203.0.113.9", now()), false))
        .isEqualTo(new Outcome.Ignored("the reporter's rate is exceeded", Aside.MOMENT));
    assertThat(store.counts().stored()).isEqualTo(2);
  }

  @Test
  void theGateIsToldTheOwnTimeOfALateEvent() throws Exception {
    store.close();
    AtomicReference<Instant> time = new AtomicReference<>();
    store =
        open(
            StoreSettings.DEFAULTS,
            new Gate() {
              @Override
              public boolean admits(NodeId reporter, Instant firstSeen, Instant now) {
                return true;
              }

              @Override
              public boolean admitsLate(
                  NodeId reporter, Instant firstSeen, Instant eventTime, Instant now) {
                return time.getAndSet(eventTime) == null;
              }
            });
    Instant yesterday = now().minus(Duration.ofDays(1));
    assertThat(addLate(events.plain(alice, "203.0.113.7", yesterday)))
        .isInstanceOf(Outcome.Stored.class);
    assertThat(time).hasValue(yesterday);
    assertThat(addLate(events.plain(alice, "203.0.113.8", yesterday)))
        .isEqualTo(new Outcome.Ignored("more late events than are taken", Aside.MOMENT));
  }

  private Outcome addLate(SignedEvent event) throws Exception {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    store.add(new Arrival(event, false, carol, true), outcome::complete);
    return outcome.get();
  }

  @Test
  void severalEventsAreFoundInTheOrderOfTheirKeys() throws Exception {
    StoredEvent first = stored(add(events.plain(alice, "203.0.113.1", now()), false));
    StoredEvent second = stored(add(events.detailed(alice, "203.0.113.2", now()), false));
    EventId missing = new EventId("0".repeat(64));
    assertThat(store.find(List.of(second.key(), missing, first.key())))
        .extracting(StoredEvent::seq)
        .containsExactly(second.seq(), first.seq());
    assertThat(store.find(List.of())).isEmpty();
  }

  @Test
  void itemsAreTheFullEventsThatAreClearOrGreen() throws Exception {
    Instant time = now().minusMillis(1_234);
    SignedEvent clear = events.plain(alice, "203.0.113.1", time);
    SignedEvent green = events.detailed(alice, "203.0.113.2", now());
    SignedEvent amber = marked("amber");
    SignedEvent stated = marked("clear");
    SignedEvent bare = events.detailed(alice, "203.0.113.4", now()).withoutDetails();
    for (SignedEvent event : List.of(clear, amber, green, marked("red"), stated)) {
      add(event, false);
    }
    add(bare, true);
    List<Item> items = store.items(0, 100);
    assertThat(items)
        .extracting(Item::key)
        .containsExactly(clear.claimedId(), green.claimedId(), stated.claimedId());
    assertThat(items.getFirst().timeMillis()).isEqualTo(time.toEpochMilli());
    assertThat(store.items(0, 1)).containsExactly(items.getFirst());
    assertThat(store.items(items.getFirst().seq(), 100)).isEqualTo(items.subList(1, 3));
    assertThat(store.items(items.getLast().seq(), 100)).isEmpty();
  }

  private SignedEvent marked(String tlp) {
    return events.event(
        alice,
        "203.0.113.3",
        EventTime.format(now()),
        Optional.of(
            new SignedEvent.Details("{\"tlp\": \"" + tlp + "\"}", Optional.of(tlp), false)));
  }

  @Test
  void whatABannedPeerReportsOrDeliversIsIgnored() throws Exception {
    store.setBanned(peer(alice), true);
    assertThat(add(events.plain(alice, "203.0.113.7", now()), false))
        .isEqualTo(new Outcome.Ignored("the reporter is banned", Aside.EVENT));

    store.setBanned(carol, true);
    assertThat(add(events.plain(bob, "203.0.113.7", now()), false))
        .isEqualTo(new Outcome.Ignored("the deliverer is banned", Aside.DELIVERY));
    assertThat(store.counts().stored()).isZero();
  }

  @Test
  void aPassingBlockPasses() throws Exception {
    adjust(carol, 0, Optional.of(now().plusSeconds(3600)));
    SignedEvent event = events.plain(bob, "203.0.113.7", now());
    assertThat(add(event, false)).isInstanceOf(Outcome.Ignored.class);
    assertThat(store.bannedOrBlocked(now())).extracting(Standing::peer).containsExactly(carol);

    clock.advance(Duration.ofHours(1));

    assertThat(store.bannedOrBlocked(now())).isEmpty();
    assertThat(add(event, false)).isInstanceOf(Outcome.Stored.class);
  }

  // ---- our own events

  @Test
  void aLocalEventCommitsWithItsCheckpoint() throws Exception {
    SignedEvent event = events.detailed(alice, "203.0.113.7", now());

    List<StoredEvent> stored =
        store.addLocal(List.of(event), Optional.of(new CheckpointWrite("d", utf8("line 7"))));

    assertThat(stored).hasSize(1);
    assertThat(stored.getFirst().local()).isTrue();
    assertThat(stored.getFirst().deliverer()).isEmpty();
    assertThat(store.checkpoint("d").orElseThrow()).isEqualTo(utf8("line 7"));
    assertThat(store.counts()).isEqualTo(new Counts(1, 1));
    assertThat(standing(peer(alice)).score()).isEqualTo(1);
  }

  @Test
  void aLocalEventThatIsThereAlreadyIsLeftOutOfTheAnswer() throws Exception {
    SignedEvent event = events.detailed(alice, "203.0.113.7", now());
    store.addLocal(List.of(event), Optional.empty());

    assertThat(
            store.addLocal(List.of(event), Optional.of(new CheckpointWrite("d", utf8("line 8")))))
        .isEmpty();
    assertThat(store.checkpoint("d").orElseThrow()).isEqualTo(utf8("line 8"));
  }

  @Test
  void aCheckpointAloneIsSavedAndReplaced() throws Exception {
    store.saveCheckpoint(new CheckpointWrite("d", utf8("1")));
    store.saveCheckpoint(new CheckpointWrite("d", utf8("2")));
    store.close();
    store = open(StoreSettings.DEFAULTS, OPEN_GATE);

    assertThat(store.checkpoint("d").orElseThrow()).isEqualTo(utf8("2"));
    assertThat(store.checkpoint("other")).isEmpty();
  }

  // ---- failures

  @Test
  void aFailingWriteDoesNotLoseTheRestOfItsGroup() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    store.close();
    store =
        open(
            StoreSettings.DEFAULTS,
            (reporter, firstSeen, now) -> {
              asked.incrementAndGet();
              return true;
            });
    CompletableFuture<Outcome> before;
    CompletableFuture<Outcome> after;
    FailingWrite failing = new FailingWrite();
    try (Pause _ = new Pause()) {
      before = queue(events.plain(alice, "203.0.113.7", now()), false);
      store.queue(failing);
      after = queue(events.plain(bob, "203.0.113.8", now()), false);
    }

    assertThat(before.get()).isInstanceOf(Outcome.Stored.class);
    assertThat(after.get()).isInstanceOf(Outcome.Stored.class);
    assertThat(failing.failure.get()).hasMessageContaining("on purpose");
    assertThat(store.after(0, 10)).extracting(StoredEvent::seq).containsExactly(1L, 2L);
    assertThat(standing(peer(alice)).score()).isEqualTo(1);
    assertThat(asked).as("the gate counts each event once").hasValue(2);
  }

  @Test
  void aFullDiskFailsWritesAndTheWriterGoesOn() throws Exception {
    store.queue(new Pragma("max_page_count = 1"));
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      outcomes.add(queue(events.plain(alice, "203.0.113." + i, now()), false));
    }
    assertThat(outcomes.getLast().get())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).contains("no space left", file.toString()));
    assertThatThrownBy(
            () ->
                store.addLocal(
                    List.of(events.detailed(alice, "192.0.2.1", now())),
                    Optional.of(new CheckpointWrite("d", new byte[100_000]))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("no space left");
    long kept = store.counts().stored();
    assertThat(store.newest(1000, Long.MAX_VALUE)).hasSize((int) kept);

    store.queue(new Pragma("max_page_count = 1000000"));

    assertThat(add(events.plain(bob, "192.0.2.2", now()), false))
        .isInstanceOf(Outcome.Stored.class);
    assertThat(store.counts().stored()).isEqualTo(kept + 1);
    assertThat(standing(peer(alice)).score()).isEqualTo(kept);
  }

  @Test
  void aBusyDatabaseFailsAGroupAtOnceNotEachOfIt() throws Exception {
    store.addLocal(List.of(), Optional.empty());
    store.queue(new Pragma("busy_timeout = 500"));
    store.addLocal(List.of(), Optional.empty());
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      DatabaseFile.run(other, "PRAGMA busy_timeout = 10000");
      DatabaseFile.run(other, "BEGIN IMMEDIATE");
      for (int i = 0; i < 100; i++) {
        outcomes.add(queue(events.plain(alice, "203.0.113." + i, now()), false));
      }
      // One by one it would be 50 s.
      assertThat(outcomes.getLast().get(20, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              failed -> assertThat(failed.reason()).contains("in use by another program"));
      DatabaseFile.run(other, "ROLLBACK");
    }
    assertThat(outcomes).allMatch(CompletableFuture::isDone);
    assertThat(add(events.plain(bob, "192.0.2.2", now()), false))
        .isInstanceOf(Outcome.Stored.class);
  }

  @Test
  void anErrorInTheWriterIsToldToAllWhoWaitAndComeLater() throws Exception {
    CompletableFuture<Outcome> before;
    CompletableFuture<Outcome> after;
    try (Pause _ = new Pause()) {
      before = queue(events.plain(alice, "203.0.113.7", now()), false);
      // The first makes the group be written one by one.
      store.queue(new FailingWrite());
      store.queue(new ErroneousWrite());
      after = queue(events.plain(bob, "203.0.113.8", now()), false);
    }

    assertThat(before.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Stored.class);
    assertThat(after.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).startsWith("the store has failed: "));
    assertThatThrownBy(() -> store.addLocal(List.of(), Optional.empty()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the store has failed: ")
        .hasMessageContaining("on purpose");
  }

  @Test
  void anErrorOfACallbackKeepsNobodyWaiting() throws Exception {
    CompletableFuture<Outcome> after;
    try (Pause _ = new Pause()) {
      store.add(
          arrival(events.plain(alice, "203.0.113.7", now()), false),
          outcome -> {
            throw new StackOverflowError("on purpose");
          });
      after = queue(events.plain(bob, "203.0.113.8", now()), false);
    }

    assertThat(after.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Stored.class);
  }

  // ---- scores

  @Test
  void theFourthInvalidEventBans() throws Exception {
    adjust(carol, -3, Optional.empty());
    adjust(carol, -3, Optional.empty());
    Standing third = adjust(carol, -3, Optional.empty());
    assertThat(third.score()).isEqualTo(-9);
    assertThat(third.banned()).isFalse();

    Standing fourth = adjust(carol, -3, Optional.empty());

    assertThat(fourth.score()).isEqualTo(-12);
    assertThat(fourth.banned()).isTrue();
    assertThat(fourth.invalid()).isEqualTo(4);
    assertThat(store.bannedOrBlocked(now())).extracting(Standing::peer).containsExactly(carol);
  }

  @Test
  void aScoreOfMinusTenDoesNotBan() throws Exception {
    assertThat(adjust(carol, -10, Optional.empty()).banned()).isFalse();
    assertThat(adjust(carol, -1, Optional.empty()).banned()).isTrue();
  }

  @Test
  void aBanStaysUntilLifted() throws Exception {
    adjust(carol, -12, Optional.empty());
    assertThat(adjust(carol, 20, Optional.empty()).banned()).isTrue();
    adjust(carol, -30, Optional.empty());

    Standing lifted = store.setBanned(carol, false);

    assertThat(lifted.banned()).isFalse();
    assertThat(lifted.score()).isZero();
    assertThat(standing(carol)).isEqualTo(lifted);
  }

  @Test
  void scoresAndBansOutliveARestart() throws Exception {
    add(events.plain(alice, "203.0.113.7", now()), false);
    adjust(carol, -12, Optional.of(now().plusSeconds(60)));
    Standing before = standing(carol);
    store.close();
    store = open(StoreSettings.DEFAULTS, OPEN_GATE);

    assertThat(standing(carol)).isEqualTo(before);
    assertThat(standing(peer(alice)).valid()).isEqualTo(1);
    assertThat(store.peers(10)).extracting(Standing::peer).doesNotContain(peer(bob));
  }

  @Test
  void aPeerIsKnownByItsKeyBeforeItReports() throws Exception {
    store.seen(alice.nodeId(), bob.der()); // Not alice's: must not stand under her name.
    clock.advance(Duration.ofSeconds(5));
    store.seen(alice.nodeId(), alice.der());
    SignedEvent event = events.plain(alice, "203.0.113.7", now());
    add(event, false);

    assertThat(standing(peer(alice)).lastSeen()).isEqualTo(now());
    assertThat(standing(peer(alice)).firstSeen()).isEqualTo(now().minusSeconds(5));
    assertThat(store.find(event.claimedId()).orElseThrow().event().reporter()).isEqualTo(alice);
  }

  @Test
  void peersSeenLastComeFirst() throws Exception {
    store.seen(alice.nodeId(), alice.der());
    clock.advance(Duration.ofSeconds(1));
    store.seen(bob.nodeId(), bob.der());
    store.setBanned(peer(bob), false);

    assertThat(store.peers(10)).extracting(Standing::peer).containsExactly(peer(bob), peer(alice));
    assertThat(store.peers(1)).hasSize(1);
  }

  // ---- plain hosts

  @Test
  void aPlainHostHasAScoreAndIsNamedAsDeliverer() throws Exception {
    PeerId host = new PeerId.PlainHost("192.0.2.250");
    SignedEvent event = events.plain(alice, "203.0.113.7", now());
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    store.add(new Arrival(event, false, host), outcome::complete);

    assertThat(stored(outcome.get(10, TimeUnit.SECONDS)).deliverer()).contains(host);
    assertThat(store.find(event.claimedId()).orElseThrow().deliverer()).contains(host);
    assertThat(adjust(host, -3, Optional.empty()).score()).isEqualTo(-3);
    assertThat(standing(host).peer()).isEqualTo(host);
  }

  @Test
  void aPlainHostIsBannedForADayAndBeginsAnewThen() throws Exception {
    PeerId host = new PeerId.PlainHost("192.0.2.250");
    for (int i = 0; i < 4; i++) {
      adjust(host, -3, Optional.empty());
    }
    store.close();
    store = open(StoreSettings.DEFAULTS, OPEN_GATE);

    assertThat(standing(host).banned()).isFalse();
    assertThat(standing(host).blockedUntil()).contains(now().plus(Duration.ofHours(24)));
    assertThat(store.bannedOrBlocked(now())).extracting(Standing::peer).containsExactly(host);

    clock.advance(Duration.ofHours(24));

    assertThat(store.bannedOrBlocked(now())).isEmpty();
    Standing after = adjust(host, -3, Optional.empty());
    assertThat(after.score()).isEqualTo(-3);
    assertThat(after.ignoredAt(now())).isFalse();
  }

  @Test
  void theBanOfAPlainHostCanBeLifted() throws Exception {
    PeerId host = new PeerId.PlainHost("192.0.2.250");
    for (int i = 0; i < 4; i++) {
      adjust(host, -3, Optional.empty());
    }

    Standing lifted = store.setBanned(host, false);

    assertThat(lifted.ignoredAt(now())).isFalse();
    assertThat(lifted.score()).isZero();
  }

  // ---- addresses

  @Test
  void anAddressFromTheLanIsReadBackAsSuch() throws Exception {
    KnownAddress found = address(new HostPort("192.0.2.1", 9001), Origin.LAN);
    store.saveAddress(found);

    assertThat(store.addresses()).containsExactly(found);
  }

  @Test
  void addressesAreReplacedAndTheOperatorsComeFirst() throws Exception {
    HostPort learned = new HostPort("192.0.2.1", 9001);
    HostPort named = new HostPort("2001:db8::1", 9001);
    store.saveAddress(address(learned, Origin.LEARNED));
    store.saveAddress(address(named, Origin.OPERATOR));
    KnownAddress again =
        new KnownAddress(learned, Origin.LEARNED, carol.node(), Optional.of(now()));
    store.saveAddress(again);

    assertThat(store.addresses()).containsExactly(address(named, Origin.OPERATOR), again);
  }

  @Test
  void aForgottenAddressIsGoneWhoeverNamedIt() throws Exception {
    HostPort learned = new HostPort("192.0.2.1", 9001);
    HostPort named = new HostPort("2001:db8::1", 9001);
    HostPort other = new HostPort("192.0.2.1", 9002);
    store.saveAddress(address(learned, Origin.LEARNED));
    store.saveAddress(address(named, Origin.OPERATOR));
    store.saveAddress(address(other, Origin.OPERATOR));
    store.forgetAddress(learned);
    store.forgetAddress(named);
    store.forgetAddress(named);
    assertThat(store.addresses()).containsExactly(address(other, Origin.OPERATOR));
  }

  // ---- cursors

  @Test
  void pagesFollowTheSequence() throws Exception {
    for (int i = 1; i <= 5; i++) {
      add(events.plain(alice, "203.0.113." + i, now()), false);
    }

    assertThat(store.newest(2, Long.MAX_VALUE))
        .extracting(StoredEvent::seq)
        .containsExactly(5L, 4L);
    assertThat(store.newest(10, 3)).extracting(StoredEvent::seq).containsExactly(2L, 1L);
    assertThat(store.after(2, 2)).extracting(StoredEvent::seq).containsExactly(3L, 4L);
    assertThat(store.after(5, 2)).isEmpty();
  }

  @Test
  void afterTheSeqBeforeTheNewestComeJustThose() throws Exception {
    for (int i = 1; i <= 5; i++) {
      add(events.plain(alice, "203.0.113." + i, now()), false);
    }

    assertThat(store.after(store.seqBeforeNewest(2), 10))
        .extracting(StoredEvent::seq)
        .containsExactly(4L, 5L);
    assertThat(store.after(store.seqBeforeNewest(0), 10)).isEmpty();
    assertThat(store.seqBeforeNewest(6)).isZero();
  }

  @Test
  void theSequenceGoesOnAfterAnOrderlyStop() throws Exception {
    add(events.plain(alice, "203.0.113.1", now()), false);
    store.close();
    store = open(StoreSettings.DEFAULTS, OPEN_GATE);

    assertThat(stored(add(events.plain(alice, "203.0.113.2", now()), false)).seq()).isEqualTo(2);
    assertThat(store.counts()).isEqualTo(new Counts(2, 0));
  }

  @Test
  void theSequenceJumpsAfterAnUncleanStop() throws Exception {
    add(events.plain(alice, "203.0.113.1", now()), false);
    Path copy = directory.resolve("copy.db");
    Files.copy(file, copy);
    Files.copy(Path.of(file + "-wal"), Path.of(copy + "-wal"));

    try (SqliteEventStore other =
        SqliteEventStore.open(copy, StoreSettings.DEFAULTS, OPEN_GATE, clock)) {
      assertThat(
              other
                  .addLocal(List.of(events.plain(bob, "203.0.113.2", now())), Optional.empty())
                  .getFirst()
                  .seq())
          .isEqualTo(1_000_002);
      assertThat(other.counts()).isEqualTo(new Counts(2, 1));
    }
  }

  // ---- opening and closing

  @Test
  void theFilesAreForTheirOwnerOnly() throws Exception {
    add(events.plain(alice, "203.0.113.1", now()), false);
    for (String suffix : List.of("", "-wal", "-shm", ".lock")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(file + suffix))))
          .as(suffix)
          .isEqualTo("rw-------");
    }
    assertThat(store.bytes()).isPositive();
  }

  @Test
  void aSecondNodeIsKeptOff() {
    assertThatThrownBy(() -> open(StoreSettings.DEFAULTS, OPEN_GATE))
        .isInstanceOf(IOException.class)
        .hasMessage("another node is running on this data directory (" + directory + ")");
  }

  @Test
  void closingWritesWhatIsQueued() throws Exception {
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      outcomes.add(queue(events.plain(alice, "203.0.113.1", now().plusMillis(i)), false));
    }
    store.close();
    store.close();

    assertThat(outcomes)
        .allSatisfy(
            o -> assertThat(o).isCompletedWithValueMatching(Outcome.Stored.class::isInstance));
    assertThat(Path.of(file + "-wal")).doesNotExist();
    store = open(StoreSettings.DEFAULTS, OPEN_GATE);
    assertThat(store.newest(1000, Long.MAX_VALUE)).hasSize(500);
  }

  @Test
  void callersOfAClosedStoreAreToldSo() throws Exception {
    store.close();
    SignedEvent event = events.plain(alice, "203.0.113.1", now());

    assertThatThrownBy(() -> queue(event, false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the store is closed");
    assertThatThrownBy(() -> store.addLocal(List.of(event), Optional.empty()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.contains(event.claimedId()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aCallerBlockedByAFullQueueIsFreedByTheClose() throws Exception {
    store.close();
    store = open(new StoreSettings(Duration.ofDays(30), 1 << 20, 1, 1, 1), OPEN_GATE);
    CompletableFuture<Throwable> freed = new CompletableFuture<>();
    Thread closer;
    try (Pause _ = new Pause()) {
      store.add(arrival(events.plain(alice, "203.0.113.1", now()), false), outcome -> {});
      SqliteEventStore full = store;
      SignedEvent event = events.plain(alice, "203.0.113.2", now());
      Thread blocked =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      full.add(arrival(event, false), outcome -> {});
                    } catch (InterruptedException | IllegalStateException e) {
                      freed.complete(e);
                    }
                  });
      await().until(() -> blocked.getState() == Thread.State.WAITING);
      closer = Thread.ofPlatform().start(full::close);
      assertThat(freed.get()).isInstanceOf(IllegalStateException.class);
    }
    closer.join();
    assertThat(store.counts().stored()).isEqualTo(1);
  }

  // ---- helpers

  private SqliteEventStore open(StoreSettings settings, Gate gate) throws IOException {
    return SqliteEventStore.open(file, settings, gate, clock);
  }

  private Instant now() {
    return clock.instant();
  }

  private Arrival arrival(SignedEvent event, boolean bare) {
    return new Arrival(event, bare, carol);
  }

  private CompletableFuture<Outcome> queue(SignedEvent event, boolean bare)
      throws InterruptedException {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    store.add(arrival(event, bare), outcome::complete);
    return outcome;
  }

  private Outcome add(SignedEvent event, boolean bare) throws Exception {
    return queue(event, bare).get();
  }

  private static StoredEvent stored(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Stored.class);
    return ((Outcome.Stored) outcome).event();
  }

  private static PeerId peer(ReporterKey key) {
    return new PeerId.Node(key.nodeId());
  }

  private Standing adjust(PeerId peer, int delta, Optional<Instant> blockedUntil) throws Exception {
    CompletableFuture<Standing> standing = new CompletableFuture<>();
    store.adjust(peer, Optional.empty(), delta, blockedUntil, standing::complete);
    return standing.get();
  }

  private Standing standing(PeerId peer) {
    return store.peers(100).stream().filter(s -> s.peer().equals(peer)).findAny().orElseThrow();
  }

  private static KnownAddress told(
      TestReporter who, HostPort place, Optional<Instant> lastSuccess, boolean anchor) {
    return new KnownAddress(
        place,
        Origin.LEARNED,
        Optional.of(who.id()),
        lastSuccess,
        lastSuccess.isPresent(),
        anchor,
        2,
        Optional.of("a network"),
        Optional.of(PeerRecord.sign(place, 7, who.identity())));
  }

  @Test
  void anAddressBookIsReadBackAsItWasSaved() throws Exception {
    TestReporter who = TestReporter.create();
    KnownAddress told = told(who, new HostPort("192.0.2.1", 9001), Optional.empty(), false);
    KnownAddress met = told(who, new HostPort("2001:db8::1", 9002), Optional.of(now()), true);
    KnownAddress named = address(new HostPort("192.0.2.3", 9001), Origin.DNS);
    store.saveAddresses(List.of(told, met, named));
    assertThat(store.addresses())
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactlyInAnyOrder(told, met, named);
    assertThat(store.addresses().stream().flatMap(each -> each.record().stream()))
        .hasSize(2)
        .allMatch(record -> record.verifies(Rsa.portable()));
  }

  @Test
  void ofAnAddressBookNothingStaysButWhatItHoldsAndTheOperators() throws Exception {
    TestReporter who = TestReporter.create();
    HostPort named = new HostPort("192.0.2.9", 9001);
    HostPort gone = new HostPort("192.0.2.1", 9001);
    HostPort stays = new HostPort("192.0.2.2", 9001);
    store.saveAddress(address(named, Origin.OPERATOR));
    store.saveAddresses(
        List.of(
            told(who, gone, Optional.empty(), false), told(who, stays, Optional.of(now()), true)));
    store.saveAddresses(
        List.of(told(who, stays, Optional.empty(), false), address(named, Origin.LEARNED)));
    assertThat(store.addresses())
        .extracting(KnownAddress::address, KnownAddress::origin, KnownAddress::lastSuccess)
        .containsExactly(
            tuple(named, Origin.OPERATOR, Optional.empty()),
            tuple(stays, Origin.LEARNED, Optional.of(now())));
  }

  private static KnownAddress address(HostPort place, Origin origin) {
    return new KnownAddress(place, origin, Optional.empty(), Optional.empty());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Holds the writer, so that what is queued meanwhile becomes one group. */
  private final class Pause implements Write, AutoCloseable {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    Pause() throws InterruptedException {
      store.queue(this);
      reached.await();
    }

    @Override
    public Runnable apply(WriteSession session) {
      reached.countDown();
      try {
        over.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return () -> {};
    }

    @Override
    public void failed(StoreException cause) {
      throw cause;
    }

    @Override
    public void close() {
      over.countDown();
    }
  }

  /** A write that always fails. */
  private static final class FailingWrite implements Write {
    private final CompletableFuture<StoreException> failure = new CompletableFuture<>();

    @Override
    public Runnable apply(WriteSession session) {
      throw new IllegalArgumentException("on purpose");
    }

    @Override
    public void failed(StoreException cause) {
      failure.complete(cause);
    }
  }

  /** A write that breaks the writer. */
  private static final class ErroneousWrite implements Write {
    @Override
    public Runnable apply(WriteSession session) {
      throw new StackOverflowError("on purpose");
    }

    @Override
    public void failed(StoreException cause) {}
  }

  /** Sets something on the write connection. */
  private record Pragma(String text) implements Write {
    @Override
    public Runnable apply(WriteSession session) throws SQLException {
      DatabaseFile.run(session.connection(), "PRAGMA " + text);
      return () -> {};
    }

    @Override
    public void failed(StoreException cause) {
      throw cause;
    }
  }
}
