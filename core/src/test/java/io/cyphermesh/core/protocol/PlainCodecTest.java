package io.cyphermesh.core.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainCodecTest {
  private static SignedEvent event;

  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final PlainCodec codec = new PlainCodec(clock, () -> new UUID(1, 2));

  @BeforeAll
  static void sign() {
    event =
        TestReporter.create()
            .event("203.0.113.7", Instant.parse("2026-11-22T10:00:00Z"), "{\"count\": 3}");
  }

  private static Message decode(String frame) throws ProtocolException {
    return PlainCodec.decode(frame.getBytes(UTF_8));
  }

  private static String frame(String payload) {
    return "{\"type\": \"event\", \"id\": \"x\", \"payload\": "
        + payload
        + ", \"timestamp\": \"\"}";
  }

  private static String field(String name, String json) {
    String text = event.canonical();
    int from = text.indexOf("\"" + name + "\": ") + name.length() + 4;
    int to = text.indexOf(", \"", from);
    return text.substring(0, from) + json + text.substring(to < 0 ? text.length() - 1 : to);
  }

  @Test
  void aHeartbeatIsAnEmptyHello() throws ProtocolException {
    String frame = new String(codec.encode(new Message.Heartbeat()), UTF_8);
    assertThat(frame)
        .isEqualTo(
            "{\"type\": \"HELLO\", \"id\": \"00000000-0000-0001-0000-000000000002\","
                + " \"payload\": {}, \"timestamp\": \"2026-11-22T10:06:00.000Z\"}");
    assertThat(decode(frame)).isEqualTo(new Message.Heartbeat());
  }

  @Test
  void anEventsFrameHasItsIdAndNothingOfVersionTwoButTheDetails() throws ProtocolException {
    String frame = new String(codec.encode(new Message.Event(event, 7)), UTF_8);
    assertThat(frame)
        .startsWith("{\"type\": \"event\", \"id\": \"" + event.claimedId().hex() + "\"")
        .contains("\"payload\": " + event.canonical())
        .doesNotContain("hops");
    assertThat(decode(frame))
        .isInstanceOfSatisfying(
            Message.Event.class,
            read -> assertThat(read.event().canonical()).isEqualTo(event.canonical()));
  }

  @Test
  void whatOnlyVersionTwoSaysIsNeverSent() {
    assertThatThrownBy(() -> codec.encode(new Message.Ping(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ping", "peers", "digest", ""})
  void versionTwosOtherTypesMeanNothing(String type) throws ProtocolException {
    assertThat(decode("{\"type\": \"" + type + "\", \"payload\": {\"n\": 1}}"))
        .isEqualTo(new Message.Unknown(type));
  }

  @Test
  void aFrameWithoutIdAndTimestampIsOneAllTheSame() throws ProtocolException {
    assertThat(decode("{\"type\":\"event\",\"payload\":" + event.canonical() + "}"))
        .isInstanceOf(Message.Event.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "null", "7", "[1]"})
  void aFieldThatIsNoTextIsLeftOut(String value) throws ProtocolException {
    assertThat(decode(frame(field("severity", value)))).isInstanceOf(Message.LeftOut.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\ud800\"", "\"a\\udc00b\""})
  void anEventWithAnUnpairedSurrogateIsUnusual(String value) throws ProtocolException {
    assertThat(decode(frame(field("severity", value))))
        .isInstanceOfSatisfying(
            Message.UnusualEvent.class,
            unusual ->
                assertThat(new String(unusual.event().signedPayload(), UTF_8))
                    .contains("\"severity\": " + value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"severity", "source_ip", "reporter_pubkey", "signature"})
  void whatIsMuchLongerThanAnEventIsLeftOutAndNotKept(String name) throws ProtocolException {
    String longer = frame(field(name, '"' + "\\u007f".repeat(40_000) + '"'));
    assertThat(decode(longer)).isInstanceOf(Message.LeftOut.class);
  }

  @Test
  void ofAKeyThatComesTwiceTheLastOneCounts() throws ProtocolException {
    String twice = "{\"severity\": \"none\", " + event.canonical().substring(1);
    assertThat(decode(frame(twice)))
        .isInstanceOfSatisfying(
            Message.UnusualEvent.class,
            unusual ->
                assertThat(new String(unusual.event().signedPayload(), UTF_8))
                    .isEqualTo(event.withoutDetails().signedPayload()));
  }

  @Test
  void aByteOrderMarkIsNoBreach() throws ProtocolException {
    assertThat(decode("\ufeff" + frame(event.canonical())))
        .isInstanceOf(Message.UnusualEvent.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "severity", "source_ip", "reporter_pubkey", "signature"})
  void anEventWithoutAFieldIsMalformed(String name) throws ProtocolException {
    String without = event.canonical().replace("\"" + name + "\"", "\"other\"");
    assertThat(decode(frame(without))).isEqualTo(new Message.MalformedEvent(name + " is missing"));
  }

  @Test
  void nestingBeyondWhatIsReadIsLeftOut() throws ProtocolException {
    assertThat(decode("[".repeat(5_000) + "]".repeat(5_000))).isInstanceOf(Message.LeftOut.class);
    assertThat(decode(frame("[" + "1,".repeat(30_000) + "1]"))).isInstanceOf(Message.LeftOut.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{\"a\" 1}", "{\"a\": 01}", "GET / HTTP/1.1", "{} {}", "\"a", "nul", "-"})
  void whatIsNoJsonToAnyoneIsNoFrame(String text) {
    assertThatThrownBy(() -> decode(text)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void whatIsNotUtf8IsNoFrame() {
    assertThatThrownBy(() -> PlainCodec.decode(new byte[] {'"', (byte) 0xff, '"'}))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void bytesChangedAtRandomNeverDoMoreThanThrowAProtocolException() {
    long seed = 11;
    Random random = new Random(seed);
    byte[] good = codec.encode(new Message.Event(event, 1));
    for (int i = 0; i < 20_000; i++) {
      byte[] bad = good.clone();
      for (int j = random.nextInt(3); j >= 0; j--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(128);
      }
      try {
        assertThat(PlainCodec.decode(bad)).as("seed %d, round %d", seed, i).isNotNull();
      } catch (ProtocolException e) {
        assertThat(e).hasMessageContaining("not");
      }
    }
  }
}
