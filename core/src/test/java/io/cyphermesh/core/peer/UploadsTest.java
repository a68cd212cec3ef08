package io.cyphermesh.core.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PlainCodec;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Imported;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Timeout(60)
class UploadsTest {
  private static final NodeId PEER = new NodeId("e".repeat(64));
  private static final Logger LOG = LoggerFactory.getLogger(UploadsTest.class);
  private static final EventId MISSING = new EventId("0".repeat(64));
  private static TestReporter reporter;

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final FrameCodec codec = new FrameCodec(clock, () -> new UUID(1, 2));
  private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
  private final AtomicInteger numbers = new AtomicInteger();
  private EventStore store;
  private Uploads uploads;

  @BeforeAll
  static void makeReporter() {
    reporter = TestReporter.create();
  }

  @BeforeEach
  void start() throws IOException {
    store =
        SqliteEventStore.open(
            directory.resolve("events.db"), StoreSettings.DEFAULTS, (_, _, _) -> true, clock);
    uploads = new Uploads(store, codec, 1 << 20, clock, LOG);
  }

  @AfterEach
  void stop() {
    uploads.close();
    store.close();
    timers.shutdownNow();
  }

  /** Nothing happens on this link but what is queued. */
  private record NoEvents() implements LinkEvents {
    @Override
    public void up(LinkSession link, Message.Hello hello, Optional<Duration> clockSkew) {}

    @Override
    public void received(LinkSession link, Message message) {}

    @Override
    public void tooFast(LinkSession link) {}

    @Override
    public void down(LinkId link, String reason) {}

    @Override
    public void dialFailed(HostPort address, String reason) {}

    @Override
    public boolean ignored(LinkSession link) {
      return false;
    }
  }

  private LinkSession link() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    return new LinkSession(
        new LinkId(numbers.incrementAndGet()),
        new FakeLink(PEER),
        new PeerId.Node(PEER),
        Optional.empty(),
        new LinkSettings(
            2_000,
            5_000,
            4e6,
            8e6,
            200,
            20_000,
            40_000,
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            128,
            4_096,
            8 << 20,
            1e6,
            1e6,
            35),
        new PeerLinks.Shared(
            codec,
            new PlainCodec(clock, () -> new UUID(1, 2)),
            clock,
            clock,
            Thread.ofVirtual().name("link-", 0).factory(),
            new Semaphore(2),
            timers,
            new PeerLinks.Meters(
                Counter.builder("left.out").register(meters),
                Counter.builder("dropped").register(meters)),
            LOG),
        new NoEvents());
  }

  private List<Message.Announced> stored(int count, String details) throws InterruptedException {
    List<Imported> events =
        IntStream.range(0, count)
            .mapToObj(i -> reporter.event("203.0.113." + i, clock.instant(), details))
            .map(event -> new Imported(event, false, false))
            .toList();
    assertThat(store.addImported(events)).hasOnlyElementsOfType(EventStore.Outcome.Stored.class);
    return events.stream()
        .map(event -> new Message.Announced(event.event().claimedId(), 4))
        .toList();
  }

  private static Message decoded(byte[] frame) {
    try {
      return FrameCodec.decode(frame).message();
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private static Message next(LinkSession link) throws InterruptedException {
    await().until(() -> link.queue().waiting() > 0);
    List<byte[]> frames = link.queue().take();
    assertThat(frames).hasSize(1);
    return decoded(frames.getFirst());
  }

  private static List<EventId> ids(Message events) {
    return ((Message.Events) events)
        .events().stream().map(e -> ((Message.Event) e).event().claimedId()).toList();
  }

  private static List<EventId> ids(List<Message.Announced> events) {
    return events.stream().map(Message.Announced::key).toList();
  }

  @Test
  void oldEventsThatAreThereGoInOneFrame() throws InterruptedException {
    List<Message.Announced> events = stored(3, "{\"n\": 1}");
    LinkSession link = link();
    List<Message.Announced> asked = new ArrayList<>(events);
    asked.add(1, new Message.Announced(MISSING, 0));
    assertThat(uploads.deliver(link, asked, true, _ -> true)).isTrue();
    assertThat(ids(next(link))).isEqualTo(ids(events));
    assertThat(link.traffic().eventsOut()).isEqualTo(3);
  }

  @Test
  void whatMayNotBeSeenIsNotSent() throws InterruptedException {
    List<Message.Announced> events = stored(3, "{\"tlp\": \"amber\"}");
    LinkSession link = link();
    uploads.deliver(link, events, true, e -> !e.key().equals(events.get(1).key()));
    assertThat(ids(next(link))).containsExactly(events.get(0).key(), events.get(2).key());
  }

  @Test
  void whatIsMissingWhileItSpreadsGoesByItselfWithOneHopMore() throws InterruptedException {
    List<Message.Announced> events = stored(2, "{\"n\": 1}");
    LinkSession link = link();
    uploads.deliver(link, events, false, _ -> true);
    await().until(() -> link.queue().waiting() == 2);
    assertThat(link.queue().take())
        .extracting(UploadsTest::decoded)
        .allSatisfy(m -> assertThat(((Message.Event) m).hops()).isEqualTo(5))
        .extracting(m -> ((Message.Event) m).event().claimedId())
        .isEqualTo(ids(events));
  }

  @Test
  void linksTakeTurnsAndOneThatDoesNotReadIsPassedOver() throws InterruptedException {
    List<Message.Announced> events = stored(128, "{\"n\": 1}");
    LinkSession slow = link();
    while (slow.queue().hasUploadRoom()) {
      assertThat(slow.queue().offerUpload(new byte[100_000], 1)).isTrue();
    }
    int before = slow.queue().waiting();
    LinkSession quick = link();
    assertThat(uploads.deliver(slow, events, true, _ -> true)).isTrue();
    assertThat(uploads.deliver(quick, events, true, _ -> true)).isTrue();
    assertThat(ids(next(quick))).isEqualTo(ids(events.subList(0, 64)));
    assertThat(ids(next(quick))).isEqualTo(ids(events.subList(64, 128)));
    assertThat(slow.queue().waiting()).isEqualTo(before);
    slow.queue().take();
    await().until(() -> slow.queue().waiting() > before - 1);
  }

  @Test
  void allLinksShareOneRateOfBytes() throws InterruptedException {
    uploads.close();
    uploads = new Uploads(store, codec, 256 * 1024, clock, LOG);
    List<Message.Announced> events = stored(64, "{\"description\": \"" + "x".repeat(4_000) + "\"}");
    LinkSession first = link();
    LinkSession second = link();
    uploads.deliver(first, events, true, _ -> true);
    uploads.deliver(first, events, true, _ -> true);
    await().until(() -> first.queue().waiting() == 1);
    uploads.deliver(second, events, true, _ -> true);
    await()
        .during(Duration.ofMillis(200))
        .until(() -> first.queue().waiting() + second.queue().waiting() == 1);
    clock.advance(Duration.ofSeconds(1));
    await().until(() -> first.queue().waiting() == 2);
    assertThat(second.queue().waiting()).isZero();
    clock.advance(Duration.ofSeconds(1));
    await().until(() -> second.queue().waiting() == 1);
  }

  @Test
  void theRateOfOldEventsDoesNotHoldUpWhatSpreads() throws InterruptedException {
    List<Message.Announced> events = stored(64, "{\"description\": \"" + "x".repeat(8_000) + "\"}");
    LinkSession old = link();
    for (int i = 0; i < 4; i++) {
      uploads.deliver(old, events, true, _ -> true);
    }
    await().until(() -> old.queue().waiting() >= 2);
    LinkSession live = link();
    uploads.deliver(live, events.subList(0, 1), false, _ -> true);
    assertThat(next(live)).isInstanceOf(Message.Event.class);
  }

  @Test
  void beyondWhatMayWaitARequestIsDropped() throws InterruptedException {
    LinkSession slow = link();
    while (slow.queue().hasUploadRoom()) {
      assertThat(slow.queue().offerUpload(new byte[100_000], 1)).isTrue();
    }
    List<Message.Announced> many = Collections.nCopies(1_000, new Message.Announced(MISSING, 0));
    int taken = 0;
    while (uploads.deliver(slow, many, true, _ -> true)) {
      taken++;
    }
    assertThat(taken).isEqualTo(8);
    assertThat(uploads.deliver(link(), many, true, _ -> true)).isTrue();
  }

  @Test
  void whatALinkThatIsGoneAskedForIsForgotten() throws InterruptedException {
    List<Message.Announced> events = stored(1, "{\"n\": 1}");
    List<Message.Announced> many = Collections.nCopies(8_000, events.getFirst());
    for (int i = 0; i < 20; i++) {
      LinkSession gone = link();
      while (gone.queue().hasUploadRoom()) {
        assertThat(gone.queue().offerUpload(new byte[100_000], 1)).isTrue();
      }
      await().until(() -> uploads.deliver(gone, many, true, _ -> true));
      gone.close("gone");
    }
    LinkSession link = link();
    await().until(() -> uploads.deliver(link, events, true, _ -> true));
    assertThat(ids(next(link))).isEqualTo(ids(events));
  }

  @Test
  void aPredicateThatFailsHurtsNobodyElse() throws InterruptedException {
    List<Message.Announced> events = stored(1, "{\"n\": 1}");
    LinkSession link = link();
    uploads.deliver(
        link,
        events,
        true,
        _ -> {
          throw new IllegalStateException("on purpose");
        });
    uploads.deliver(link, events, true, _ -> true);
    assertThat(ids(next(link))).isEqualTo(ids(events));
  }

  @Test
  void afterTheEndNothingIsTaken() throws InterruptedException {
    List<Message.Announced> events = stored(1, "{\"n\": 1}");
    uploads.close();
    assertThat(uploads.deliver(link(), events, true, _ -> true)).isFalse();
  }

  @Test
  void aBareEventIsSentUnderTheKeyItIsStoredUnder() throws InterruptedException {
    SignedEvent bare = reporter.bare(MISSING, "203.0.113.7", clock.instant());
    store.addImported(List.of(new Imported(bare, true, false)));
    LinkSession link = link();
    uploads.deliver(link, List.of(new Message.Announced(bare.key(true), 1)), false, _ -> true);
    assertThat(((Message.Event) next(link)).event().claimedId()).isEqualTo(MISSING);
  }
}
