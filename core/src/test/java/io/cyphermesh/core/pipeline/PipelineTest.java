package io.cyphermesh.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.OriginalKeys;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.Pipeline.Examination;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.store.Aside;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Section 3.2 and 4 of the wire protocol, with a real store. */
class PipelineTest {
  private static final ReporterRates.Late LATE = new ReporterRates.Late(2_000, 20_000);
  private static final ReporterRates.Settings RATES = new ReporterRates.Settings(20, 200, 50, 500);
  private static final PeerId DELIVERER = new PeerId.Node(new NodeId("d".repeat(64)));
  private static final PeerId OTHER_DELIVERER = new PeerId.Node(new NodeId("e".repeat(64)));

  private static TestReporter reporter;
  private static TestReporter stranger;

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final List<Standing> changes = new ArrayList<>();
  private EventStore store;
  private Reputation reputation;
  private Pipeline pipeline;

  @BeforeAll
  static void makeReporters() {
    reporter = TestReporter.create();
    stranger = TestReporter.create();
  }

  @BeforeEach
  void start() throws IOException {
    store =
        SqliteEventStore.open(
            directory.resolve("events.db"),
            StoreSettings.DEFAULTS,
            new ReporterRates(RATES, LATE, clock),
            clock);
    reputation = new Reputation(store, clock, changes::add, turned -> {});
    pipeline =
        new Pipeline(
            new EventVerifier(Rsa.fastest()),
            new OriginalVerifier(new OriginalKeys()),
            store,
            reputation::ignored,
            Duration.ofDays(30),
            clock);
  }

  @AfterEach
  void stop() {
    store.close();
  }

  private void restart() throws IOException {
    stop();
    start();
  }

  private Verdict judge(SignedEvent event) throws Exception {
    return judge(event, DELIVERER);
  }

  /** All of section 3.2 and the blame that follows, as the node does it. */
  private Verdict judge(SignedEvent event, PeerId deliverer) throws Exception {
    return switch (pipeline.examine(event, deliverer)) {
      case Examination.Settled(Verdict.Rejected rejected) -> {
        reputation.blame(deliverer, Optional.empty(), () -> {});
        settle();
        yield rejected;
      }
      case Examination.Settled settled -> settled.verdict();
      case Examination.Valid valid -> {
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        pipeline.store(event, valid.bare(), deliverer, false, verdict::complete);
        yield verdict.get(10, TimeUnit.SECONDS);
      }
    };
  }

  /** Waits until the writer has done all that was queued. */
  private void settle() throws InterruptedException {
    store.addLocal(List.of(), Optional.empty());
  }

  private Optional<Standing> standing(PeerId peer) {
    return store.peers(100).stream().filter(s -> s.peer().equals(peer)).findAny();
  }

  private long score(PeerId peer) {
    return standing(peer).map(Standing::score).orElse(0L);
  }

  private SignedEvent event(String ip) {
    return reporter.event(ip, clock.instant());
  }

  private static void ignored(Verdict verdict, String reason) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Ignored.class, i -> assertThat(i.reason()).contains(reason));
  }

  @Test
  void aValidEventIsStoredAndCreditsItsReporterOnly() throws Exception {
    assertThat(judge(event("203.0.113.1"))).isInstanceOf(Verdict.Accepted.class);
    assertThat(score(reporter.peer())).isEqualTo(1);
    assertThat(score(DELIVERER)).isZero();
    assertThat(store.counts().stored()).isEqualTo(1);
  }

  @Test
  void aSecondCopyIsADuplicateAndCreditsNobody() throws Exception {
    SignedEvent event = event("203.0.113.1");
    judge(event);
    assertThat(judge(event, OTHER_DELIVERER)).isEqualTo(new Verdict.Duplicate());
    assertThat(score(reporter.peer())).isEqualTo(1);
  }

  @Test
  void ofTwoCopiesInFlightTheWriterStoresOne() throws Exception {
    SignedEvent event = event("203.0.113.1");
    assertThat(pipeline.examine(event, DELIVERER)).isEqualTo(new Examination.Valid(false));
    assertThat(pipeline.examine(event, OTHER_DELIVERER)).isEqualTo(new Examination.Valid(false));
    CompletableFuture<Verdict> first = new CompletableFuture<>();
    CompletableFuture<Verdict> second = new CompletableFuture<>();
    pipeline.store(event, false, DELIVERER, false, first::complete);
    pipeline.store(event, false, OTHER_DELIVERER, false, second::complete);
    assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(Verdict.Accepted.class);
    assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(new Verdict.Duplicate());
    assertThat(score(reporter.peer())).isEqualTo(1);
  }

  @Test
  void aForgedEventCostsTheDelivererNotTheReporter() throws Exception {
    assertThat(judge(TestReporter.forged(event("203.0.113.1"))))
        .isInstanceOf(Verdict.Rejected.class);
    assertThat(score(DELIVERER)).isEqualTo(-3);
    assertThat(score(reporter.peer())).isZero();
    assertThat(standing(reporter.peer())).isEmpty();
  }

  @Test
  void aForgedEventDoesNotKeepTheRealOneOut() throws Exception {
    SignedEvent event = event("203.0.113.1");
    judge(TestReporter.forged(event));
    assertThat(judge(event, OTHER_DELIVERER)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void theFourthInvalidEventBansAndTheBanSurvivesARestart() throws Exception {
    for (int i = 1; i <= 4; i++) {
      assertThat(reputation.ignored(DELIVERER)).as("before invalid event %d", i).isFalse();
      judge(TestReporter.forged(event("203.0.113." + i)));
      clock.advance(Duration.ofMinutes(2));
    }
    assertThat(score(DELIVERER)).isEqualTo(-12);
    assertThat(changes.getLast().banned()).isTrue();
    assertThat(changes.getLast().blockedUntil()).isEmpty();
    restart();
    assertThat(reputation.ignored(DELIVERER)).isTrue();
    assertThat(reputation.ignored()).extracting(Standing::peer).containsExactly(DELIVERER);
    clock.advance(Duration.ofDays(20));
    assertThat(reputation.ignored(DELIVERER)).isTrue();
  }

  @Test
  void whatABannedPeerDeliversIsIgnoredAndCostsNobodyMore() throws Exception {
    reputation.setBanned(DELIVERER, true);
    ignored(judge(event("203.0.113.1")), "banned");
    ignored(judge(TestReporter.forged(event("203.0.113.2"))), "banned");
    assertThat(score(DELIVERER)).isZero();
  }

  @Test
  void whatABannedReporterSignedIsIgnoredWhoeverDeliversIt() throws Exception {
    reputation.setBanned(reporter.peer(), true);
    ignored(judge(event("203.0.113.1"), OTHER_DELIVERER), "banned");
  }

  @Test
  void aDuplicateIsADuplicateEvenFromABannedPeer() throws Exception {
    SignedEvent event = event("203.0.113.1");
    judge(event);
    reputation.setBanned(DELIVERER, true);
    reputation.setBanned(reporter.peer(), true);
    assertThat(judge(event)).isEqualTo(new Verdict.Duplicate());
  }

  @Test
  void aDuplicateIsADuplicateEvenWhenItsTimeIsNoLongerRight() throws Exception {
    SignedEvent event = event("203.0.113.1");
    judge(event);
    clock.set(clock.instant().minus(Duration.ofHours(1)));
    assertThat(judge(event)).isEqualTo(new Verdict.Duplicate());
  }

  @Test
  void aBanIsLookedAtBeforeTheTimestamp() throws Exception {
    reputation.setBanned(DELIVERER, true);
    ignored(judge(reporter.event("203.0.113.1", Instant.EPOCH)), "banned");
  }

  @Test
  void theTimestampIsLookedAtBeforeTheSignature() throws Exception {
    ignored(judge(TestReporter.forged(reporter.event("203.0.113.1", Instant.EPOCH))), "older");
    assertThat(score(DELIVERER)).isZero();
  }

  @Test
  void aBanThatFallsBetweenExaminationAndStoreCounts() throws Exception {
    SignedEvent event = event("203.0.113.1");
    assertThat(pipeline.examine(event, DELIVERER)).isInstanceOf(Examination.Valid.class);
    reputation.setBanned(DELIVERER, true);
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    pipeline.store(event, false, DELIVERER, false, verdict::complete);
    ignored(verdict.get(10, TimeUnit.SECONDS), "banned");
  }

  @Test
  void anUnknownTlpIsIgnoredButOnlyUnderARightSignature() throws Exception {
    SignedEvent odd = reporter.event("203.0.113.1", clock.instant(), "{\"tlp\": \"purple\"}");
    ignored(judge(odd), "tlp");
    assertThat(score(reporter.peer())).isZero();
    assertThat(judge(TestReporter.forged(odd))).isInstanceOf(Verdict.Rejected.class);
  }

  @Test
  void fourRejectionsWithinAMinuteBlockForAnHourWhateverWasEarned() throws Exception {
    TestReporter rich = TestReporter.create();
    for (int i = 0; i < 30; i++) {
      judge(rich.event("203.0.113." + i, clock.instant()), OTHER_DELIVERER);
    }
    for (int i = 0; i < 4; i++) {
      assertThat(reputation.ignored(rich.peer())).isFalse();
      judge(TestReporter.forged(event("198.51.100." + i)), rich.peer());
      clock.advance(Duration.ofSeconds(20));
    }
    assertThat(score(rich.peer())).isEqualTo(18);
    assertThat(reputation.ignored(rich.peer())).isTrue();
    assertThat(changes.getLast().banned()).isFalse();
    restart();
    assertThat(reputation.ignored(rich.peer())).isTrue();
    clock.advance(Duration.ofMinutes(59));
    assertThat(reputation.ignored(rich.peer())).isTrue();
    clock.advance(Duration.ofMinutes(1));
    assertThat(reputation.ignored(rich.peer())).isFalse();
    assertThat(reputation.ignored()).isEmpty();
  }

  @Test
  void fourRejectionsOverMoreThanAMinuteDoNotBlock() throws Exception {
    store.adjust(DELIVERER, Optional.empty(), 100, Optional.empty(), _ -> {});
    for (int i = 0; i < 8; i++) {
      judge(TestReporter.forged(event("198.51.100." + i)));
      clock.advance(Duration.ofSeconds(21));
    }
    assertThat(reputation.ignored(DELIVERER)).isFalse();
  }

  @Test
  void aPeerWhoseBanIsLiftedBeginsAnew() throws Exception {
    for (int i = 0; i < 4; i++) {
      judge(TestReporter.forged(event("198.51.100." + i)));
    }
    assertThat(reputation.ignored(DELIVERER)).isTrue();
    reputation.setBanned(DELIVERER, false);
    assertThat(score(DELIVERER)).isZero();
    judge(TestReporter.forged(event("198.51.100.9")));
    assertThat(score(DELIVERER)).isEqualTo(-3);
    assertThat(reputation.ignored(DELIVERER)).isFalse();
  }

  @Test
  void aReporterIsHeldToItsRateWithoutBlame() throws Exception {
    known(reporter);
    int accepted = 0;
    for (int i = 0; i < 210; i++) {
      accepted += judge(event("203.0.113." + i + "x")) instanceof Verdict.Accepted ? 1 : 0;
    }
    assertThat(accepted).isEqualTo(200);
    ignored(judge(event("one more")), "rate");
    assertThat(score(DELIVERER)).isZero();
    clock.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 20; i++) {
      assertThat(judge(event("203.0.113." + i + "y"))).isInstanceOf(Verdict.Accepted.class);
    }
    ignored(judge(event("again one more")), "rate");
  }

  @Test
  void whatWasIgnoredForItsRateIsTakenLater() throws Exception {
    known(reporter);
    for (int i = 0; i < 200; i++) {
      judge(event("203.0.113." + i + "x"));
    }
    SignedEvent late = event("late");
    Verdict refused = judge(late);
    ignored(refused, "rate");
    assertThat(((Verdict.Ignored) refused).what()).isEqualTo(Aside.MOMENT);
    clock.advance(Duration.ofSeconds(1));
    assertThat(judge(late)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void forgeriesInAReportersNameDoNotUseUpItsRate() throws Exception {
    known(reporter);
    store.adjust(DELIVERER, Optional.empty(), 10_000, Optional.empty(), _ -> {});
    for (int i = 0; i < 250; i++) {
      pipeline.examine(TestReporter.forged(event("198.51.100." + i)), DELIVERER);
    }
    assertThat(judge(event("203.0.113.1"))).isInstanceOf(Verdict.Accepted.class);
  }

  /** Met more than a day ago. */
  private void known(TestReporter who) throws InterruptedException {
    store.seen(who.id(), who.key().der());
    settle();
    clock.advance(Duration.ofHours(25));
  }

  @Test
  void aBareEventIsStoredUnderTheHashOfWhatIsSigned() throws Exception {
    SignedEvent bare =
        reporter.event("203.0.113.1", clock.instant(), "{\"count\": 1}").withoutDetails();
    Verdict verdict = judge(bare);
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(store.find(bare.claimedId())).isEmpty();
    assertThat(store.find(bare.key(true))).isPresent();
    assertThat(judge(bare, OTHER_DELIVERER)).isEqualTo(new Verdict.Duplicate());
  }

  @Test
  void aFullEventTakesThePlaceOfItsBareAndCreditsOnce() throws Exception {
    SignedEvent full = reporter.event("203.0.113.1", clock.instant(), "{\"count\": 1}");
    SignedEvent bare = full.withoutDetails();
    judge(bare);
    assertThat(judge(full, OTHER_DELIVERER)).isInstanceOf(Verdict.Accepted.class);
    assertThat(store.counts().stored()).isEqualTo(1);
    assertThat(store.find(full.claimedId())).isPresent();
    assertThat(score(reporter.peer())).isEqualTo(1);
    assertThat(judge(bare)).isEqualTo(new Verdict.Duplicate());
  }

  @Test
  void aStrangersBareUnderAKnownIdNeitherHidesNorIsHidden() throws Exception {
    SignedEvent full = reporter.event("203.0.113.1", clock.instant(), "{\"count\": 1}");
    SignedEvent squatter = stranger.bare(full.claimedId(), "198.51.100.1", clock.instant());
    assertThat(judge(squatter)).isInstanceOf(Verdict.Accepted.class);
    assertThat(judge(full)).isInstanceOf(Verdict.Accepted.class);
    assertThat(store.counts().stored()).isEqualTo(2);
    SignedEvent another = stranger.bare(full.claimedId(), "198.51.100.2", clock.instant());
    assertThat(judge(another)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void aBareUnderTheIdThatAnotherBareIsStoredUnderHidesNothing() throws Exception {
    SignedEvent bare = stranger.bare(new EventId("ab".repeat(32)), "198.51.100.1", clock.instant());
    judge(bare);
    SignedEvent second = reporter.bare(bare.key(true), "198.51.100.2", clock.instant());
    assertThat(judge(second)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void aStrippedMarkingIsAForgery() throws Exception {
    SignedEvent green = reporter.event("203.0.113.1", clock.instant(), "{\"tlp\": \"green\"}");
    assertThat(judge(green.withoutDetails())).isInstanceOf(Verdict.Rejected.class);
  }

  // ---- plain links

  private static final PeerId HOST = new PeerId.PlainHost("192.0.2.250");

  @Test
  void detailsThatWereAddedOnTheWayAreNoFaultOfAPlainHost() throws Exception {
    SignedEvent event = event("203.0.113.1");
    SignedEvent tampered =
        new SignedEvent(
            event.claimedId(),
            event.sourceIp(),
            event.threatType(),
            event.severity(),
            event.timestamp(),
            event.reporter(),
            event.signature(),
            reporter.event("203.0.113.1", clock.instant(), "{\"count\": 1}").details());
    assertThat(judge(tampered, HOST)).isInstanceOf(Verdict.Ignored.class);
    assertThat(judge(tampered, DELIVERER)).isInstanceOf(Verdict.Rejected.class);
    assertThat(judge(TestReporter.forged(tampered), HOST)).isInstanceOf(Verdict.Rejected.class);
  }

  @Test
  void aPlainHostIsIgnoredForADayAfterItsFourthForgery() throws Exception {
    for (int i = 0; i < 4; i++) {
      assertThat(reputation.ignored(HOST)).isFalse();
      judge(TestReporter.forged(event("198.51.100." + i)), HOST);
    }
    assertThat(score(HOST)).isEqualTo(-12);
    restart();
    clock.advance(Duration.ofHours(23));
    assertThat(reputation.ignored(HOST)).isTrue();
    clock.advance(Duration.ofHours(1));
    assertThat(reputation.ignored(HOST)).isFalse();
    judge(TestReporter.forged(event("198.51.100.9")), HOST);
    assertThat(score(HOST)).isEqualTo(-3);
    assertThat(reputation.ignored(HOST)).isFalse();
  }

  @Test
  void anOperatorCanLiftAPlainHostsBan() throws Exception {
    for (int i = 0; i < 4; i++) {
      judge(TestReporter.forged(event("198.51.100." + i)), HOST);
    }
    reputation.setBanned(HOST, false);
    assertThat(reputation.ignored(HOST)).isFalse();
    assertThat(score(HOST)).isZero();
  }
}
