package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages of membership, broadcast and reconciliation. */
class MeshFramesTest {
  private static final TestReporter REPORTER = TestReporter.create();
  private static final Instant TIME = Instant.parse("2026-11-22T10:00:00Z");
  private static final PeerRecord RECORD =
      PeerRecord.sign(new HostPort("192.0.2.1", 9001), 7, REPORTER.identity());

  private final FrameCodec codec =
      new FrameCodec(new FakeClock("2026-11-22T10:06:00.500Z"), () -> new UUID(1, 2));

  private static EventId id(int n) {
    return new EventId("%064x".formatted(n));
  }

  private static List<EventId> ids(int count) {
    return IntStream.range(0, count).mapToObj(MeshFramesTest::id).toList();
  }

  private static List<Message.Announced> announced(int count) {
    return ids(count).stream().map(id -> new Message.Announced(id, 300)).toList();
  }

  private static Message read(String type, String payload) throws ProtocolException {
    String frame =
        "{\"type\": \"%s\", \"id\": \"x\", \"payload\": %s, \"timestamp\": \"t\"}"
            .formatted(type, payload);
    return FrameCodec.decode(frame.getBytes(StandardCharsets.UTF_8)).message();
  }

  private Message comeBack(Message message) throws ProtocolException {
    return FrameCodec.decode(codec.encode(message)).message();
  }

  private String encoded(Message message) {
    return new String(codec.encode(message), StandardCharsets.US_ASCII);
  }

  private static String base64(int bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(new byte[bytes]);
  }

  private static void refused(String type, String payload) {
    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> read(type, payload));
  }

  static List<Message> comparable() {
    return List.of(
        new Message.Join(),
        new Message.Neighbor(true),
        new Message.Neighbor(false),
        new Message.NeighborReply(true),
        new Message.NeighborReply(false),
        new Message.Disconnect(),
        new Message.Shuffle(Fields.MAX_INTEGER, 16, List.of()),
        new Message.ShuffleReply(0, List.of()),
        new Message.IHave(List.of(), false),
        new Message.IHave(announced(1), true),
        new Message.IHave(announced(1_000), false),
        new Message.Graft(List.of()),
        new Message.Graft(ids(1_000)),
        new Message.Prune(),
        new Message.Beacon(new NodeId("a".repeat(64)), 1_800_000_000L, 7, false),
        new Message.Beacon(new NodeId("a".repeat(64)), 1_800_000_000L, 8, true),
        new Message.Want(List.of()),
        new Message.Want(ids(256)),
        new Message.Events(List.of()));
  }

  @ParameterizedTest
  @MethodSource("comparable")
  void aMessageComesBackAsItWent(Message message) throws ProtocolException {
    assertThat(comeBack(message)).isEqualTo(message);
  }

  @Test
  void peerRecordsComeBackAsTheyWent() throws ProtocolException {
    Message.ForwardJoin join = (Message.ForwardJoin) comeBack(new Message.ForwardJoin(RECORD, 6));
    assertThat(join.ttl()).isEqualTo(6);
    assertThat(join.peer()).usingRecursiveComparison().isEqualTo(RECORD);
    Message.Shuffle shuffle =
        (Message.Shuffle) comeBack(new Message.Shuffle(5, 3, Collections.nCopies(20, RECORD)));
    assertThat(shuffle.walk()).isEqualTo(5);
    assertThat(shuffle.ttl()).isEqualTo(3);
    assertThat(shuffle.records())
        .hasSize(20)
        .allSatisfy(r -> assertThat(r).usingRecursiveComparison().isEqualTo(RECORD));
    Message.ShuffleReply reply =
        (Message.ShuffleReply) comeBack(new Message.ShuffleReply(5, List.of(RECORD)));
    assertThat(reply.walk()).isEqualTo(5);
    assertThat(reply.records())
        .singleElement()
        .satisfies(r -> assertThat(r).usingRecursiveComparison().isEqualTo(RECORD));
  }

  @Test
  void digestsAndRoundsComeBackAsTheyWent() throws ProtocolException {
    byte[] fingerprint = new byte[16];
    fingerprint[15] = -1;
    Message.Digest digest =
        (Message.Digest) comeBack(new Message.Digest(495_000, 2_592_000, fingerprint));
    assertThat(digest.fromHour()).isEqualTo(495_000);
    assertThat(digest.seconds()).isEqualTo(2_592_000);
    assertThat(digest.fingerprint()).isEqualTo(fingerprint);
    Message.Digest same = (Message.Digest) comeBack(new Message.Digest(0, 0, new byte[0]));
    assertThat(same.fingerprint()).isEmpty();
    byte[] ranges = new byte[640_000];
    ranges[7] = 7;
    assertThat(((Message.Reconcile) comeBack(new Message.Reconcile(ranges))).ranges())
        .isEqualTo(ranges);
    Message.WantOffered want =
        (Message.WantOffered) comeBack(new Message.WantOffered(70_000, new byte[] {5, -1}));
    assertThat(want.first()).isEqualTo(70_000);
    assertThat(want.bits()).isEqualTo(new byte[] {5, -1});
  }

  @Test
  void eventsComeBackAsTheyWent() throws ProtocolException {
    SignedEvent plain = REPORTER.event("203.0.113.7", TIME);
    SignedEvent detailed = REPORTER.event("203.0.113.8", TIME, "{\"tlp\": \"green\"}");
    Message.Events sent = FrameCodec.packed(List.of(plain, detailed)).getFirst();
    assertThat(((Message.Events) comeBack(sent)).events())
        .extracting(e -> ((Message.Event) e).event().canonical())
        .containsExactly(plain.canonical(), detailed.canonical());
  }

  @Test
  void framesAreWrittenAsTheProtocolShowsThem() {
    assertThat(encoded(new Message.IHave(announced(1), true)))
        .startsWith(
            "{\"type\": \"ihave\", \"payload\": {\"events\": \""
                + "A".repeat(42)
                + "D/\", \"late\": true}, \"id\": \"");
    assertThat(encoded(new Message.IHave(List.of(), false)))
        .contains("\"payload\": {\"events\": \"\"}");
    assertThat(encoded(new Message.Graft(ids(1))))
        .contains("\"graft\", \"payload\": {\"ids\": \"" + "A".repeat(43) + "\"}");
    assertThat(encoded(new Message.Neighbor(true)))
        .contains("\"neighbor\", \"payload\": {\"priority\": \"high\"}");
    assertThat(encoded(new Message.NeighborReply(false)))
        .contains("\"neighbor_reply\", \"payload\": {\"accepted\": false}");
    assertThat(encoded(new Message.Shuffle(1, 2, List.of())))
        .contains("\"shuffle\", \"payload\": {\"walk\": 1, \"ttl\": 2, \"peers\": []}");
    assertThat(encoded(new Message.WantOffered(3, new byte[] {1})))
        .contains("\"want\", \"payload\": {\"first\": 3, \"bits\": \"AQ\"}");
    assertThat(encoded(new Message.Digest(1, 2, new byte[16])))
        .contains(
            "\"digest\", \"payload\": {\"f\": 1, \"t\": 2, \"d\": \"AAAAAAAAAAAAAAAAAAAAAA\"}");
    assertThat(encoded(new Message.Digest(0, 0, new byte[0])))
        .contains("\"digest\", \"payload\": {}");
  }

  @Test
  void aMalformedEventAmongOthersIsItsSendersBlameAndTheOthersCount() throws ProtocolException {
    String good = REPORTER.event("203.0.113.7", TIME).canonical();
    Message.Events events =
        (Message.Events) read("events", "{\"events\": [" + good + ", {}, 7, " + good + "]}");
    assertThat(events.events())
        .extracting(Object::getClass)
        .asString()
        .isEqualTo(
            List.of(
                    Message.Event.class,
                    Message.MalformedEvent.class,
                    Message.MalformedEvent.class,
                    Message.Event.class)
                .toString());
  }

  @Test
  void whatIsNoEventIsNeverSentAmongEvents() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> codec.encode(new Message.Events(List.of(new Message.MalformedEvent("x")))));
  }

  @Test
  void whatIsBeyondALimitIsRefused() throws ProtocolException {
    String tooManyIds = "{\"ids\": \"" + base64(32 * 1_001) + "\"}";
    refused("ihave", "{\"events\": \"" + base64(33 * 1_001) + "\"}");
    refused("graft", tooManyIds);
    refused("want", "{\"ids\": \"" + base64(32 * 257) + "\"}");
    refused("want", "{\"first\": 0, \"bits\": \"" + base64(33) + "\"}");
    refused("want", "{\"first\": 9007199254740992, \"bits\": \"\"}");
    refused("events", "{\"events\": [" + "{},".repeat(256) + "{}]}");
    refused("reconcile", "{\"r\": \"" + base64(640_000 + 1) + "\"}");
    refused("shuffle", "{\"walk\": 1, \"ttl\": 17, \"peers\": []}");
    refused("shuffle", "{\"walk\": 9007199254740992, \"ttl\": 1, \"peers\": []}");
    refused("digest", "{\"f\": 2147483648, \"t\": 0, \"d\": \"" + base64(16) + "\"}");
    refused("digest", "{\"f\": 0, \"t\": 2147483648, \"d\": \"" + base64(16) + "\"}");
    assertThat(read("want", "{\"first\": 0, \"bits\": \"" + base64(32) + "\"}"))
        .isInstanceOf(Message.WantOffered.class);
    assertThat(read("events", "{\"events\": [" + "{},".repeat(255) + "{}]}"))
        .isInstanceOf(Message.Events.class);
  }

  @Test
  void moreThanTwentyRecordsOfAShuffleAreRefused() {
    List<PeerRecord> records = Collections.nCopies(21, RECORD);
    for (Message message :
        List.of(new Message.Shuffle(1, 1, records), new Message.ShuffleReply(1, records))) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(() -> comeBack(message))
          .withMessageContaining("20");
    }
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> comeBack(new Message.ForwardJoin(RECORD, 17)))
        .withMessageContaining("16");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "forward_join {}",
        "forward_join {\"peer\": {}, \"ttl\": 1}",
        "forward_join {\"peer\": [], \"ttl\": 1}",
        "neighbor {}",
        "neighbor {\"priority\": \"urgent\"}",
        "neighbor {\"priority\": true}",
        "neighbor_reply {}",
        "neighbor_reply {\"accepted\": \"true\"}",
        "neighbor_reply {\"accepted\": 1}",
        "shuffle {\"walk\": 1, \"peers\": []}",
        "shuffle {\"ttl\": 1, \"peers\": []}",
        "shuffle {\"walk\": 1, \"ttl\": 1}",
        "shuffle {\"walk\": -1, \"ttl\": 1, \"peers\": []}",
        "shuffle {\"walk\": 1, \"ttl\": 1, \"peers\": [null]}",
        "shuffle_reply {\"peers\": []}",
        "ihave {}",
        "ihave {\"events\": []}",
        "ihave {\"events\": \"AAAA\"}",
        "ihave {\"events\": \"\", \"late\": 1}",
        "ihave {\"events\": \"\", \"late\": null}",
        "graft {}",
        "graft {\"ids\": \"AAAA\"}",
        "graft {\"ids\": [\"AAAA\"]}",
        "want {}",
        "want {\"ids\": \"AA==\"}",
        "want {\"first\": 1}",
        "want {\"first\": 1, \"bits\": 1}",
        "want {\"first\": 1, \"bits\": \"\", \"ids\": \"\"}",
        "events {}",
        "events {\"events\": {}}",
        "digest {\"f\": 1}",
        "digest {\"f\": 1, \"t\": 1}",
        "digest {\"d\": \"AAAAAAAAAAAAAAAAAAAAAA\"}",
        "digest {\"f\": 1, \"t\": 1, \"d\": \"\"}",
        "digest {\"f\": 1, \"t\": 1, \"d\": \"AAAAAAAAAAAAAAAAAAAA\"}",
        "reconcile {}",
        "reconcile {\"r\": null}"
      })
  void aMessageOfAnotherFormIsRefused(String typeAndPayload) {
    int space = typeAndPayload.indexOf(' ');
    refused(typeAndPayload.substring(0, space), typeAndPayload.substring(space + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"AB", "AAB", "AA==", "AAA=", "A", "AAAAA", "AA A", "-_", "\\u0141A", "="})
  void base64ThatIsNotWhatEncodingGivesIsRefused(String text) {
    refused("reconcile", "{\"r\": \"" + text + "\"}");
  }

  @Test
  void aRecordsSignatureHasItsLength() {
    String frame = encoded(new Message.ForwardJoin(RECORD, 1));
    String signature = Base64.getEncoder().encodeToString(RECORD.signature());
    for (String other : List.of("", "AAAA", signature + signature, "?".repeat(344))) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(
              () ->
                  FrameCodec.decode(
                      frame.replace(signature, other).getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void eventsArePackedIntoFramesOfAtMost256() {
    List<SignedEvent> events = Collections.nCopies(600, REPORTER.event("203.0.113.7", TIME));
    assertThat(FrameCodec.packed(events))
        .extracting(frame -> frame.events().size())
        .containsExactly(256, 256, 88);
    assertThat(FrameCodec.packed(List.of())).isEmpty();
  }

  @Test
  void largeEventsArePackedIntoFramesThatPeersRead() throws ProtocolException {
    SignedEvent large =
        REPORTER.event("203.0.113.7", TIME, "{\"description\": \"" + "x".repeat(8_000) + "\"}");
    everyPackedFrameIsRead(Collections.nCopies(256, large));
  }

  @Test
  void eventsOfManyValuesArePackedIntoFramesThatPeersRead() throws ProtocolException {
    SignedEvent many =
        REPORTER.event("203.0.113.7", TIME, "{\"tags\": [" + "1, ".repeat(2_700) + "1]}");
    everyPackedFrameIsRead(Collections.nCopies(30, many));
  }

  private void everyPackedFrameIsRead(List<SignedEvent> events) throws ProtocolException {
    List<Message> read = new ArrayList<>();
    List<Message.Events> packed = FrameCodec.packed(events);
    assertThat(packed).hasSizeGreaterThan(1);
    for (Message.Events message : packed) {
      byte[] frame = codec.encode(message);
      assertThat(frame).hasSizeLessThanOrEqualTo(768 * 1024 + 256);
      read.addAll(((Message.Events) FrameCodec.decode(frame).message()).events());
    }
    assertThat(read).hasSameSizeAs(events).hasOnlyElementsOfType(Message.Event.class);
  }

  /** Whatever arrives is a message or a reason to end the link, soon. */
  @Test
  void twentyThousandMutationsEndInAMessageOrAProtocolException() {
    List<byte[]> seeds = new ArrayList<>();
    comparable().stream().map(codec::encode).forEach(seeds::add);
    for (Message message :
        List.of(
            new Message.ForwardJoin(RECORD, 6),
            new Message.Shuffle(5, 3, List.of(RECORD, RECORD)),
            new Message.ShuffleReply(5, List.of(RECORD)),
            new Message.Digest(495_000, 3_600, new byte[16]),
            new Message.Reconcile(new byte[100]),
            new Message.WantOffered(3, new byte[32]),
            FrameCodec.packed(
                    List.of(
                        REPORTER.event("203.0.113.7", TIME),
                        REPORTER.event("203.0.113.8", TIME, "{\"tlp\": \"green\", \"n\": [1]}")))
                .getFirst())) {
      seeds.add(codec.encode(message));
    }
    Mutations.mutate(seeds, 20_000, 20_261_124);
  }
}
