package io.cyphermesh.original;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.core.view.PeerView;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an original node relays in good faith and we do not take costs it neither its reputation nor
 * its link; what it would refuse itself does.
 */
@Timeout(120)
class OriginalHabitsTest {
  /** Now, in our own form. */
  private final String now =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
          .withZone(ZoneOffset.UTC)
          .format(Instant.now());

  private static OriginalKey key;

  @TempDir Path folder;
  private OurNode ours;
  private OriginalNode original;
  private OriginalNode.Line line;
  private int good;

  @BeforeAll
  static void makeKey() {
    key = OriginalKey.of(2048);
  }

  @BeforeEach
  void link() throws Exception {
    ours = OurNode.start(folder.resolve("ours"));
    original = new OriginalNode(Duration.ofSeconds(30));
    line = original.dial(ours.address());
    await().until(() -> !ours.plainLinks().isEmpty());
  }

  @AfterEach
  void close() throws Exception {
    original.close();
    ours.close();
  }

  /** A good event gets through behind what was sent, and nobody was blamed. */
  private void assertNobodyIsToBlame() throws Exception {
    assertTheLinkLives();
    assertThat(ours.rejected()).isZero();
    assertThat(ours.plainScore()).isZero();
  }

  private void assertTheLinkLives() throws Exception {
    String sourceIp = "198.51.100." + ++good;
    line.event(Python.dumps(key.event(sourceIp, now)));
    await().until(() -> ours.has(sourceIp));
    assertThat(line.isOpen()).isTrue();
  }

  private void assertIgnored(Map<String, String> event) throws Exception {
    assertIgnored(OriginalNode.frame("event", Python.dumps(event)));
  }

  private void assertIgnored(byte[] frame) throws Exception {
    line.send(frame);
    await().until(() -> ours.ignored() == 1);
    assertNobodyIsToBlame();
    assertThat(ours.events()).hasSize(1);
  }

  private void assertRejected(byte[] frame) throws Exception {
    line.send(frame);
    await().until(() -> ours.plainScore() == -3);
    assertTheLinkLives();
  }

  @Test
  void aStampInLocalTimeIsTakenAsApproximate() throws Exception {
    line.event(Python.dumps(key.event("203.0.113.1", now.substring(0, 19).replace('T', ' '))));
    await().until(() -> ours.has("203.0.113.1"));
    assertThat(ours.event("203.0.113.1").orElseThrow().timeApproximate()).isTrue();
    assertNobodyIsToBlame();
  }

  @Test
  void aStampInNoFormIsIgnored() throws Exception {
    assertIgnored(key.event("203.0.113.1", "yesterday"));
  }

  @Test
  void aKeyOf1024BitsIsIgnored() throws Exception {
    assertIgnored(OriginalKey.of(1024).event("203.0.113.1", now));
  }

  @Test
  void aKeyOf4096BitsIsIgnored() throws Exception {
    assertIgnored(OriginalKey.of(4096).event("203.0.113.1", now));
  }

  @Test
  void aKeyWithAnotherExponentIsIgnored() throws Exception {
    assertIgnored(OriginalKey.of(2048, BigInteger.valueOf(3), "\n").event("203.0.113.1", now));
  }

  @Test
  void aPemWithCarriageReturnsIsIgnored() throws Exception {
    assertIgnored(
        OriginalKey.of(2048, BigInteger.valueOf(65537), "\r\n").event("203.0.113.1", now));
  }

  @Test
  void anIdThatIsNoHashIsIgnored() throws Exception {
    assertIgnored(key.event("203.0.113.1", "high", now, UUID.randomUUID().toString()));
  }

  @Test
  void anIdThatIsAnotherHashIsTakenAsBare() throws Exception {
    line.event(Python.dumps(key.event("203.0.113.1", "high", now, "a".repeat(64))));
    await().until(() -> ours.has("203.0.113.1"));
    assertThat(ours.event("203.0.113.1").orElseThrow().bare()).isTrue();
    assertNobodyIsToBlame();
  }

  @Test
  void anEventOfTwoMebibytesIsLeftOut() throws Exception {
    line.event(Python.dumps(key.event("203.0.113.1", "x".repeat(2 << 20), now, "")));
    assertNobodyIsToBlame();
    assertThat(ours.events()).hasSize(1);
  }

  @Test
  void anEventOfHalfAMebibyteIsIgnored() throws Exception {
    assertIgnored(key.event("203.0.113.1", "x".repeat(1 << 19), now, ""));
  }

  @Test
  void anUnpairedSurrogateIsIgnored() throws Exception {
    assertIgnored(key.event("evil\ud800.example", now));
  }

  @Test
  void aFieldThatIsNoNumberIsIgnored() throws Exception {
    String event = Python.dumps(key.event("203.0.113.1", now));
    assertIgnored(OriginalNode.frame("event", event.replace("\"high\"", "NaN")));
  }

  @Test
  void aNumberThatIsNoneAsAnUnknownFieldIsIgnored() throws Exception {
    String event = Python.dumps(key.event("203.0.113.1", now));
    assertIgnored(
        OriginalNode.frame("event", event.substring(0, event.length() - 1) + ", \"score\": NaN}"));
  }

  @Test
  void aKeyTwiceIsIgnored() throws Exception {
    String event = Python.dumps(key.event("203.0.113.1", now));
    assertIgnored(OriginalNode.frame("event", "{\"severity\": \"low\", " + event.substring(1)));
  }

  @Test
  void aByteOrderMarkIsIgnored() throws Exception {
    byte[] frame = OriginalNode.frame("event", Python.dumps(key.event("203.0.113.1", now)));
    assertIgnored(
        ByteBuffer.allocate(frame.length + 3)
            .put(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf})
            .put(frame)
            .array());
  }

  @Test
  void detailsThatAreNoneAreIgnored() throws Exception {
    String event = Python.dumps(key.event("203.0.113.1", now));
    assertIgnored(
        OriginalNode.frame("event", event.substring(0, event.length() - 1) + ", \"details\": 7}"));
  }

  @Test
  void detailsThatTheIdDoesNotCoverAreIgnored() throws Exception {
    String event = Python.dumps(key.event("203.0.113.1", now));
    assertIgnored(
        OriginalNode.frame(
            "event", event.substring(0, event.length() - 1) + ", \"details\": {\"count\": 1}}"));
  }

  @Test
  void anUnknownTypeMeansNothing() throws Exception {
    line.send(OriginalNode.frame("GOSSIP", "{}"));
    assertNobodyIsToBlame();
  }

  @Test
  void aForgedSignatureIsTheDeliverersFault() throws Exception {
    Map<String, String> event = new TreeMap<>(key.event("203.0.113.1", now));
    event.put("severity", "low");
    assertRejected(OriginalNode.frame("event", Python.dumps(event)));
  }

  @Test
  void aForgedSignatureOfAnotherSizeIsTheDeliverersFaultToo() throws Exception {
    Map<String, String> event = new TreeMap<>(OriginalKey.of(1024).event("203.0.113.1", now));
    event.put("severity", "low");
    assertRejected(OriginalNode.frame("event", Python.dumps(event)));
  }

  @Test
  void anEventWithoutSignatureIsTheDeliverersFault() throws Exception {
    Map<String, String> event = new TreeMap<>(key.event("203.0.113.1", now));
    event.remove("signature");
    assertRejected(OriginalNode.frame("event", Python.dumps(event)));
  }

  @Test
  void whatIsNoFrameEndsTheLinkWithoutBlame() throws Exception {
    line.send("no JSON".getBytes(UTF_8));
    await().until(() -> !line.isOpen());
    assertThat(ours.plainScore()).isZero();
  }

  @Test
  void theFourthForgeryBansTheAddressButNotTls() throws Exception {
    for (int i = 0; i < 4; i++) {
      Map<String, String> event = new TreeMap<>(key.event("203.0.113." + i, now));
      event.put("severity", "low");
      line.event(Python.dumps(event));
    }
    await().until(() -> !line.isOpen());
    await().until(ours::plainBanned);
    PeerView banned =
        ours.peers().stream().filter(peer -> peer.blockedUntil().isPresent()).findFirst().get();
    assertThat(banned.address()).contains("127.0.0.1");
    assertThat(banned.nodeId()).isEmpty();
    assertThat(banned.reputation()).isEqualTo(-12);

    OriginalNode.Line again = original.dial(ours.address());
    await().until(() -> !again.isOpen());
    try (OurNode other = OurNode.start(folder.resolve("other"))) {
      other.dial(ours.address());
      await().until(() -> !other.securedLinks().isEmpty());
    }
  }
}
