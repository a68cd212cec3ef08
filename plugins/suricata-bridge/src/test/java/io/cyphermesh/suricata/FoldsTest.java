package io.cyphermesh.suricata;

import static io.cyphermesh.suricata.Eve.ATTACKER;
import static io.cyphermesh.suricata.Eve.HOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When alerts are reported and when only counted. */
final class FoldsTest {

  private static final Instant START = Instant.parse("2026-11-22T11:00:00Z");

  private static Eve at(Instant time) {
    return Eve.alert(ATTACKER, HOME).at(time.toString());
  }

  private static Eve after(Duration time) {
    return at(START.plus(time));
  }

  private static List<String> lines(int count, Duration apart) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(after(apart.multipliedBy(i)).line());
    }
    return lines;
  }

  @Test
  void duplicatesOfOneFlowAndSignatureBecomeACount() throws Exception {
    TestContext context = TestContext.replay("", lines(500, Duration.ofMillis(10)));
    assertThat(context.summary())
        .containsExactly(
            ATTACKER + " web-application-attack 1", ATTACKER + " web-application-attack 499");
    assertThat(context.detections.getLast().firstSeen()).contains(START.plusMillis(10));
    assertThat(context.detections.getLast().lastSeen()).contains(START.plusMillis(4_990));
    assertThat(context.detections.getLast().description().orElseThrow())
        .endsWith("499 alerts within 4 s");
  }

  @Test
  void theFirstAlertIsReportedAtOnce() throws Exception {
    TestContext context = new TestContext("");
    AlertLines lines = context.alertLines();
    context.feed(lines, after(Duration.ZERO).line());
    assertThat(context.summary()).hasSize(1);
  }

  @Test
  void whatWasCountedIsReportedByTheClockWhenTheCoolDownIsOver() throws Exception {
    TestContext context = new TestContext("");
    AlertLines lines = context.alertLines();
    context.feed(lines, lines(4, Duration.ofSeconds(1)).toArray(String[]::new));
    context.pass(Duration.ofMinutes(9));
    lines.tick(context.detections::add);
    assertThat(context.detections).hasSize(1);

    context.pass(Duration.ofMinutes(1));
    lines.tick(context.detections::add);
    assertThat(context.summary()).last().asString().endsWith(" 3");

    context.pass(Duration.ofMinutes(60));
    lines.tick(context.detections::add);
    assertThat(context.detections).hasSize(2);
  }

  @Test
  void anAttackThatGoesOnGivesOneReportEachCoolDownAndLosesNoAlert() throws Exception {
    TestContext context = new TestContext("");
    context.now = START;
    AlertLines lines = context.alertLines();
    for (int second = 0; second < 3600; second++) {
      context.feed(lines, at(context.now).line());
      lines.tick(context.detections::add);
      context.pass(Duration.ofSeconds(1));
    }
    context.pass(Duration.ofMinutes(20));
    lines.tick(context.detections::add);
    assertThat(context.detections.size()).isBetween(6, 8);
    assertThat(context.detections.stream().mapToLong(d -> d.count().orElseThrow()).sum())
        .isEqualTo(3600);
  }

  @Test
  void theSensorsTimesDecideWhereAFileIsReadLater() throws Exception {
    TestContext context = TestContext.replay("", lines(121, Duration.ofMinutes(1)));
    assertThat(context.detections).hasSize(13);
    assertThat(context.detections.stream().mapToLong(d -> d.count().orElseThrow()).sum())
        .isEqualTo(121);
  }

  @Test
  void countsFromLongAgoAreNotMixedWithANewAttack() throws Exception {
    TestContext context =
        TestContext.replay(
            "",
            List.of(
                after(Duration.ZERO).line(),
                after(Duration.ofMinutes(1)).line(),
                after(Duration.ofDays(-1)).line()));
    assertThat(context.detections)
        .extracting(d -> d.count().orElse(0) + " " + d.lastSeen().orElseThrow())
        .containsExactly(
            "1 " + START, "1 " + START.plusSeconds(60), "1 " + START.minusSeconds(86_400));
  }

  @Test
  void attackersAndSignaturesAreCountedApart() throws Exception {
    TestContext context =
        TestContext.replay(
            "",
            List.of(
                Eve.alert(ATTACKER, HOME).line(),
                Eve.alert(Eve.OTHER, HOME).line(),
                Eve.alert(ATTACKER, HOME).rule("signature_id", 7).line(),
                Eve.alert(ATTACKER, HOME).rule("gid", 2).line(),
                Eve.alert(ATTACKER, HOME).with("flow_id", 7).line()));
    assertThat(context.detections).hasSize(5);
    assertThat(context.detections.getLast().count()).hasValue(1);
    assertThat(context.traces).last().asString().contains("counted");
  }

  @Test
  void flowsCanBeCountedApart() throws Exception {
    TestContext context =
        TestContext.replay(
            "fold-by = flow",
            List.of(
                Eve.alert(ATTACKER, HOME).line(),
                Eve.alert(ATTACKER, HOME).line(),
                Eve.alert(ATTACKER, HOME).with("flow_id", 7).line()));
    assertThat(context.traces).filteredOn(t -> t.contains(" reported:")).hasSize(2);
    assertThat(context.detections).hasSize(3);
  }

  @Test
  void withoutACoolDownEveryAlertIsReported() throws Exception {
    TestContext context = TestContext.replay("cool-down = 0s", lines(5, Duration.ZERO));
    assertThat(context.summary()).hasSize(5).allMatch(text -> text.endsWith(" 1"));
  }

  @Test
  void aWorseAlertIsNotHeldBack() throws Exception {
    TestContext context =
        TestContext.replay(
            "",
            List.of(
                after(Duration.ZERO).rule("severity", 3).line(),
                after(Duration.ofSeconds(1)).rule("severity", 3).line(),
                after(Duration.ofSeconds(2)).rule("severity", 1).line()));
    assertThat(context.summary()).last().asString().endsWith(" 2");
    assertThat(context.detections.getLast().severity()).hasToString("HIGH");
  }

  @Test
  void aClockThatIsSetBackDoesNotSilenceForEver() throws Exception {
    TestContext context = new TestContext("");
    AlertLines lines = context.alertLines();
    context.feed(lines, after(Duration.ZERO).line(), after(Duration.ZERO).line());
    context.pass(Duration.ofDays(-30));
    lines.tick(context.detections::add);
    context.pass(Duration.ofMinutes(10));
    lines.tick(context.detections::add);
    assertThat(context.detections).hasSize(2);
  }

  @Test
  void whatIsForgottenForWantOfRoomIsReportedFirst() throws Exception {
    TestContext context = new TestContext("max-folds = 2");
    AlertLines lines = context.alertLines();
    context.feed(
        lines,
        Eve.alert("192.0.2.1", HOME).line(),
        Eve.alert("192.0.2.1", HOME).line(),
        Eve.alert("192.0.2.2", HOME).line(),
        Eve.alert("192.0.2.3", HOME).line());
    assertThat(context.attackers())
        .containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1");
  }

  @Test
  void whatIsOverAtOnceIsReportedInSeveralTicks() throws Exception {
    TestContext context = new TestContext("max-folds = 5000");
    AlertLines lines = context.alertLines();
    for (int i = 0; i < 2 * 2500; i++) {
      context.feed(lines, Eve.alert(ATTACKER, HOME).rule("signature_id", i % 2500).line());
    }
    context.pass(Duration.ofHours(1));
    List<Integer> reports = new ArrayList<>();
    for (int tick = 0; tick < 4; tick++) {
      context.detections.clear();
      lines.tick(context.detections::add);
      reports.add(context.detections.size());
    }
    assertThat(reports).containsExactly(1000, 1000, 500, 0);
  }

  @Test
  void aFloodOfTenThousandAlertsLosesNone() throws Exception {
    List<String> flood = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 10_000; i++) {
      flood.add(
          Eve.alert("192.0.2." + random.nextInt(250), HOME)
              .rule("signature_id", random.nextInt(40))
              .at(START.plusMillis(i).toString())
              .line());
    }
    TestContext context = new TestContext("max-folds = 100");
    context.tracing = false;
    context.lines.addAll(flood);
    new EveFiles().run(context);
    assertThat(context.detections.stream().mapToLong(d -> d.count().orElseThrow()).sum())
        .isEqualTo(10_000);
  }

  // Snapshots.

  @Test
  void aRestartAnywhereGivesTheSameReports() throws Exception {
    List<String> input = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      input.add(
          Eve.alert("192.0.2." + random.nextInt(9), HOME)
              .rule("signature_id", random.nextInt(5))
              .rule("severity", 1 + random.nextInt(3))
              .metadata("mitre_technique_id", "T1110")
              .at(START.plusSeconds(i * 3L).toString())
              .line());
    }
    TestContext straight = new TestContext("");
    AlertLines whole = straight.alertLines();
    straight.feed(whole, input.toArray(String[]::new));
    whole.flush(straight.detections::add);

    TestContext broken = new TestContext("");
    AlertLines handler = broken.alertLines();
    for (int from = 0; from < input.size(); from += 37) {
      broken.feed(
          handler, input.subList(from, Math.min(from + 37, input.size())).toArray(String[]::new));
      byte[] snapshot = handler.snapshot();
      handler = broken.alertLines();
      handler.restore(snapshot);
    }
    handler.flush(broken.detections::add);

    assertThat(straight.detections).hasSizeGreaterThan(100);
    assertThat(broken.detections).containsExactlyInAnyOrderElementsOf(straight.detections);
  }

  @Test
  void anUnchangedSnapshotIsNotMadeAgain() throws Exception {
    TestContext context = new TestContext("");
    AlertLines lines = context.alertLines();
    context.feed(lines, after(Duration.ZERO).line());
    byte[] first = lines.snapshot();
    context.feed(lines, "{\"event_type\":\"flow\"}");
    lines.tick(context.detections::add);
    assertThat(lines.snapshot()).isSameAs(first);
    context.feed(lines, after(Duration.ZERO).line());
    assertThat(lines.snapshot()).isNotEqualTo(first);
  }

  @Test
  void theSnapshotKeepsItsSizeAndWhatIsNotReportedYetGoesFirst() throws Exception {
    TestContext context = new TestContext("max-folds = 100000");
    context.tracing = false;
    AlertLines lines = context.alertLines();
    context.feed(lines, Eve.alert(ATTACKER, HOME).line(), Eve.alert(ATTACKER, HOME).line());
    for (int i = 0; i < 20_000; i++) {
      context.feed(
          lines,
          Eve.alert("2001:db8::" + Integer.toHexString(i + 1), HOME)
              .rule("signature", "Rule " + i % 3_000 + " " + "é".repeat(200))
              .line());
    }
    byte[] snapshot = lines.snapshot();
    assertThat(snapshot.length)
        .isLessThanOrEqualTo(Checkpoint.MAX_BYTES)
        .isGreaterThan(Checkpoint.MAX_BYTES - 1_000);

    context.detections.clear();
    AlertLines restored = context.alertLines();
    restored.restore(snapshot);
    restored.flush(context.detections::add);
    assertThat(context.summary()).containsExactly(ATTACKER + " web-application-attack 1");
  }

  @Test
  void theDefaultNumberOfFoldsFitsIntoASnapshot() throws Exception {
    TestContext context = new TestContext("");
    context.tracing = false;
    AlertLines lines = context.alertLines();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < context.config(Settings.class).maxFolds(); i++) {
        context.feed(
            lines,
            Eve.alert("2001:db8::" + Integer.toHexString(i + 1), HOME)
                .rule("signature_id", i % 10)
                .line());
      }
    }
    assertThat(Snapshots.read(lines.snapshot())).hasSize(context.config(Settings.class).maxFolds());
  }

  @Test
  void aDamagedSnapshotStartsEmptyAndSaysSo() throws Exception {
    TestContext context = new TestContext("");
    AlertLines lines = context.alertLines();
    context.feed(lines, lines(3, Duration.ZERO).toArray(String[]::new));
    byte[] good = lines.snapshot();
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(good.length + 1));
      if (bad.length > 5) {
        bad[random.nextInt(bad.length - 4)] ^= (byte) (1 + random.nextInt(255));
        if (random.nextBoolean()) {
          java.util.zip.CRC32 crc = new java.util.zip.CRC32();
          crc.update(bad, 0, bad.length - 4);
          java.nio.ByteBuffer.wrap(bad).putInt(bad.length - 4, (int) crc.getValue());
        }
      }
      AlertLines restored = context.alertLines();
      restored.restore(bad);
      restored.tick(context.detections::add);
      context.feed(restored, after(Duration.ZERO).line());
      assertThat(restored.snapshot().length).isLessThanOrEqualTo(Checkpoint.MAX_BYTES);
    }
    assertThat(context.warnings()).isNotEmpty();
  }
}
