package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.Checkpoint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SnapshotTest {

  private static List<String> mixedAttack() {
    List<String> lines = new ArrayList<>();
    Random random = new Random(7);
    int second = 8 * 3600;
    for (int i = 0; i < 3000; i++) {
      second += random.nextInt(6);
      String time = String.format("%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
      String source = random.nextInt(5) == 0 ? "2001:db8::" : "198.51.100.";
      source += 1 + random.nextInt(9);
      int port = 40000 + random.nextInt(2000);
      lines.add(
          Lines.at(
              time,
              switch (random.nextInt(5)) {
                case 0 ->
                    "Invalid user u" + random.nextInt(20) + " from " + source + " port " + port;
                case 1 ->
                    "Connection closed by authenticating user root " + source + " port " + port;
                case 2 -> "Accepted password for root from " + source + " port " + port + " ssh2";
                default -> Lines.failed(source);
              }));
    }
    return lines;
  }

  @Test
  void aRestartAnywhereGivesTheSameDetections() {
    List<String> lines = mixedAttack();
    FakeContext straight = new FakeContext("");
    straight.feed(straight.handler(), lines);

    FakeContext broken = new FakeContext("");
    LogLines handler = broken.handler();
    for (int from = 0; from < lines.size(); from += 37) {
      broken.feed(handler, lines.subList(from, Math.min(from + 37, lines.size())));
      byte[] snapshot = handler.snapshot().orElseThrow();
      handler = broken.handler();
      handler.restore(snapshot);
    }

    assertThat(straight.detections).hasSizeGreaterThan(30);
    assertThat(broken.detections).isEqualTo(straight.detections);
  }

  @Test
  void anUnchangedSnapshotIsNotMadeAgain() {
    FakeContext context = new FakeContext("");
    LogLines handler = context.handler();
    context.feed(handler, Lines.failures("198.51.100.1", "08:00:00", 1, 3));
    byte[] first = handler.snapshot().orElseThrow();
    context.feed(handler, List.of(Lines.sshd("Server listening on 0.0.0.0 port 22.")));

    assertThat(handler.snapshot().orElseThrow()).isSameAs(first);

    context.feed(handler, Lines.failures("198.51.100.1", "08:00:03", 1, 1));
    assertThat(handler.snapshot().orElseThrow()).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void garbageNeverStopsTheWatcher(boolean rightChecksum) {
    FakeContext context = new FakeContext("");
    LogLines handler = context.handler();
    context.feed(handler, mixedAttack());
    byte[] good = handler.snapshot().orElseThrow();
    Random random = new Random(11);
    FakeContext fresh = new FakeContext("max-sources = 40");
    LogLines restored = fresh.handler();
    for (int i = 0; i < 3000; i++) {
      byte[] bad = Arrays.copyOf(good, 5 + random.nextInt(good.length - 4));
      bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
      if (rightChecksum) {
        CRC32 crc = new CRC32();
        crc.update(bad, 0, bad.length - 4);
        ByteBuffer.wrap(bad).putInt(bad.length - 4, (int) crc.getValue());
      }
      restored.restore(bad);
      fresh.feed(restored, Lines.failures("198.51.100.1", "08:00:00", 1, 1));
      assertThat(restored.snapshot()).isPresent();
    }

    assertThat(fresh.warnings()).isNotEmpty();
  }

  @Test
  void garbageStartsEmptyAndSaysSo() {
    FakeContext context = new FakeContext("");
    LogLines handler = context.handler();
    context.feed(handler, Lines.failures("198.51.100.1", "08:00:00", 1, 4));
    handler.restore("this is no snapshot".getBytes(StandardCharsets.UTF_8));
    context.feed(handler, Lines.failures("198.51.100.1", "08:00:04", 1, 4));
    assertThat(context.detections).isEmpty();

    context.feed(handler, Lines.failures("198.51.100.1", "08:00:08", 1, 1));
    assertThat(context.detections).hasSize(1);
    assertThat(context.warnings())
        .containsExactly("The saved buckets are unreadable and start empty: its checksum is wrong");
  }

  @Test
  void anotherVersionStartsEmpty() {
    FakeContext context = new FakeContext("");
    LogLines handler = context.handler();
    handler.restore(new byte[] {2, 0, 0, 0, 0, 0, 0});
    context.feed(handler, Lines.failures("198.51.100.1", "08:00:00", 1, 5));

    assertThat(context.detections).hasSize(1);
  }

  @Test
  void whatDoesNotFitIsTheLeastRecentlyUsed() {
    FakeContext context = new FakeContext("");
    context.tracing = false;
    LogLines handler = context.handler();
    IntStream.range(0, 20_000)
        .mapToObj(i -> "2001:db8::" + Integer.toHexString(i + 1))
        .forEach(source -> context.feed(handler, Lines.failures(source, "08:00:00", 1, 4)));

    byte[] snapshot = handler.snapshot().orElseThrow();
    LogLines restored = context.handler();
    restored.restore(snapshot);
    context.feed(restored, Lines.failures("2001:db8::4e20", "08:00:04", 1, 1));
    context.feed(restored, Lines.failures("2001:db8::1", "08:00:04", 1, 1));

    assertThat(snapshot.length)
        .isLessThanOrEqualTo(Checkpoint.MAX_BYTES)
        .isGreaterThan(Checkpoint.MAX_BYTES - 200);
    assertThat(context.summary()).containsExactly("2001:db8::4e20 openssh-failed-login 5");
  }

  @Test
  void bucketsOfRulesThatAreGoneAreLeftOut() {
    FakeContext before = new FakeContext("");
    LogLines handler = before.handler();
    before.feed(handler, mixedAttack());
    before.feed(handler, Lines.failures("192.0.2.200", "10:50:00", 1, 4));

    FakeContext after =
        new FakeContext(
            "rules.openssh-aborted-login.enabled = false, rules.openssh-probe.enabled = true");
    LogLines restored = after.handler();
    restored.restore(handler.snapshot().orElseThrow());
    after.feed(restored, Lines.failures("192.0.2.200", "10:50:04", 1, 1));

    assertThat(after.summary()).containsExactly("192.0.2.200 openssh-failed-login 5");
  }
}
