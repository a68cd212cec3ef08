package io.cyphermesh.core.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportContext;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PlainCodec;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class PeerLinksTest {
  private static final NodeId PEER = new NodeId("e".repeat(64));
  private static final HostPort ADDRESS = new HostPort("192.0.2.7", 9001);
  private static final Message.Hello OURS =
      new Message.Hello(2, "cyphermesh", 9001, "ours", Set.of());

  private static final PlainLimits PLAIN = new PlainLimits(true, 3, 2);

  private static SignedEvent event;

  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final FrameCodec codec = new FrameCodec(clock, () -> new UUID(1, 2));
  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("timers").daemon().factory());
  private final Recorder events = new Recorder();
  private PeerLinks links = links(Duration.ofSeconds(30), 200, 10);

  @BeforeAll
  static void sign() {
    event = TestReporter.create().event("203.0.113.7", Instant.parse("2026-11-22T10:00:00Z"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    links.close();
    timers.shutdownNow();
  }

  /** Writes down what it is told. */
  private static final class Recorder implements LinkEvents {
    final List<String> told = new CopyOnWriteArrayList<>();
    final List<Message> messages = new CopyOnWriteArrayList<>();
    final List<LinkSession> up = new CopyOnWriteArrayList<>();
    volatile boolean ignoring;
    volatile boolean flooded;

    @Override
    public void up(LinkSession link, Message.Hello hello, Optional<Duration> clockSkew) {
      told.add("up " + hello.agent() + " " + clockSkew.orElse(Duration.ZERO).toSeconds());
      up.add(link);
    }

    @Override
    public void received(LinkSession link, Message message) {
      messages.add(message);
    }

    @Override
    public void tooFast(LinkSession link) {
      if (!flooded) {
        told.add("too fast");
      }
    }

    @Override
    public void down(LinkId link, String reason) {
      told.add("down: " + reason);
    }

    @Override
    public void dialFailed(HostPort address, String reason) {
      told.add("failed " + address + ": " + reason);
    }

    @Override
    public boolean ignored(LinkSession link) {
      return ignoring;
    }
  }

  private PeerLinks links(Duration hello, double controlPerSecond, int maxSessions) {
    return links(hello, controlPerSecond, maxSessions, 2, PLAIN);
  }

  private PeerLinks links(
      Duration hello,
      double controlPerSecond,
      int maxSessions,
      double eventsPerSecond,
      PlainLimits plain) {
    return new PeerLinks(
        new LinkSettings(
            eventsPerSecond,
            eventsPerSecond,
            1e6,
            1e6,
            controlPerSecond,
            20,
            40,
            hello,
            Duration.ofMillis(400),
            3,
            100,
            1_000_000,
            100,
            100,
            100),
        maxSessions,
        plain,
        OURS,
        new PeerLinks.Shared(
            codec,
            new PlainCodec(clock, () -> new UUID(1, 2)),
            clock,
            clock,
            Thread.ofVirtual().name("link-", 0).factory(),
            new Semaphore(2),
            timers,
            new PeerLinks.Meters(
                Counter.builder("left.out").register(new SimpleMeterRegistry()),
                Counter.builder("dropped").register(new SimpleMeterRegistry())),
            LoggerFactory.getLogger(PeerLinksTest.class)),
        events);
  }

  private void restart(PeerLinks other) {
    links.close();
    links = other;
  }

  private FakeLink accept() {
    FakeLink link = new FakeLink(PEER);
    Thread.ofVirtual().name("accept").start(() -> links.accept(link));
    return link;
  }

  private FakeLink linked() {
    FakeLink link = accept();
    int before = events.up.size();
    say(link, new Message.Hello(2, "cyphermesh", 9002, "theirs", Set.of()));
    await().until(() -> events.up.size() > before);
    return link;
  }

  private void say(FakeLink link, Message message) {
    link.incoming.add(codec.encode(message));
  }

  private FakeLink dial() {
    FakeLink link = new FakeLink(PEER);
    links.dial(() -> Optional.of(new OneLink(link)), ADDRESS, new DialPolicy.AnyNode());
    return link;
  }

  /** A transport that has one link to give. */
  private record OneLink(FakeLink link) implements Transport {
    @Override
    public void start(TransportContext context) {}

    @Override
    public Listener listen(HostPort address) {
      throw new UnsupportedOperationException("nobody listens here");
    }

    @Override
    public Link dial(HostPort address, DialPolicy policy) throws IOException {
      if (link.isClosed()) {
        throw new IOException("refused");
      }
      return link;
    }
  }

  private static Message decoded(byte[] frame) {
    try {
      return FrameCodec.decode(frame).message();
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private void told(String what) {
    await().untilAsserted(() -> assertThat(events.told).contains(what));
  }

  @Test
  void bothSayHelloAndTheLinkIsUp() {
    FakeLink link = linked();
    assertThat(events.told).containsExactly("up theirs 0");
    await().until(() -> !link.sent().isEmpty());
    assertThat(decoded(link.sent().getFirst())).isEqualTo(OURS);
    LinkSession session = events.up.getFirst();
    assertThat(links.session(session.id())).contains(session);
    assertThat(session.peer()).isEqualTo(new PeerId.Node(PEER));
    assertThat(session.remoteHost()).isEqualTo("127.0.0.1");
  }

  @Test
  void theHelloTellsThePortThatIsListenedOn() {
    links.listensOn(1234);
    FakeLink link = linked();
    await().until(() -> !link.sent().isEmpty());
    assertThat(decoded(link.sent().getFirst()))
        .isInstanceOfSatisfying(
            Message.Hello.class, hello -> assertThat(hello.listenPort()).isEqualTo(1234));
  }

  @Test
  void theSendersClockIsCompared() {
    FakeLink link = accept();
    byte[] hello = codec.encode(new Message.Hello(2, "cyphermesh", 0, "late", Set.of()));
    link.incoming.add(
        new String(hello, US_ASCII).replace("10:06:00", "10:00:00").getBytes(US_ASCII));
    told("up late -360");
  }

  @Test
  void whoeverSaysNoHelloIsClosedAtTheDeadline() {
    restart(links(Duration.ofMillis(50), 200, 10));
    FakeLink link = dial();
    told("failed 192.0.2.7:9001: no HELLO within 0 s");
    assertThat(link.isClosed()).isTrue();
    assertThat(events.up).isEmpty();
  }

  @Test
  void theDeadlineIsOverOnceTheHelloIsThere() {
    restart(links(Duration.ofMillis(300), 200, 10));
    FakeLink link = linked();
    await()
        .during(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(10))
        .until(() -> !link.isClosed());
  }

  @Test
  void anotherNetworkEndsTheLink() {
    say(dial(), new Message.Hello(2, "elsewhere", 0, "theirs", Set.of()));
    told("failed 192.0.2.7:9001: the peer is of another network");
  }

  @Test
  void anOlderVersionEndsTheLink() {
    say(dial(), new Message.Hello(1, "cyphermesh", 0, "theirs", Set.of()));
    told("failed 192.0.2.7:9001: the peer speaks version 1");
  }

  @Test
  void aFirstFrameThatIsNoHelloEndsTheLink() {
    say(dial(), new Message.Ping(1));
    told("failed 192.0.2.7:9001: the first frame is no HELLO");
  }

  @Test
  void bytesThatAreNoFrameEndTheLink() {
    FakeLink link = linked();
    link.incoming.add("{".getBytes(US_ASCII));
    told("down: not JSON");
    assertThat(link.isClosed()).isTrue();
  }

  @Test
  void aLargeFrameBeforeTheHelloEndsTheLink() {
    dial().incoming.add(new byte[16 * 1024 + 1]);
    told("failed 192.0.2.7:9001: a frame of 16385 bytes");
  }

  @Test
  void anIgnoredPeerIsClosedBeforeAnythingIsSaid() {
    events.ignoring = true;
    FakeLink link = dial();
    told("failed 192.0.2.7:9001: the peer is banned");
    assertThat(link.sent()).isEmpty();
  }

  @Test
  void aDialThatComesToNothingIsTold() {
    FakeLink gone = new FakeLink(PEER);
    gone.close();
    links.dial(() -> Optional.of(new OneLink(gone)), ADDRESS, new DialPolicy.AnyNode());
    told("failed 192.0.2.7:9001: refused");
  }

  @Test
  void aDialThatSucceedsAfterAllLinksWereEndedIsNotServed() throws InterruptedException {
    FakeLink link = new FakeLink(PEER);
    CountDownLatch dials = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    links.dial(
        () -> Optional.of(new LateLink(link, dials, answered)), ADDRESS, new DialPolicy.AnyNode());
    dials.await();
    links.closeAll("the transport stops");
    answered.countDown();
    told("failed 192.0.2.7:9001: this node's transport stops");
    await().until(link::isClosed);
    assertThat(events.up).isEmpty();
  }

  @Test
  void anAcceptorOfBeforeServesNoMore() {
    FakeLink late = new FakeLink(PEER);
    Transport.Acceptor before = links.acceptor();
    links.closeAll("the transport stops");
    before.accept(late);
    assertThat(late.isClosed()).isTrue();
    assertThat(late.sent()).isEmpty();
    assertThat(linked().isClosed()).isFalse();
  }

  @Test
  void aDialWithoutATransportIsTold() {
    links.dial(Optional::empty, ADDRESS, new DialPolicy.AnyNode());
    told("failed 192.0.2.7:9001: no transport is loaded");
  }

  /** Answers a dial when the test says so, whoever interrupts. */
  private record LateLink(FakeLink link, CountDownLatch dials, CountDownLatch answered)
      implements Transport {
    @Override
    public void start(TransportContext context) {}

    @Override
    public Listener listen(HostPort address) {
      throw new UnsupportedOperationException("nobody listens here");
    }

    @Override
    public Link dial(HostPort address, DialPolicy policy) {
      dials.countDown();
      while (true) {
        try {
          answered.await();
          return link;
        } catch (InterruptedException e) {
          // As a transport that does not heed it.
        }
      }
    }
  }

  @Test
  void linksThatDoNotCloseHoldNobodyUp() {
    CountDownLatch never = new CountDownLatch(1);
    FakeLink hanging =
        new FakeLink(PEER) {
          @Override
          public void close() {
            try {
              never.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            super.close();
          }
        };
    Thread.ofVirtual().name("accept").start(() -> links.accept(hanging));
    say(hanging, new Message.Hello(2, "cyphermesh", 9002, "theirs", Set.of()));
    await().until(() -> events.up.size() == 1);
    FakeLink other = linked();
    links.closeAll("the transport stops");
    assertThat(other.isClosed()).isTrue();
    assertThat(events.told).contains("down: the transport stops");
    never.countDown();
  }

  @Test
  void thePeersOrderlyEndIsTold() {
    linked().hangUp();
    told("down: closed by the peer");
    assertThat(links.session(events.up.getFirst().id())).isEmpty();
  }

  @Test
  void theFirstReasonCounts() {
    linked();
    events.up.getFirst().close("banned");
    events.up.getFirst().close("something else");
    told("down: banned");
  }

  @Test
  void anEventsRateSlowsReadingDownAndLosesNothing() {
    FakeLink link = linked();
    for (int i = 0; i < 6; i++) {
      say(link, new Message.Event(event, 1));
    }
    // Two at once, and the third is read before its price is known.
    await().until(() -> link.received.get() == 4);
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(10))
        .until(() -> link.received.get() == 4);
    await()
        .until(
            () -> {
              clock.advance(Duration.ofMillis(500));
              settleAll();
              return events.messages.size() == 6;
            });
  }

  private int settled;

  private void settleAll() {
    while (settled < events.messages.size()) {
      settled++;
      events.up.getFirst().settled();
    }
  }

  private static Message.Events eventsOf(int count) {
    return FrameCodec.packed(Collections.nCopies(count, event)).getFirst();
  }

  private static void stays(Callable<Boolean> so) {
    await().during(Duration.ofMillis(300)).atMost(Duration.ofSeconds(10)).until(so);
  }

  @Test
  void aFrameOfMoreEventsThanMayBeUnderJudgementIsDeliveredWholeAndTheNextWaits() {
    restart(links(Duration.ofSeconds(30), 200, 10, 10_000, PLAIN));
    FakeLink link = linked();
    say(link, eventsOf(10));
    say(link, eventsOf(256));
    await().until(() -> events.messages.size() == 1 && link.received.get() == 3);
    LinkSession session = events.up.getFirst();
    for (int i = 0; i < 7; i++) {
      session.settled();
    }
    stays(() -> events.messages.size() == 1);
    session.settled();
    await().until(() -> events.messages.size() == 2);
    assertThat(((Message.Events) events.messages.getLast()).events()).hasSize(256);
  }

  @Test
  void aReaderThatWaitsForVerdictsSeesTheEndOfItsLink() {
    restart(links(Duration.ofSeconds(30), 200, 10, 10_000, PLAIN));
    FakeLink link = linked();
    say(link, eventsOf(10));
    say(link, eventsOf(10));
    await().until(() -> link.received.get() == 3);
    events.up.getFirst().close("over");
    told("down: over");
    assertThat(events.messages).hasSize(1);
  }

  @Test
  void theEventsOfAFrameCountEachForTheRate() {
    restart(links(Duration.ofSeconds(30), 200, 10, 20, PLAIN));
    FakeLink link = linked();
    say(link, eventsOf(30));
    await().until(() -> link.received.get() == 2);
    stays(() -> events.messages.isEmpty());
    clock.advance(Duration.ofMillis(500));
    await().until(() -> events.messages.size() == 1);
  }

  @Test
  void whatIsAnnouncedOrAskedForHasARateOfItsOwn() {
    FakeLink link = linked();
    List<EventId> ids = Collections.nCopies(20, event.claimedId());
    say(
        link,
        new Message.IHave(ids.stream().map(i -> new Message.Announced(i, 1)).toList(), false));
    say(link, new Message.Graft(ids));
    await().until(() -> events.messages.size() == 2);
    say(link, new Message.Want(ids));
    await().until(() -> link.received.get() == 4);
    stays(() -> events.messages.size() == 2);
    clock.advance(Duration.ofSeconds(1));
    await().until(() -> events.messages.size() == 3);
  }

  @Test
  void whatGoesOverALinkIsCounted() {
    restart(links(Duration.ofSeconds(30), 200, 10, 100, PLAIN));
    FakeLink link = linked();
    say(link, eventsOf(2));
    say(link, new Message.Ping(1));
    await().until(() -> events.messages.size() == 2);
    LinkSession session = events.up.getFirst();
    session.sendEvent(PEER, codec.encode(new Message.Event(event, 1)), 1);
    session.sendDroppable(codec.encode(new Message.IHave(List.of(), false)));
    await().until(() -> session.traffic().framesOut() == 3);
    LinkTraffic traffic = session.traffic();
    assertThat(traffic.framesIn()).isEqualTo(3);
    assertThat(traffic.eventsIn()).isEqualTo(2);
    assertThat(traffic.eventsOut()).isEqualTo(1);
    assertThat(traffic.queued()).isZero();
    assertThat(traffic.bytesOut())
        .isEqualTo(link.sent().stream().mapToLong(frame -> frame.length + 4).sum());
    assertThat(traffic.bytesIn()).isGreaterThan(2_000);
  }

  @Test
  void controlFramesHaveARateOfTheirOwn() {
    restart(links(Duration.ofSeconds(30), 5, 10));
    FakeLink link = linked();
    for (int i = 0; i < 20; i++) {
      say(link, new Message.Ping(i));
    }
    await().until(() -> events.messages.size() == 5);
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(10))
        .until(() -> events.messages.size() == 5);
    clock.advance(Duration.ofSeconds(1));
    await().until(() -> events.messages.size() == 10);
    assertThat(link.isClosed()).isFalse();
  }

  @Test
  void beyondWhatIsInFlightTheLinkIsNotRead() {
    FakeLink link = linked();
    for (int i = 0; i < 6; i++) {
      clock.advance(Duration.ofSeconds(1));
      say(link, new Message.Event(event, 1));
    }
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              clock.advance(Duration.ofSeconds(1));
              return link.received.get() == 5;
            });
    assertThat(events.messages).hasSize(3);
    events.up.getFirst().settled();
    await().until(() -> events.messages.size() == 4);
  }

  @Test
  void aPeerThatReadsNothingIsClosed() {
    FakeLink link = linked();
    await().until(() -> !link.sent().isEmpty());
    link.stall();
    events.up.getFirst().send(codec.encode(new Message.Ping(1)));
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              clock.advance(Duration.ofMillis(100));
              return link.isClosed();
            });
    told("down: the peer did not read for 0 s");
  }

  @Test
  void aPeerThatLetsTooManyControlFramesWaitIsClosed() {
    FakeLink link = linked();
    await().until(() -> !link.sent().isEmpty());
    link.stall();
    for (int i = 0; i < 2_000; i++) {
      events.up.getFirst().send(codec.encode(new Message.Ping(i)));
    }
    told("down: the peer does not read");
  }

  @Test
  void beyondTheMostLinksNobodyIsAccepted() {
    restart(links(Duration.ofSeconds(30), 200, 1));
    linked();
    FakeLink stranger = new FakeLink(PEER);
    links.accept(stranger);
    assertThat(stranger.isClosed()).isTrue();
  }

  @Test
  void acceptedLinksNeverKeepUsFromDialling() {
    restart(links(Duration.ofSeconds(30), 200, 1));
    linked();
    FakeLink ours = dial();
    say(ours, new Message.Hello(2, "cyphermesh", 9002, "theirs", Set.of()));
    await().until(() -> events.up.size() == 2);
    assertThat(ours.isClosed()).isFalse();
  }

  @Test
  void closingEndsAllLinksAndTakesNoMore() {
    FakeLink first = linked();
    links.close();
    told("down: the node stops");
    assertThat(first.isClosed()).isTrue();
    dial();
    told("failed 192.0.2.7:9001: the node stops");
    assertThat(timers.getQueue()).allMatch(task -> ((Future<?>) task).isCancelled());
  }

  // ---- plain links

  private FakeLink acceptPlain() {
    FakeLink link = new FakeLink();
    Thread.ofVirtual().name("accept").start(() -> links.accept(link));
    return link;
  }

  private FakeLink plainLinked() {
    int before = events.up.size();
    FakeLink link = acceptPlain();
    await().until(() -> events.up.size() > before);
    return link;
  }

  private static byte[] plainEvent() {
    return new PlainCodec(Instant::now, () -> new UUID(1, 2)).encode(new Message.Event(event, 1));
  }

  @Test
  void aPlainLinkIsUpWithoutAHelloAndKnownByItsAddress() {
    FakeLink link = plainLinked();
    LinkSession session = events.up.getFirst();
    assertThat(events.told).containsExactly("up v1 0");
    assertThat(session.peer()).isEqualTo(new PeerId.PlainHost("127.0.0.1"));
    assertThat(session.plain()).isTrue();
    assertThat(link.sent()).isEmpty();
  }

  @Test
  void anEventOfAPlainLinkIsHandedOn() {
    FakeLink link = plainLinked();
    link.incoming.add(plainEvent());
    await().until(() -> events.messages.size() == 1);
    assertThat(events.messages.getFirst()).isInstanceOf(Message.Event.class);
  }

  @Test
  void beyondItsRateEventsOfAPlainLinkAreLeftAsideAndTheLinkIsReadOn() {
    FakeLink link = plainLinked();
    for (int i = 0; i < 10; i++) {
      link.incoming.add(plainEvent());
    }
    await().until(() -> events.told.stream().filter("too fast"::equals).count() == 8);
    assertThat(events.messages).hasSize(2);
    assertThat(link.isClosed()).isFalse();
    clock.advance(Duration.ofSeconds(1));
    link.incoming.add(plainEvent());
    await().until(() -> events.messages.size() == 3);
  }

  @Test
  void eventsThatNobodyWillStoreAreLookedIntoAtALowerRate() {
    restart(links(Duration.ofSeconds(30), 200, 10, 1e6, new PlainLimits(true, 3, 2)));
    FakeLink link = plainLinked();
    byte[] unusual = new String(plainEvent(), US_ASCII).replace("\\n", "\\r\\n").getBytes(US_ASCII);
    for (int i = 0; i < 101; i++) {
      link.incoming.add(unusual);
    }
    await()
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              settleAll();
              return events.told.contains("too fast");
            });
    assertThat(events.messages)
        .hasSize(100)
        .allMatch(message -> message instanceof Message.UnusualEvent);
    link.incoming.add(plainEvent());
    await().until(() -> events.messages.size() == 101);
  }

  @Test
  void floodsOverPlainLinksLeaveTheOtherLinksTheirTurn() {
    int floods = 2 * Runtime.getRuntime().availableProcessors();
    restart(
        links(Duration.ofSeconds(30), 200, 2 * floods, 2, new PlainLimits(true, floods, floods)));
    events.flooded = true;
    for (int i = 0; i < floods; i++) {
      FakeLink link = FakeLink.flooding(plainEvent());
      Thread.ofVirtual().name("accept").start(() -> links.accept(link));
    }
    linked();
    assertThat(events.up).anyMatch(link -> !link.plain());
  }

  @Test
  void whatIsNoJsonEndsAPlainLink() {
    FakeLink link = plainLinked();
    link.incoming.add("GET /".getBytes(US_ASCII));
    told("down: not JSON");
    assertThat(link.isClosed()).isTrue();
  }

  @Test
  void oneAddressHasOnlySoManyPlainLinks() {
    plainLinked();
    FakeLink second = plainLinked();
    FakeLink third = acceptPlain();
    await().until(third::isClosed);
    assertThat(second.isClosed()).isFalse();
    assertThat(events.up).hasSize(2);
    second.hangUp();
    told("down: closed by the peer");
    plainLinked();
  }

  @Test
  void aPlainLinkThatWeDialledTakesThePlaceOfOneThatDialledUs() {
    FakeLink first = plainLinked();
    FakeLink second = plainLinked();
    links.dial(
        () -> Optional.of(new OneLink(new FakeLink())), ADDRESS, new DialPolicy.AnyNodeElsePlain());
    told("down: gives way to a link that this node dialled");
    await().until(() -> events.up.size() == 3);
    assertThat(first.isClosed()).isFalse();
    assertThat(second.isClosed()).isTrue();
  }

  @Test
  void whatTwoPlainDialsHoldIsNotTakenByAThird() {
    for (int i = 0; i < 2; i++) {
      links.dial(
          () -> Optional.of(new OneLink(new FakeLink())),
          ADDRESS,
          new DialPolicy.AnyNodeElsePlain());
    }
    await().until(() -> events.up.size() == 2);
    links.dial(
        () -> Optional.of(new OneLink(new FakeLink())), ADDRESS, new DialPolicy.AnyNodeElsePlain());
    told("failed 192.0.2.7:9001: as many plain links as are allowed");
  }

  @Test
  void aBannedAddressGetsNoPlainLink() {
    events.ignoring = true;
    FakeLink link = acceptPlain();
    await().until(link::isClosed);
    assertThat(events.up).isEmpty();
  }
}
