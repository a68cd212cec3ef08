package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.store.EventStore.ScorePoint;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators' bans, and how scores went. */
class ScoresTest {
  private static final PeerId CAROL = new PeerId.Node(new NodeId("c".repeat(64)));
  private static final PeerId DAVE = new PeerId.Node(new NodeId("d".repeat(64)));
  private static final Duration SLOT = ScorePoint.SLOT;

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private Instant begin = Instant.EPOCH;
  private SqliteEventStore store;

  @BeforeEach
  void open() throws IOException {
    store =
        SqliteEventStore.open(
            directory.resolve("events.db"),
            StoreSettings.DEFAULTS,
            (reporter, firstSeen, now) -> true,
            clock);
    begin = clock.instant();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() throws IOException {
    Instant kept = begin;
    store.close();
    open();
    begin = kept;
  }

  private Standing adjust(PeerId peer, int delta) throws Exception {
    CompletableFuture<Standing> standing = new CompletableFuture<>();
    store.adjust(peer, Optional.empty(), delta, Optional.empty(), standing::complete);
    return standing.get();
  }

  private List<ScorePoint> scores(PeerId peer) {
    return store.scores(peer, clock.instant());
  }

  private ScorePoint point(int slot, long score) {
    return new ScorePoint(begin.plus(SLOT.multipliedBy(slot)), score);
  }

  private long rows() throws Exception {
    try (Connection connection = new DatabaseFile(directory.resolve("events.db")).openAsItIs()) {
      return DatabaseFile.number(connection, "SELECT count(*) FROM score");
    }
  }

  // ---- history

  @Test
  void theScoreAtTheEndOfEachSlotIsKept() throws Exception {
    adjust(CAROL, 5);
    adjust(CAROL, 2);
    assertThat(scores(CAROL)).containsExactly(point(0, 7));
    clock.advance(SLOT);
    adjust(CAROL, -3);
    clock.advance(Duration.ofMinutes(1));
    adjust(CAROL, -3);
    assertThat(scores(CAROL)).containsExactly(point(0, 7), point(1, 1));
    clock.advance(SLOT.multipliedBy(3));
    adjust(CAROL, 9);
    assertThat(scores(CAROL)).containsExactly(point(0, 7), point(1, 1), point(4, 10));
  }

  @Test
  void whatASlotEndedWithOutlivesARestart() throws Exception {
    adjust(CAROL, 5);
    adjust(CAROL, -11);
    reopen();
    assertThat(scores(CAROL)).containsExactly(point(0, -6));
    adjust(CAROL, 1);
    reopen();
    clock.advance(SLOT);
    adjust(CAROL, 3);
    assertThat(scores(CAROL)).containsExactly(point(0, -5), point(1, -2));
  }

  @Test
  void aPeerWhoseScoreNeverChangedHasOnePoint() throws Exception {
    var _ = store.setBanned(CAROL, true);
    assertThat(scores(CAROL)).containsExactly(point(0, 0));
    assertThat(scores(DAVE)).isEmpty();
  }

  @Test
  void aThousandChangesInASlotAreOneRow() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      adjust(CAROL, 1);
    }
    assertThat(rows()).isEqualTo(1);
    clock.advance(SLOT);
    for (int i = 0; i < 1_000; i++) {
      adjust(CAROL, 1);
    }
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void sevenDaysAreKeptAndTheLastScoreBefore() throws Exception {
    for (int i = 0; i < 10; i++) {
      adjust(CAROL, 1);
      clock.advance(Duration.ofDays(1));
    }
    adjust(CAROL, 1);
    List<ScorePoint> scores = scores(CAROL);
    assertThat(scores.getFirst().slot()).isEqualTo(clock.instant().minus(Duration.ofDays(7)));
    assertThat(scores).hasSize(8).last().extracting(ScorePoint::score).isEqualTo(11L);
    assertThat(rows()).isEqualTo(8);
    clock.advance(Duration.ofDays(30));
    assertThat(scores(CAROL)).as("nothing happened since").hasSize(1);
  }

  @Test
  void aClockThatIsSetBackAddsNothingUntilItHasCaughtUp() throws Exception {
    adjust(CAROL, 5);
    clock.advance(SLOT.multipliedBy(-8));
    adjust(CAROL, 1);
    assertThat(scores(CAROL)).containsExactly(point(0, 6));
    clock.advance(SLOT.multipliedBy(9));
    adjust(CAROL, 1);
    assertThat(scores(CAROL)).containsExactly(point(0, 6), point(1, 7));
  }

  // ---- bans

  @Test
  void anOperatorsBanIsKeptApartFromTheScore() throws Exception {
    adjust(CAROL, 50);
    assertThat(store.setBanned(CAROL, true).byOperator()).isTrue();
    Standing later = adjust(CAROL, 100);
    assertThat(later.banned()).isTrue();
    assertThat(later.byOperator()).isTrue();
    assertThat(later.score()).isEqualTo(150);
    reopen();
    assertThat(store.peer(CAROL)).contains(later);
    assertThat(store.bannedOrBlocked(clock.instant())).containsExactly(later);
    Standing lifted = store.setBanned(CAROL, false);
    assertThat(lifted.banned()).isFalse();
    assertThat(lifted.byOperator()).isFalse();
    assertThat(lifted.score()).isEqualTo(150);
  }

  @Test
  void aBanByTheScoreIsNotTheOperators() throws Exception {
    Standing standing = adjust(DAVE, -11);
    assertThat(standing.banned()).isTrue();
    assertThat(standing.byOperator()).isFalse();
    assertThat(store.setBanned(DAVE, true).byOperator()).isTrue();
    assertThat(store.setBanned(DAVE, false))
        .extracting(Standing::banned, Standing::byOperator, Standing::score)
        .containsExactly(false, false, 0L);
  }

  @Test
  void aPlainHostIsBannedForGoodByAnOperatorAlone() throws Exception {
    PeerId host = new PeerId.PlainHost("192.0.2.250");
    assertThat(adjust(host, -11).banned()).isFalse();
    assertThat(store.setBanned(host, true).banned()).isTrue();
    clock.advance(Duration.ofDays(3));
    adjust(host, 1);
    assertThat(store.peer(host).orElseThrow().ignoredAt(clock.instant())).isTrue();
  }

  @Test
  void aBannedPeerIsNeverForgotten() throws Exception {
    adjust(DAVE, 1);
    var _ = store.setBanned(CAROL, true);
    clock.advance(Duration.ofDays(90));
    reopen();
    await().untilAsserted(() -> assertThat(store.peer(DAVE)).isEmpty());
    assertThat(store.peer(CAROL).orElseThrow().byOperator()).isTrue();
    assertThat(rows()).as("what was kept of the other is gone").isEqualTo(1);
  }
}
