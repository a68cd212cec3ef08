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
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class CatchUpTest {
  private static final NodeId PEER = new NodeId("e".repeat(64));
  private static final String OWNER = "peer:" + PEER.hex();

  private static TestReporter reporter;

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final FrameCodec codec = new FrameCodec(clock, () -> new UUID(1, 2));
  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("timers").daemon().factory());
  private final List<Thread> threads = new ArrayList<>();
  private final List<PeerLinks> opened = new ArrayList<>();
  private EventStore store;

  @BeforeAll
  static void makeReporter() {
    reporter = TestReporter.create();
  }

  @BeforeEach
  void start() throws IOException, InterruptedException {
    store =
        SqliteEventStore.open(
            directory.resolve("events.db"), StoreSettings.DEFAULTS, (_, _, _) -> true, clock);
    // Whom the node never met has no cursor: the store forgets it.
    store.adjust(new PeerId.Node(PEER), Optional.empty(), 0, Optional.empty(), standing -> {});
  }

  @AfterEach
  void stop() throws InterruptedException {
    opened.forEach(PeerLinks::close);
    for (Thread thread : threads) {
      thread.join();
    }
    timers.shutdownNow();
    store.close();
  }

  /** A peer's end: what it got, and pongs when it is asked for them. */
  private final class Peer {
    final FakeLink link = new FakeLink(PEER);
    private final List<LinkSession> sessions = new ArrayList<>();
    private int answered;

    Peer(int newest, boolean wanted) {
      this(newest, wanted, 1e6);
    }

    /**
     * @param perSecond of one reporter, by the fake clock
     */
    Peer(int newest, boolean wanted, double perSecond) {
      CatchUp catchUp = new CatchUp(store, codec, newest);
      LinkEvents events =
          new LinkEvents() {
            @Override
            public void up(LinkSession session, Message.Hello hello, Optional<Duration> skew) {
              synchronized (sessions) {
                sessions.add(session);
              }
              threads.add(
                  Thread.ofPlatform()
                      .name("catch-up")
                      .start(
                          () -> {
                            try {
                              catchUp.run(session, _ -> wanted);
                            } catch (InterruptedException e) {
                              Thread.currentThread().interrupt();
                            }
                          }));
            }

            @Override
            public void received(LinkSession session, Message message) {
              if (message instanceof Message.Pong pong) {
                assertThat(session.answersBarrier(pong.n())).isTrue();
              }
            }

            @Override
            public void tooFast(LinkSession session) {}

            @Override
            public void down(LinkId id, String reason) {}

            @Override
            public void dialFailed(HostPort address, String reason) {}

            @Override
            public boolean ignored(LinkSession session) {
              return false;
            }
          };
      PeerLinks links =
          new PeerLinks(
              new LinkSettings(
                  2_000,
                  5_000,
                  4e6,
                  8e6,
                  200,
                  20_000,
                  40_000,
                  Duration.ofSeconds(30),
                  Duration.ofSeconds(60),
                  128,
                  100,
                  8_000_000,
                  perSecond,
                  perSecond,
                  1e6),
              10,
              new PlainLimits(true, 16, 4),
              new Message.Hello(2, "cyphermesh", 9001, "ours", Set.of()),
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
                  LoggerFactory.getLogger(CatchUpTest.class)),
              events);
      opened.add(links);
      threads.add(Thread.ofPlatform().name("accept").start(() -> links.accept(link)));
      link.incoming.add(codec.encode(new Message.Hello(2, "cyphermesh", 9002, "theirs", Set.of())));
    }

    LinkSession session() {
      await()
          .until(
              () -> {
                synchronized (sessions) {
                  return !sessions.isEmpty();
                }
              });
      synchronized (sessions) {
        return sessions.getFirst();
      }
    }

    List<EventId> got() {
      return messages().stream()
          .filter(Message.Event.class::isInstance)
          .map(m -> ((Message.Event) m).event().claimedId())
          .toList();
    }

    private List<Message> messages() {
      return link.sent().stream().map(CatchUpTest::decoded).toList();
    }

    /** Answers the pings that came since. */
    boolean pong() {
      List<Long> pings =
          messages().stream()
              .filter(Message.Ping.class::isInstance)
              .map(m -> ((Message.Ping) m).n())
              .toList();
      boolean any = answered < pings.size();
      for (; answered < pings.size(); answered++) {
        link.incoming.add(codec.encode(new Message.Pong(pings.get(answered))));
      }
      return any;
    }

    void crash() throws InterruptedException {
      link.close();
      opened.forEach(PeerLinks::close);
      for (Thread thread : threads) {
        thread.join();
      }
      threads.clear();
    }
  }

  private static Message decoded(byte[] frame) {
    try {
      return FrameCodec.decode(frame).message();
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private List<StoredEvent> stored(int from, int count) throws InterruptedException {
    List<SignedEvent> events = new ArrayList<>();
    Instant time = Instant.parse("2026-11-22T10:00:00Z");
    for (int i = from; i < from + count; i++) {
      events.add(reporter.event("203.0.113." + i, time));
    }
    return store.addLocal(events, Optional.empty());
  }

  private static List<EventId> ids(List<StoredEvent> events) {
    return events.stream().map(StoredEvent::key).toList();
  }

  private long cursor() {
    return store.checkpoint(OWNER).map(state -> ByteBuffer.wrap(state).getLong()).orElse(0L);
  }

  private void cursorAt(long seq) throws InterruptedException {
    store.saveCheckpoint(
        new CheckpointWrite(OWNER, ByteBuffer.allocate(Long.BYTES).putLong(seq).array()));
    await().until(() -> cursor() == seq);
  }

  @Test
  void aPeerThatWeNeverMetGetsTheNewest() throws InterruptedException {
    List<StoredEvent> all = stored(0, 20);
    Peer peer = new Peer(5, true);
    await().until(() -> peer.got().size() == 5);
    assertThat(peer.got()).isEqualTo(ids(all.subList(15, 20)));
  }

  @Test
  void whatAPeerMayNotSeeIsNotSent() throws InterruptedException {
    stored(0, 20);
    Peer peer = new Peer(100, false);
    // A barrier behind the replay shows that it is over.
    await().until(peer::pong);
    assertThat(peer.got()).isEmpty();
  }

  @Test
  void afterAReconnectOnlyWhatLiesBeyondTheCursorIsSent() throws InterruptedException {
    List<StoredEvent> all = stored(0, 300);
    cursorAt(all.get(289).seq());
    Peer peer = new Peer(1_000, true);
    List<EventId> expected = ids(all.subList(290 - 128, 300));
    await().until(() -> peer.got().size() == expected.size());
    assertThat(peer.got()).isEqualTo(expected);
  }

  @Test
  void theCursorMovesOnlyWhenTwoBarriersAreAnswered() throws InterruptedException {
    List<StoredEvent> all = stored(0, 10);
    Peer peer = new Peer(1_000, true);
    await().until(peer::pong);
    await().until(peer::pong);
    await().until(() -> cursor() == all.getLast().seq());
  }

  @Test
  void aPeerThatDiesBeforeTheSecondBarrierLosesNothing() throws InterruptedException {
    List<StoredEvent> all = stored(0, 10);
    Peer first = new Peer(1_000, true);
    await().until(first::pong);
    first.crash();
    assertThat(cursor()).isZero();
    Peer again = new Peer(1_000, true);
    await().until(() -> again.got().size() == 10);
    assertThat(again.got()).isEqualTo(ids(all));
  }

  @Test
  void aLongReplayThatIsCutOffWasNotInVain() throws InterruptedException {
    List<StoredEvent> all = stored(0, 600);
    Peer peer = new Peer(1_000, true, 32);
    await()
        .until(
            () -> {
              clock.advance(Duration.ofSeconds(1));
              peer.pong();
              return cursor() > 0;
            });
    peer.crash();
    long reached = cursor();
    int sent = peer.got().size();
    assertThat(sent).isLessThan(all.size());
    assertThat(all.stream().filter(stored -> stored.seq() <= reached))
        .isNotEmpty()
        .hasSizeLessThanOrEqualTo(sent);
  }

  @Test
  void anAnswerToABarrierThatWasNeverSentMovesNothing() throws InterruptedException {
    stored(0, 10);
    Peer peer = new Peer(1_000, true);
    await().until(() -> peer.got().size() == 10);
    peer.link.incoming.add(codec.encode(new Message.Pong(CatchUp.FIRST_BARRIER + 77)));
    await().until(() -> peer.link.incoming.isEmpty());
    assertThat(cursor()).isZero();
  }

  @Test
  void whatAFullQueueLeftOutIsMadeUpFor() throws InterruptedException {
    Peer peer = new Peer(1_000, true);
    LinkSession session = peer.session();
    // The replay of nothing is over when the session waits for what is left out.
    await().until(() -> threads.getLast().getState() == Thread.State.TIMED_WAITING);
    await().until(() -> !peer.link.sent().isEmpty());
    peer.link.stall();
    List<StoredEvent> all = stored(0, 400);
    for (StoredEvent stored : all) {
      session.sendEvent(
          reporter.id(), codec.encode(new Message.Event(stored.event(), 1)), stored.seq());
    }
    assertThat(session.queue().drained()).isFalse();
    peer.link.resume();
    await().until(() -> Set.copyOf(peer.got()).equals(Set.copyOf(ids(all))));
  }
}
