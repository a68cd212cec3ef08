package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything but the protocol, on the port for peers. {@code -Dsystem.connections=10000} for the
 * long form; the tester's own limit of open files has to allow them.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GarbageIT {
  private static final Duration LINK_PATIENCE = Duration.ofSeconds(5);

  /** A frame may take 10 s to arrive; what is wrong at once ends at once. */
  private static final Duration SOON = Duration.ofSeconds(5);

  private static final Duration CALM = Duration.ofSeconds(40);

  /** Compilers and pools of the JVM come and go. */
  private static final int THREADS_MORE = 12;

  private static final int FILES_MORE = 12;

  /** The node's limit. */
  private static final int MOST_WITHOUT_HANDSHAKE = 512;

  /** The operator hears of all who were turned away in one line a minute. */
  private static final int SUMMARY_LINES = 3;

  private Node node;
  private int port;
  private Stranger honest;
  private long threads;
  private long virtualThreads;
  private long files;
  private int linesBefore;

  /** Links of the test that got as far as a handshake: one line each may be logged. */
  private final AtomicInteger links = new AtomicInteger();

  @BeforeAll
  void startNode(@TempDir Path folder) throws Exception {
    node = Node.start(folder.resolve("node"), 0);
    port = node.port();
    honest = Stranger.fresh();
    for (int i = 0; i < 3; i++) {
      linkHonestly();
    }
    await().atMost(CALM).until(() -> node.status().get("peersConnected").getAsInt() == 0);
    threads = node.threads();
    virtualThreads = node.virtualThreads();
    files = node.openFiles();
    System.out.printf(
        "Before all garbage: %d threads, %d virtual, %d files, %d MiB%n",
        threads, virtualThreads, files, node.rssMebibytes());
  }

  @AfterAll
  void stopNode() {
    if (node != null) {
      node.close();
    }
  }

  @BeforeEach
  void countLines() throws IOException {
    links.set(0);
    linesBefore = node.logLines().size();
  }

  @AfterEach
  void theNodeIsUnharmed(TestInfo test) throws Exception {
    assertThat(node.isAlive()).isTrue();
    assertThat(node.healthy()).isTrue();
    linkHonestly();
    await("calm")
        .atMost(CALM)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              assertThat(node.status().get("peersConnected").getAsInt()).isZero();
              assertThat(node.openFiles()).isLessThanOrEqualTo(files + FILES_MORE);
              assertThat(node.threads()).isLessThanOrEqualTo(threads + THREADS_MORE);
              assertThat(node.virtualThreads()).isLessThanOrEqualTo(virtualThreads + 2);
            });
    int lines = node.logLines().size() - linesBefore;
    System.out.printf(
        "%s: %d threads, %d virtual, %d files, %d MiB, %d log lines for %d links%n",
        test.getDisplayName(),
        node.threads(),
        node.virtualThreads(),
        node.openFiles(),
        node.rssMebibytes(),
        lines,
        links.get());
    assertThat(lines).isLessThanOrEqualTo(links.get() + SUMMARY_LINES);
    assertThat(node.stored()).isZero();
    assertThat(node.logLines()).noneMatch(line -> line.contains("OutOfMemory"));
  }

  /** An honest node comes and goes. */
  private Duration linkHonestly() throws IOException, GeneralSecurityException {
    long begin = System.nanoTime();
    links.incrementAndGet();
    try (Stranger.Line line = honest.connect(port).hello()) {
      line.await("HELLO");
      line.roundTrip(1);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private Socket call(String from) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
    socket.setSoTimeout(15_000);
    return socket;
  }

  private Stranger.Line link(Stranger stranger, String from)
      throws IOException, GeneralSecurityException {
    links.incrementAndGet();
    return stranger.connect(port, from);
  }

  /** Linked, after both HELLOs. */
  private Stranger.Line greeted(Stranger stranger, String from)
      throws IOException, GeneralSecurityException {
    Stranger.Line line = link(stranger, from).hello();
    line.await("HELLO");
    return line;
  }

  private static void together(int times, Callable<?> task) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(16)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        all.add(pool.submit(task));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private static boolean isClosed(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void randomBytes() throws Exception {
    long seed = System.nanoTime();
    System.out.println("Seed of the random bytes: " + seed);
    SplittableRandom seeds = new SplittableRandom(seed);
    together(
        300,
        () -> {
          SplittableRandom random;
          synchronized (seeds) {
            random = seeds.split();
          }
          byte[] bytes = new byte[1 + random.nextInt(8_000)];
          random.nextBytes(bytes);
          if (random.nextBoolean()) {
            // As if it were TLS.
            bytes[0] = 0x16;
          }
          try (Socket socket = call("127.2.0.1")) {
            socket.getOutputStream().write(bytes);
            if (random.nextBoolean()) {
              socket.shutdownOutput();
            }
            assertThat(isClosed(socket) || random.nextInt() != 0).isTrue();
          } catch (java.net.SocketException e) {
            // Closed while we wrote.
          }
          return null;
        });
  }

  @Test
  void otherProtocols() throws Exception {
    together(
        50,
        () -> {
          try (Socket socket = call("127.3.0.1")) {
            socket
                .getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(isClosed(socket)).isTrue();
          }
          return null;
        });
    for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
      try (Stranger.Line line = Stranger.connectAnonymously(port, protocol)) {
        // TLS 1.3 tells a client only after its own end is done.
        assertThat(line.isClosedWithin(SOON)).as(protocol + " without a certificate").isTrue();
      } catch (SSLException | java.net.SocketException e) {
        // Refused in the handshake.
      }
    }
  }

  @Test
  void giantLengthsBeforeTheHello() throws Exception {
    for (int length : new int[] {16 * 1024 + 1, Integer.MAX_VALUE, -1, 0, Integer.MIN_VALUE}) {
      try (Stranger.Line line = link(Stranger.fresh(), "127.4.0.1")) {
        line.bytes(ByteBuffer.allocate(8).putInt(length).array());
        assertThat(line.isClosedWithin(SOON)).as("length " + length).isTrue();
      }
    }
  }

  @Test
  void giantLengthsAfterTheHello() throws Exception {
    Stranger stranger = Stranger.fresh();
    for (int length : new int[] {1024 * 1024 + 1, Integer.MAX_VALUE, -1, 0, Integer.MIN_VALUE}) {
      try (Stranger.Line line = greeted(stranger, "127.5.0.1")) {
        line.bytes(ByteBuffer.allocate(8).putInt(length).array());
        assertThat(line.isClosedWithin(SOON)).as("length " + length).isTrue();
      }
    }
  }

  @Test
  void framesThatAreNoMessages() throws Exception {
    String envelope =
        "{\"type\": \"x\", \"id\": \"1\", \"timestamp\": \"\", \"payload\": {\"a\": %s}}";
    List<byte[]> contents =
        List.of(
            bytes(envelope.formatted("[".repeat(500_000) + "]".repeat(500_000))),
            bytes(envelope.formatted("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000))),
            bytes("[".repeat(1024 * 1024)),
            bytes(envelope.formatted("[" + "1,".repeat(500_000) + "1]")),
            bytes(envelope.formatted("1, \"a\": 2")),
            bytes(envelope.formatted("\"\\ud800\"")),
            bytes(envelope.formatted("NaN")),
            bytes(envelope.formatted("1" + "0".repeat(900_000))),
            bytes("\ufeff" + envelope.formatted("1")),
            bytes("null"),
            bytes("{}"),
            bytes("{\"type\": 1}"),
            new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'},
            new byte[] {(byte) 0xff, (byte) 0xfe, 0, 0},
            new byte[100_000]);
    Stranger stranger = Stranger.fresh();
    for (int i = 0; i < contents.size(); i++) {
      try (Stranger.Line line = greeted(stranger, "127.6.0.1")) {
        line.frame(contents.get(i));
        assertThat(line.isClosedWithin(SOON)).as("content " + i).isTrue();
      } catch (SSLException | java.net.SocketException e) {
        // Closed while we wrote.
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void halfFrames() throws Exception {
    List<Stranger.Line> lines = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        Stranger.Line line = link(Stranger.fresh(), "127.7.0.1").hello();
        lines.add(line);
        try {
          line.await("HELLO");
          line.bytes(ByteBuffer.allocate(20).putInt(1_000).array());
        } catch (IOException e) {
          // Few who lack membership have a place at a time; the others are closed at once.
        }
      }
      for (Stranger.Line line : lines) {
        assertThat(line.isClosedWithin(Duration.ofSeconds(15))).isTrue();
      }
    } finally {
      for (Stranger.Line line : lines) {
        line.close();
      }
    }
  }

  @Test
  void aKeyOf16384Bits() throws Exception {
    Stranger giant = Stranger.withGiantKey();
    long begin = System.nanoTime();
    try (Stranger.Line line = link(giant, "127.8.0.1")) {
      try {
        line.hello();
      } catch (IOException e) {
        // Refused as soon as its certificate was seen.
      }
      assertThat(line.isClosedWithin(SOON)).isTrue();
    } catch (SSLException | java.net.SocketException e) {
      // Refused in the handshake.
    }
    System.out.printf(
        "The handshake with a key of 16384 bits took %d ms%n",
        (System.nanoTime() - begin) / 1_000_000);
    try (Stranger.Line line = greeted(Stranger.fresh(), "127.8.0.1")) {
      line.frame("event", giant.event("192.0.2.1"));
      line.roundTrip(3);
    }
  }

  @Test
  void idleConnections() throws Exception {
    int connections = Integer.getInteger("system.connections", 2_000);
    List<Socket> idle = new ArrayList<>();
    try {
      long begin = System.nanoTime();
      for (int i = 0; i < connections; i++) {
        idle.add(call("127.9." + i / 5_000 + ".1"));
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      Duration honestly = linkHonestly();
      await("the oldest have gone")
          .atMost(SOON)
          .until(() -> node.openFiles() - files <= MOST_WITHOUT_HANDSHAKE + FILES_MORE);
      long open = node.openFiles() - files;
      System.out.printf(
          "%d idle connections in %d ms: the node holds %d of them in %d MiB; an honest node linked"
              + " in %d ms%n",
          connections, took.toMillis(), open, node.rssMebibytes(), honestly.toMillis());
      assertThat(honestly).isLessThan(LINK_PATIENCE);
      Socket last = idle.getLast();
      assertThat(isClosed(last)).isTrue();
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void aFloodOfCallersFromOneAddress() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger calls = new AtomicInteger();
    byte[] hello = new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
    List<Thread> flood = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      boolean speaks = i % 2 == 0;
      flood.add(
          Thread.ofPlatform()
              .name("flood-" + i)
              .start(
                  () -> {
                    List<Socket> open = new ArrayList<>();
                    while (!over.get()) {
                      try {
                        Socket socket = call("127.10.0.1");
                        open.add(socket);
                        if (speaks) {
                          socket.getOutputStream().write(hello);
                        }
                        calls.incrementAndGet();
                        if (open.size() > 300) {
                          open.removeFirst().close();
                        }
                      } catch (IOException e) {
                        // Turned away.
                      }
                    }
                    for (Socket socket : open) {
                      try {
                        socket.close();
                      } catch (IOException e) {
                        // As it should be.
                      }
                    }
                  }));
    }
    List<Duration> honestly = new ArrayList<>();
    try {
      await().until(() -> calls.get() > 500);
      for (int i = 0; i < 5; i++) {
        honestly.add(linkHonestly());
      }
    } finally {
      over.set(true);
      for (Thread thread : flood) {
        thread.join();
      }
    }
    System.out.printf("%d calls of a flood; honest nodes linked in %s%n", calls.get(), honestly);
    assertThat(honestly).allSatisfy(d -> assertThat(d).isLessThan(LINK_PATIENCE));
  }
}
