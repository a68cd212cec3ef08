package io.cyphermesh.transport.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.management.UnixOperatingSystemMXBean;
import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(120)
class ListenerTest {
  private static final TestNode NEAR = new TestNode();
  private static final TestNode FAR = new TestNode();
  private static final int MAX = 1 << 20;
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofMinutes(5);

  @Test
  void aCallerThatSaysNothingIsDropped() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(SHORT, LONG, 64, 100));
        Socket caller = far.connect()) {
      assertHungUpOn(caller);
      await().until(() -> far.listener.pending() == 0);
    }
  }

  @Test
  void aCallerThatSpeaksAnotherProtocolIsDropped() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 64, 100));
        Socket caller = far.connect()) {
      caller.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));

      assertHungUpOn(caller);
    }
  }

  @Test
  void aPlainCallerIsDroppedWhileVersionOneIsNotServed() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 64, 100));
        Socket caller = far.connect()) {
      caller.getOutputStream().write(new byte[] {0, 0, 0, 2, '{', '}'});

      assertHungUpOn(caller);
    }
  }

  @Test
  void randomBytesAreDropped() throws Exception {
    long seed = 7;
    Random random = new Random(seed);
    try (Endpoint far = new Endpoint(FAR, limits(LONG, Duration.ofSeconds(10), 64, 100))) {
      for (int i = 0; i < 50; i++) {
        byte[] bytes = new byte[1 + random.nextInt(600)];
        random.nextBytes(bytes);
        // Half of them look like TLS at first.
        bytes[0] = i % 2 == 0 ? 0x16 : bytes[0];
        try (Socket caller = far.connect()) {
          caller.getOutputStream().write(bytes);
          caller.shutdownOutput();
          assertHungUpOn(caller);
        }
      }
      await().untilAsserted(() -> assertThat(far.listener.pending()).as("seed %d", seed).isZero());
      assertThat(far.acceptedNothing()).isTrue();
      assertHonestDialWorks(far);
    }
  }

  @Test
  void aDrippedClientHelloIsDroppedAtTheHandshakesDeadline() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(LONG, SHORT, 64, 100));
        Socket caller = far.connect()) {
      CompletableFuture<Void> dripping =
          Async.run(() -> Dripping.into(caller.getOutputStream(), ClientHello.HEAD, 10_000));

      assertThat(dripping).failsWithin(Duration.ofSeconds(5));
      await().until(() -> far.context.threadsAlive() == 0);
    }
  }

  @Test
  void beyondTheLimitTheOldestPendingCallerGivesWay() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 2, 100));
        Socket first = far.connect();
        Socket second = far.connect()) {
      await().until(() -> far.listener.pending() == 2);
      try (Socket third = far.connect()) {
        assertHungUpOn(first);
        await().until(() -> far.context.threadsAlive() == 2);
        assertStillThere(second);
        assertStillThere(third);
      }
    }
  }

  @Test
  void anHonestDialSucceedsAmongTwoThousandSilentCallers() throws Exception {
    List<Socket> crowd = new ArrayList<>();
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 128, 100))) {
      for (int i = 0; i < 2_000; i++) {
        crowd.add(far.connect());
      }

      assertHonestDialWorks(far);
      // The honest one's place stays free.
      await().until(() -> far.listener.pending() == 127);
      await().until(() -> far.context.threadsAlive() == 128);
    } finally {
      for (Socket caller : crowd) {
        caller.close();
      }
    }
  }

  @Test
  void anHonestDialSucceedsWhileSilentCallersKeepComing() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 256, 100))) {
      CompletableFuture<Void> over = new CompletableFuture<>();
      CompletableFuture<Void> flood =
          Async.run(
              () -> {
                List<Socket> crowd = new ArrayList<>();
                while (!over.isDone()) {
                  crowd.add(far.connect());
                  if (crowd.size() == 500) {
                    crowd.removeFirst().close();
                  }
                }
                for (Socket caller : crowd) {
                  caller.close();
                }
              });

      for (int i = 0; i < 20; i++) {
        assertHonestDialWorks(far);
      }
      over.complete(null);
      assertThat(flood).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  @Test
  void aNetworkThatCallsTooOftenIsDropped() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 64, 0));
        Socket caller = far.connect()) {
      caller.getOutputStream().write(ClientHello.HEAD);

      assertHungUpOn(caller);
    }
  }

  @Test
  void threadsAndDescriptorsComeBackAfterAStorm() throws Exception {
    try (Endpoint far =
        new Endpoint(FAR, limits(Duration.ofSeconds(2), Duration.ofSeconds(10), 64, 100))) {
      assertHonestDialWorks(far);
      await().until(() -> far.listener.pending() == 0);
      long before = openFiles();
      for (int i = 0; i < 600; i++) {
        try (Socket caller = far.connect()) {
          switch (i % 4) {
            case 0 -> caller.getOutputStream().write(ClientHello.HEAD);
            case 1 -> caller.getOutputStream().write('G');
            case 2 -> caller.setSoLinger(true, 0);
            default -> caller.shutdownOutput();
          }
        } catch (SocketException e) {
          // Crowded out already.
        }
      }

      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> {
                assertThat(far.listener.pending()).isZero();
                assertThat(far.context.threadsAlive()).isEqualTo(1);
                assertThat(openFiles()).isLessThanOrEqualTo(before + 2);
              });
      assertHonestDialWorks(far);
    }
  }

  @Test
  void endedLinksLeaveNoDescriptorsOrThreads() throws Exception {
    try (Endpoint near = new Endpoint(NEAR)) {
      TestContext context = new TestContext(FAR, limits(LONG, LONG, 64, 100), false);
      TcpTransport transport = new TcpTransport();
      transport.start(context);
      TcpListener listener = (TcpListener) transport.listen(new HostPort("127.0.0.1", 0));
      Thread serving =
          Thread.ofVirtual().name("serving").start(() -> listener.serve(ListenerTest::echo));
      long before = openFiles();
      for (int i = 0; i < 30; i++) {
        try (Link link =
            near.transport.dial(listener.address(), new DialPolicy.OnlyNode(FAR.self()))) {
          link.send(List.of(new byte[] {1, 2, 3}));
          assertThat(link.receive(MAX)).hasValue(new byte[] {1, 2, 3});
        }
      }
      await()
          .untilAsserted(
              () -> {
                assertThat(context.threadsAlive()).isZero();
                assertThat(openFiles()).isLessThanOrEqualTo(before + 2);
              });
      listener.close();
      serving.join();
    }
  }

  @Test
  void aFaultOfTheAcceptorEndsOnlyItsLink() throws Exception {
    TestContext context = new TestContext(FAR, limits(LONG, LONG, 64, 100), false);
    TcpTransport transport = new TcpTransport();
    transport.start(context);
    AtomicInteger links = new AtomicInteger();
    Level level = logger().getLevel();
    logger().setLevel(Level.OFF);
    try (Endpoint near = new Endpoint(NEAR);
        Transport.Listener listener = transport.listen(new HostPort("127.0.0.1", 0))) {
      Thread.ofVirtual()
          .name("serving")
          .start(
              () ->
                  listener.serve(
                      link -> {
                        if (links.incrementAndGet() == 1) {
                          throw new IllegalStateException("a fault");
                        }
                        echo(link);
                      }));
      try (Link link = near.transport.dial(listener.address(), new DialPolicy.AnyNode())) {
        assertThat(link.receive(MAX)).isEmpty();
      }
      try (Link link = near.transport.dial(listener.address(), new DialPolicy.AnyNode())) {
        link.send(List.of(new byte[1]));
        assertThat(link.receive(MAX)).isPresent();
      }
    } finally {
      logger().setLevel(level);
    }
  }

  @Test
  void aWantOfDescriptorsDoesNotEndTheListener() throws Exception {
    AtomicInteger failures = new AtomicInteger(3);
    ServerSocket scarce =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress()) {
          @Override
          public Socket accept() throws IOException {
            if (failures.getAndDecrement() > 0) {
              throw new SocketException("Too many open files");
            }
            return super.accept();
          }
        };
    TestContext context = new TestContext(FAR, limits(LONG, LONG, 64, 100), false);
    Level level = logger().getLevel();
    logger().setLevel(Level.OFF);
    try (Endpoint near = new Endpoint(NEAR);
        TcpListener listener =
            new TcpListener(
                scarce, "127.0.0.1", context, new Tls(FAR), new Watchdog(), System::nanoTime)) {
      Thread.ofVirtual().name("serving").start(() -> listener.serve(ListenerTest::echo));

      try (Link link =
          near.transport.dial(listener.address(), new DialPolicy.OnlyNode(FAR.self()))) {
        assertThat(link.peer()).hasValue(FAR.self());
      }
    } finally {
      logger().setLevel(level);
    }
  }

  @Test
  void linksLiveOnWhenTheListenerCloses() throws Exception {
    try (Endpoint near = new Endpoint(NEAR);
        Endpoint far = new Endpoint(FAR);
        Link dialled = near.dial(far);
        Link accepted = far.accepted()) {
      far.listener().close();

      dialled.send(List.of(new byte[1]));
      assertThat(accepted.receive(MAX)).isPresent();
      assertThatThrownBy(() -> near.dial(far)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void pendingCallersGoWhenTheListenerCloses() throws Exception {
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 64, 100));
        Socket caller = far.connect()) {
      await().until(() -> far.listener.pending() == 1);

      far.listener().close();

      assertHungUpOn(caller);
      await().until(() -> far.context.threadsAlive() == 0);
    }
  }

  @Test
  void anInterruptEndsServingAndUnbinds() throws Exception {
    TcpTransport transport = new TcpTransport();
    transport.start(new TestContext(FAR, limits(LONG, LONG, 64, 100), false));
    for (Thread.Builder builder :
        List.of(Thread.ofVirtual().name("serving"), Thread.ofPlatform().name("serving"))) {
      Transport.Listener listener = transport.listen(new HostPort("127.0.0.1", 0));
      Thread serving = builder.start(() -> listener.serve(Link::close));

      serving.interrupt();

      assertThat(serving.join(Duration.ofSeconds(5))).isTrue();
      try (Transport.Listener again = transport.listen(listener.address())) {
        assertThat(again.address()).isEqualTo(listener.address());
      }
    }
  }

  @Test
  void anAddressInUseIsNamed() throws Exception {
    try (Endpoint far = new Endpoint(FAR)) {
      assertThatThrownBy(() -> far.transport.listen(far.address()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot listen at " + far.address() + ": ");
    }
  }

  @Test
  void aWildcardAddressServesToo() throws Exception {
    TcpTransport transport = new TcpTransport();
    transport.start(new TestContext(FAR, limits(LONG, LONG, 64, 100), false));
    for (String host : List.of("0.0.0.0", "::")) {
      try (Endpoint near = new Endpoint(NEAR);
          Transport.Listener listener = transport.listen(new HostPort(host, 0))) {
        Thread.ofVirtual().name("serving").start(() -> listener.serve(ListenerTest::echo));
        HostPort local = new HostPort("127.0.0.1", listener.address().port());

        try (Link link = near.transport.dial(local, new DialPolicy.OnlyNode(FAR.self()))) {
          link.send(List.of(new byte[1]));
          assertThat(link.receive(MAX)).isPresent();
        }
      }
    }
  }

  @Test
  void manyRefusalsAreOneLineForTheOperator() throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level level = logger().getLevel();
    logger().setLevel(Level.INFO);
    logger().addAppender(lines);
    try (Endpoint far = new Endpoint(FAR, limits(LONG, LONG, 64, 100))) {
      for (int i = 0; i < 200; i++) {
        try (Socket caller = far.connect()) {
          caller.getOutputStream().write('G');
          assertHungUpOn(caller);
        }
      }
      await().until(() -> far.context.threadsAlive() == 0);
    } finally {
      logger().detachAppender(lines);
      logger().setLevel(level);
    }
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .matches("\\d+ callers? turned away: \\d+ spoke another protocol");
  }

  private static void echo(Link link) {
    try {
      for (var frame = link.receive(MAX); frame.isPresent(); frame = link.receive(MAX)) {
        link.send(List.of(frame.get()));
      }
    } catch (IOException e) {
      // The link is over.
    }
  }

  private static void assertHonestDialWorks(Endpoint far) throws Exception {
    try (Endpoint near = new Endpoint(NEAR);
        Link dialled = near.dial(far);
        Link accepted = far.accepted()) {
      dialled.send(List.of(new byte[] {42}));
      assertThat(accepted.receive(MAX)).hasValue(new byte[] {42});
    }
  }

  private static void assertHungUpOn(Socket caller) {
    try {
      caller.setSoTimeout(10_000);
      while (caller.getInputStream().read() >= 0) {
        // An alert may come before the end.
      }
    } catch (SocketException e) {
      // A reset is an end too.
    } catch (IOException e) {
      throw new AssertionError("not hung up on", e);
    }
  }

  private static void assertStillThere(Socket caller) throws IOException {
    caller.setSoTimeout(50);
    assertThatThrownBy(() -> caller.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger("tcp-transport");
  }

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  private static TransportLimits limits(
      Duration firstByte, Duration handshake, int pending, int handshakesPerSecond) {
    return new TransportLimits(
        firstByte,
        Duration.ofSeconds(5),
        handshake,
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        4 << 20,
        pending,
        handshakesPerSecond);
  }
}
