package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BucketsTest {

  private static final String ATTACKER = "198.51.100.66";

  @ParameterizedTest
  @CsvSource({
    // attempts, seconds between them, detections
    "4, 1, 0",
    "5, 1, 1",
    "5, 29, 1",
    "5, 31, 0",
    "6, 45, 1",
    "7, 59, 1",
    "8, 61, 1",
    "40, 120, 0",
    "40, 150, 0"
  })
  void theBucketTipsWhereAttemptsComeFasterThanTheyLeak(int attempts, int seconds, int detections) {
    assertThat(FakeContext.of(Lines.failures(ATTACKER, "08:00:00", seconds, attempts)).detections)
        .hasSize(detections);
  }

  @Test
  void anAttackIsReportedOnceMoreWhenItHasGrownAndThenAfterTheCoolDownWithTheNewCount() {
    FakeContext context = FakeContext.of(Lines.failures(ATTACKER, "08:00:00", 10, 500));

    assertThat(context.detections)
        .extracting(detection -> detection.count().orElse(0))
        .containsExactly(5L, 50L, 360L);
    Detection third = context.detections.getLast();
    assertThat(third.firstSeen()).contains(Instant.parse("2026-11-22T08:09:10Z"));
    assertThat(third.lastSeen()).contains(Instant.parse("2026-11-22T09:09:00Z"));
  }

  @Test
  void anAttackThatPausesBeyondTheCoolDownStartsAtNothing() {
    List<String> lines = new ArrayList<>(Lines.failures(ATTACKER, "08:00:00", 1, 50));
    lines.addAll(Lines.failures(ATTACKER, "10:00:00", 1, 4));
    assertThat(FakeContext.of(lines).detections).hasSize(1);

    lines.addAll(Lines.failures(ATTACKER, "10:00:04", 1, 1));
    assertThat(FakeContext.of(lines).detections)
        .last()
        .satisfies(d -> assertThat(d.count()).hasValue(5));
  }

  @Test
  void aFloodDrainsAsFastAsATrickle() {
    List<String> lines = new ArrayList<>(Lines.failures(ATTACKER, "08:00:00", 0, 5000));
    lines.addAll(Lines.failures(ATTACKER, "09:30:00", 0, 1));

    // Once as it began and once as it had grown.
    assertThat(FakeContext.of(lines).detections).hasSize(2);
  }

  @Test
  void sourcesDoNotShareABucket() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      lines.addAll(Lines.failures("198.51.100." + i, "08:00:00", 1, 4));
    }

    assertThat(FakeContext.of(lines).detections).isEmpty();
  }

  @Test
  void linesOutOfOrderCountAllTheSame() {
    List<String> lines =
        List.of("10:00:05", "10:00:01", "10:00:07", "09:59:58", "10:00:00").stream()
            .map(time -> Lines.at(time, Lines.failed(ATTACKER)))
            .toList();

    FakeContext context = FakeContext.of(lines);

    assertThat(context.detections).hasSize(1);
    assertThat(context.detections.getFirst().firstSeen())
        .contains(Instant.parse("2026-11-22T09:59:58Z"));
    assertThat(context.detections.getFirst().lastSeen())
        .contains(Instant.parse("2026-11-22T10:00:07Z"));
  }

  @Test
  void aClockThatWasSetBackNeitherStopsTheLeakNorTheReports() {
    List<String> lines = new ArrayList<>(Lines.failures(ATTACKER, "11:00:00", 1, 9));
    lines.addAll(Lines.failures(ATTACKER, "01:00:00", 240, 20));
    lines.addAll(Lines.failures(ATTACKER, "03:30:00", 1, 5));

    FakeContext context = FakeContext.of(lines);

    assertThat(context.detections).hasSize(3);
    assertThat(context.detections.getLast().count()).hasValue(5);
  }

  @Test
  void theHourThatComesTwiceIsNoTrouble() {
    FakeContext context = new FakeContext("zone = Europe/Berlin");
    LogLines handler = context.handler();
    context.feed(
        handler,
        List.of("02:59:50", "02:59:59", "02:00:01", "02:00:03", "02:00:05").stream()
            .map(t -> "Oct 25 " + t + " gate sshd[1]: " + Lines.failed(ATTACKER))
            .toList());

    assertThat(context.detections).hasSize(1);
  }

  @Test
  void aStrongerRuleSpeaksWhereAMilderOneHasSpoken() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      lines.add(
          Lines.sshd("Connection closed by authenticating user root 198.51.100.66 port 4" + i));
    }
    lines.addAll(Lines.times(9, Lines.sshd(Lines.failed(ATTACKER))));

    assertThat(FakeContext.of(lines).summary())
        .containsExactly(
            ATTACKER + " openssh-aborted-login 5", ATTACKER + " openssh-failed-login 5");
  }

  @Test
  void theTuningOfARuleCanBeOverridden() {
    String tuning = "rules.openssh-failed-login.bucket { capacity = 2, leak = 1d, cool-down = 0s }";

    assertThat(FakeContext.of(tuning, Lines.failures(ATTACKER, "01:00:00", 3000, 6)).summary())
        .startsWith(ATTACKER + " openssh-failed-login 2", ATTACKER + " openssh-failed-login 1");
  }

  @Test
  void beyondTheGreatestNumberOfSourcesTheLeastRecentlySeenIsForgotten() {
    List<String> lines = new ArrayList<>(Lines.failures("198.51.100.1", "08:00:00", 1, 4));
    lines.addAll(Lines.failures("198.51.100.2", "08:00:00", 1, 4));
    lines.addAll(Lines.failures("198.51.100.3", "08:00:00", 1, 4));
    lines.addAll(Lines.failures("198.51.100.2", "08:00:04", 1, 1));
    lines.addAll(Lines.failures("198.51.100.1", "08:00:04", 1, 1));

    assertThat(FakeContext.of("max-sources = 2", lines).summary())
        .containsExactly("198.51.100.2 openssh-failed-login 5");
  }

  @Test
  void sourcesThatMatterNoMoreAreForgottenInTime() {
    Suspects suspects = new Suspects(100, 1, 1);
    Suspect suspect = suspects.findOrAdd(IpAddress.ofV4(0xC6336401), 0);
    suspect.bucket(0).pour(0, suspect.bucket(0).advance(0), 1, 5, 120_000);
    suspect.touch(0);

    suspects.dropExpired(120_000);
    assertThat(suspects.size()).isEqualTo(1);

    suspects.dropExpired(Duration.ofHours(2).toMillis());
    assertThat(suspects.size()).isZero();
  }

  @Test
  void aRefusedDetectionDoesNotStopTheWatcher() {
    FakeContext context = new FakeContext("");
    context.refusing = true;
    LogLines handler = context.handler();
    context.feed(handler, Lines.failures("198.51.100.1", "08:00:00", 1, 9));
    context.refusing = false;
    context.feed(handler, Lines.failures("198.51.100.2", "08:00:00", 1, 9));

    assertThat(context.summary()).containsExactly("198.51.100.2 openssh-failed-login 5");
  }

  @Test
  void namesOfMoreUsersThanAreRememberedStillCount() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      lines.add(Lines.sshd("Invalid user name" + i + " from 198.51.100.66 port 1"));
    }
    lines.addAll(
        Lines.times(3, Lines.at("11:00:00", "Invalid user last from 198.51.100.66 port 1")));

    assertThat(FakeContext.of(lines).ofType("ssh-user-enumeration"))
        .extracting(detection -> detection.count().orElse(0))
        .containsExactly(5L, 50L);
  }
}
