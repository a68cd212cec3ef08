package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCodecTest {
  private static final TestReporter REPORTER = TestReporter.create();
  private static final UUID FRAME_ID = new UUID(1, 2);

  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00.500Z");
  private final FrameCodec codec = new FrameCodec(clock, () -> FRAME_ID);

  private static Message read(String frame) throws ProtocolException {
    return FrameCodec.decode(frame.getBytes(StandardCharsets.UTF_8)).message();
  }

  private static String frame(String type, String payload) {
    return "{\"type\": \"%s\", \"id\": \"x\", \"payload\": %s, \"timestamp\": \"t\"}"
        .formatted(type, payload);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 9_007_199_254_740_991L})
  void pingsAndPongsComeBackAsTheyWent(long n) throws ProtocolException {
    assertThat(FrameCodec.decode(codec.encode(new Message.Ping(n))).message())
        .isEqualTo(new Message.Ping(n));
    assertThat(FrameCodec.decode(codec.encode(new Message.Pong(n))).message())
        .isEqualTo(new Message.Pong(n));
  }

  @Test
  void aHelloComesBackAsItWentWithTheSendersTime() throws ProtocolException {
    Message.Hello hello =
        new Message.Hello(2, "cyphermesh", 9001, "cyphermesh/1.0", Set.of("rbsr", "hyparview"));
    FrameCodec.Decoded decoded = FrameCodec.decode(codec.encode(hello));
    assertThat(decoded.message()).isEqualTo(hello);
    assertThat(decoded.senderTime()).contains(clock.instant());
  }

  @Test
  void aFrameIsWrittenAsTheProtocolShowsIt() {
    assertThat(
            new String(
                codec.encode(new Message.Hello(2, "n", 1, "a\n\u00e9", Set.of("z", "b"))),
                StandardCharsets.US_ASCII))
        .isEqualTo(
            "{\"type\": \"HELLO\", \"payload\": {\"v\": 2, \"net\": \"n\", \"listen\": 1,"
                + " \"agent\": \"a\\n\\u00e9\", \"caps\": [\"b\", \"z\"]}, \"id\":"
                + " \"00000000-0000-0001-0000-000000000002\", \"timestamp\":"
                + " \"2026-11-22T10:06:00.500Z\"}");
  }

  @Test
  void anEventComesBackAsItWent() throws ProtocolException {
    SignedEvent event =
        REPORTER.event("203.0.113.7", clock.instant(), "{\"tlp\": \"green\", \"count\": 3}");
    byte[] frame = codec.encode(new Message.Event(event, 3));
    assertThat(FrameCodec.decode(frame).message())
        .isInstanceOfSatisfying(
            Message.Event.class,
            read -> {
              assertThat(read.event().canonical()).isEqualTo(event.canonical());
              assertThat(read.event().details()).isEqualTo(event.details());
              assertThat(read.hops()).isEqualTo(3);
            });
    assertThat(new String(frame, StandardCharsets.US_ASCII))
        .contains("\"id\": \"" + event.claimedId().hex() + "\", \"timestamp\"");
  }

  @Test
  void hopsBeyondCountingAreNotPassedOnAsAFault() throws ProtocolException {
    SignedEvent event = REPORTER.event("203.0.113.7", clock.instant());
    Message most =
        FrameCodec.decode(codec.encode(new Message.Event(event, Message.Event.MAX_HOPS))).message();
    int relayed = ((Message.Event) most).hops() + 1;
    assertThat(FrameCodec.decode(codec.encode(new Message.Event(event, relayed))).message())
        .isInstanceOf(Message.Event.class);
  }

  @Test
  void peersComeBackAsTheyWent() throws ProtocolException {
    PeerRecord record =
        PeerRecord.sign(new HostPort("2001:db8::1", 9001), 1_790_000_000, REPORTER.identity());
    Message message = FrameCodec.decode(codec.encode(new Message.Peers(List.of(record)))).message();
    assertThat(message)
        .isInstanceOfSatisfying(
            Message.Peers.class,
            peers ->
                assertThat(peers.records())
                    .singleElement()
                    .satisfies(
                        read -> {
                          assertThat(read.address()).isEqualTo(record.address());
                          assertThat(read.seq()).isEqualTo(record.seq());
                          assertThat(read.nodeId()).isEqualTo(REPORTER.id());
                          assertThat(read.verifies(Rsa.portable())).isTrue();
                        }));
    for (int most : new int[] {0, 2, 100}) {
      assertThat(FrameCodec.decode(codec.encode(new Message.PeersWanted(most))).message())
          .isEqualTo(new Message.PeersWanted(most));
    }
  }

  @Test
  void aPeerRecordMovedToAnotherPlaceDoesNotVerify() {
    PeerRecord record = PeerRecord.sign(new HostPort("192.0.2.1", 9001), 7, REPORTER.identity());
    assertThat(
            List.of(
                new PeerRecord(
                    new HostPort("192.0.2.2", 9001), record.key(), 7, record.signature()),
                new PeerRecord(
                    new HostPort("192.0.2.1", 9002), record.key(), 7, record.signature()),
                new PeerRecord(record.address(), record.key(), 8, record.signature()),
                new PeerRecord(record.address(), record.key(), 7, new byte[0])))
        .noneMatch(moved -> moved.verifies(Rsa.portable()));
  }

  @Test
  void anUnknownTypeIsNoFault() throws ProtocolException {
    assertThat(read(frame("teleport", "{\"id\": 1}"))).isEqualTo(new Message.Unknown("teleport"));
  }

  @Test
  void whatIsNoEventIsToldApartFromWhatIsNoFrame() throws ProtocolException {
    assertThat(read(frame("event", "{}"))).isInstanceOf(Message.MalformedEvent.class);
    assertThat(read(frame("event", "{\"id\": \"" + "A".repeat(64) + "\"}")))
        .isInstanceOf(Message.MalformedEvent.class);
  }

  @Test
  void aStrangersAgentIsOneShortLineOfAscii() throws ProtocolException {
    Message hello =
        read(
            frame(
                "HELLO",
                "{\"v\": 2, \"net\": \"n\", \"listen\": 0, \"agent\": \"a\\nb\\u001b\\ud83d\\ude00"
                    + "x".repeat(100)
                    + "\", \"caps\": []}"));
    assertThat(((Message.Hello) hello).agent()).startsWith("a?b???x").hasSize(64);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-22T10:00:00.123456Z",
        "2026-11-22T10:00:00Z",
        "yesterday",
        "",
        "-999999999-01-01T00:00:00Z"
      })
  void aSendersTimeIsNeverAFault(String time) throws ProtocolException {
    assertThat(
            read(
                "{\"type\":\"ping\",\"id\":\"\",\"payload\":{\"n\":1},\"timestamp\":\""
                    + time
                    + "\"}"))
        .isEqualTo(new Message.Ping(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"\",\"payload\":{},\"timestamp\":\"\"}",
        "{\"type\":1,\"id\":\"\",\"payload\":{},\"timestamp\":\"\"}",
        "{\"type\":\"ping\",\"payload\":{\"n\":1},\"timestamp\":\"\"}",
        "{\"type\":\"ping\",\"id\":\"\",\"payload\":{\"n\":1}}",
        "{\"type\":\"ping\",\"id\":\"\",\"timestamp\":\"\"}",
        "{\"type\":\"ping\",\"id\":\"\",\"payload\":[],\"timestamp\":\"\"}",
        "{\"type\":\"ping\",\"id\":\"\",\"payload\":null,\"timestamp\":\"\"}",
      })
  void aFrameWithoutItsFieldsIsRefused(String frame) {
    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> read(frame));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"n\":-1}",
        "{\"n\":1.0}",
        "{\"n\":1e3}",
        "{\"n\":\"1\"}",
        "{\"n\":9007199254740992}",
        "{\"n\":99999999999999999999}",
        "{\"n\":null}"
      })
  void aPingWithoutAWholeNumberIsRefused(String payload) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> read(frame("ping", payload)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"v\":2,\"net\":\"n\",\"listen\":0,\"agent\":\"a\"}",
        "{\"v\":2,\"net\":\"n\",\"listen\":65536,\"agent\":\"a\",\"caps\":[]}",
        "{\"v\":2,\"net\":\"n\",\"listen\":-1,\"agent\":\"a\",\"caps\":[]}",
        "{\"v\":\"2\",\"net\":\"n\",\"listen\":0,\"agent\":\"a\",\"caps\":[]}",
        "{\"v\":2,\"net\":2,\"listen\":0,\"agent\":\"a\",\"caps\":[]}",
        "{\"v\":2,\"net\":\"n\",\"listen\":0,\"agent\":\"a\",\"caps\":[1]}",
        "{\"v\":2,\"net\":\"n\",\"listen\":0,\"agent\":\"a\",\"caps\":{}}"
      })
  void aHelloOfAnotherFormIsRefused(String payload) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> read(frame("HELLO", payload)));
  }

  @Test
  void moreThanAHundredPeersAreRefused() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> read(frame("peers", "{\"peers\": [" + "{},".repeat(100) + "{}]}")))
        .withMessageContaining("100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "192.0.2.01", "2001:DB8::1", "::ffff:192.0.2.1", "fe80::1%1", ""})
  void aPeersAddressIsACanonicalLiteral(String address) {
    PeerRecord record = PeerRecord.sign(new HostPort("192.0.2.1", 9001), 7, REPORTER.identity());
    String good =
        new String(codec.encode(new Message.Peers(List.of(record))), StandardCharsets.US_ASCII);
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> read(good.replace("192.0.2.1", address)));
  }

  /** Whatever arrives is a message or a reason to end the link, soon. */
  @Test
  void tenThousandMutationsOfValidFramesEndInAMessageOrAProtocolException() {
    long seed = 20_261_122;
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(codec.encode(new Message.Hello(2, "cyphermesh", 9001, "a", Set.of("x"))));
    seeds.add(codec.encode(new Message.Ping(1)));
    seeds.add(
        codec.encode(
            new Message.Event(
                REPORTER.event(
                    "203.0.113.7",
                    Instant.parse("2026-11-22T10:00:00Z"),
                    "{\"tlp\": \"green\", \"a\": [{\"b\": [1, -2, true, null, \"x\"]}]}"),
                1)));
    seeds.add(
        codec.encode(
            new Message.Peers(
                List.of(
                    PeerRecord.sign(new HostPort("192.0.2.1", 9001), 7, REPORTER.identity())))));
    Mutations.mutate(seeds, 10_000, seed);
  }

  @Test
  void aBareEventIsReadAgainFromItsOwnFrame() throws ProtocolException {
    SignedEvent bare =
        REPORTER
            .event("203.0.113.7", "2026-11-22T10:00:00.000Z", Optional.of("{\"n\": 1}"))
            .withoutDetails();
    assertThat(FrameCodec.decode(codec.encode(new Message.Event(bare, 1))).message())
        .isInstanceOfSatisfying(
            Message.Event.class,
            read -> assertThat(read.event().key(true)).isEqualTo(bare.key(true)));
  }
}
