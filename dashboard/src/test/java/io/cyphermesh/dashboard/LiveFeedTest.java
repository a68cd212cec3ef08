package io.cyphermesh.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.view.EventView;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveFeedTest {
  @TempDir Path folder;

  private final FakeNode node = new FakeNode(InstantSource.system());
  private Dashboard dashboard;

  @BeforeEach
  void start() throws IOException {
    dashboard =
        Dashboard.start(
            new DashboardSettings(
                new HostPort("127.0.0.1", 0),
                false,
                folder.resolve("api-token"),
                List.of(),
                Optional.empty(),
                List.of()),
            node,
            node,
            ProcessView.NONE,
            () -> "",
            InstantSource.system(),
            new Dashboard.Patience(
                Duration.ofSeconds(30), Duration.ofMillis(1500), Duration.ofMillis(300)));
  }

  @AfterEach
  void stop() {
    dashboard.close();
  }

  /** A client that reads the feed line by line. */
  private final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Client() throws IOException {
      this("");
    }

    /** One that shows what it had last. */
    Client(String header) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port());
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      + header
                      + "\r\n")
                  .getBytes(UTF_8));
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    /** Reads on to the next line that fits. */
    String next(Predicate<String> fits) throws IOException {
      String line = in.readLine();
      while (line != null && !fits.test(line)) {
        line = in.readLine();
      }
      return line == null ? "the end" : line;
    }

    /** The numbers of the next events. */
    List<Long> seqs(int count) throws IOException {
      List<Long> seqs = new ArrayList<>();
      while (seqs.size() < count) {
        String line = next(each -> each.startsWith("id: "));
        if (line.equals("the end")) {
          break;
        }
        seqs.add(Long.parseLong(line.substring(4)));
      }
      return seqs;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private void store(int count) {
    for (int i = 0; i < count; i++) {
      node.store("198.51.100.7", "x");
    }
  }

  private static List<Long> fromTo(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  // Coming back

  @Test
  void whoComesBackGetsWhatWasStoredSinceAndThenWhatComes() throws Exception {
    store(10);
    try (Client client = new Client("Last-Event-ID: 4\r\n")) {
      assertThat(client.seqs(6)).isEqualTo(fromTo(5, 10));
      store(3);
      assertThat(client.seqs(3)).isEqualTo(fromTo(11, 13));
    }
  }

  @Test
  void moreThanAPageIsMadeUpForWhileMoreComesWithoutAGapOrADuplicate() throws Exception {
    store(2_000);
    AtomicBoolean enough = new AtomicBoolean();
    Thread source =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!enough.get()) {
                    store(5);
                    LockSupport.parkNanos(500_000);
                  }
                });
    try {
      for (int back = 0; back < 20; back++) {
        try (Client client = new Client("Last-Event-ID: " + 97 * back + "\r\n")) {
          assertThat(client.seqs(3_000)).isEqualTo(fromTo(97 * back + 1, 97 * back + 3_000));
        }
      }
    } finally {
      enough.set(true);
      source.join();
    }
  }

  @Test
  void whoLosesHisLineAgainAndAgainMissesNothing() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    store(1);
    Thread source =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!enough.get()) {
                    store(1);
                    LockSupport.parkNanos(200_000);
                  }
                });
    try {
      long had = 1;
      for (int i = 0; i < 50; i++) {
        try (Client client = new Client("Last-Event-ID: " + had + "\r\n")) {
          List<Long> seqs = client.seqs(1 + i * 7 % 60);
          assertThat(seqs).isEqualTo(fromTo(had + 1, had + seqs.size()));
          had = seqs.getLast();
        }
      }
    } finally {
      enough.set(true);
      source.join();
    }
  }

  @Test
  void whoHadNothingYetBeginsWithWhatComes() throws Exception {
    store(5);
    try (Client client = new Client()) {
      client.next(line -> line.equals("event: status"));
      store(2);
      assertThat(client.seqs(2)).isEqualTo(fromTo(6, 7));
    }
    try (Client client = new Client("Last-Event-ID: 0\r\n")) {
      assertThat(client.seqs(7)).isEqualTo(fromTo(1, 7));
    }
  }

  @Test
  void aNumberOfAnotherDatabaseMeansReadingEverythingAgain() throws Exception {
    store(5);
    try (Client client = new Client("Last-Event-ID: 5000\r\n")) {
      assertThat(client.next(line -> line.equals("event: missed"))).isEqualTo("event: missed");
      store(1);
      assertThat(client.seqs(1)).containsExactly(6L);
    }
  }

  @Test
  void whatIsNoNumberIsRefused() throws Exception {
    for (String wrong : List.of("x", "-1", "1.5", "99999999999999999999")) {
      try (Client client = new Client("Last-Event-ID: " + wrong + "\r\n")) {
        assertThat(client.next(line -> line.startsWith("HTTP/"))).contains("400");
      }
    }
  }

  @Test
  void aBrowserThatCannotSetTheHeaderSaysItInTheAddress() throws Exception {
    store(5);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET /api/v1/live?after=3 HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      assertThat(in.lines().filter(line -> line.startsWith("id: ")).limit(2))
          .containsExactly("id: 4", "id: 5");
    }
  }

  // What comes

  @Test
  void anEventArrivesWithItsNumber() throws Exception {
    try (Client client = new Client()) {
      assertThat(client.next(line -> line.startsWith("HTTP/"))).contains("200");
      assertThat(client.next(line -> line.startsWith("event:"))).isEqualTo("event: status");
      EventView event = node.store("198.51.100.7", "<script>");
      assertThat(client.next(line -> line.equals("event: event"))).isEqualTo("event: event");
      assertThat(client.in.readLine()).isEqualTo("id: " + event.seq());
      String data = client.in.readLine().substring("data: ".length());
      assertThat(JsonParser.parseString(data).getAsJsonObject().get("id").getAsString())
          .isEqualTo(event.id());
    }
  }

  @Test
  void changesOfPeersPluginsAndCountersAreTold() throws Exception {
    try (Client client = new Client()) {
      assertThat(client.next(line -> line.equals("event: status"))).isEqualTo("event: status");
      node.peer(FakeNode.peerAt("192.0.2.1:9001"));
      assertThat(client.next(line -> line.equals("event: peers"))).isEqualTo("event: peers");
      node.rejected = 44;
      assertThat(client.next(line -> line.contains("\"rejected\":44"))).startsWith("data: ");
    }
  }

  @Test
  void aQuietFeedGivesSignsOfLife() throws Exception {
    try (Client client = new Client()) {
      assertThat(client.next(line -> line.equals(": still here"))).isEqualTo(": still here");
    }
  }

  @Test
  void aClientThatVanishesIsNoticed() throws Exception {
    Client client = new Client();
    await().until(() -> dashboard.liveClients() == 1);
    client.close();
    await()
        .untilAsserted(
            () -> {
              assertThat(node.listeners()).isZero();
              assertThat(dashboard.liveClients()).isZero();
            });
  }

  @Test
  void aClientThatNeverReadsIsClosedAndHoldsNobodyUp() throws Exception {
    try (Client deaf = new Client();
        Client other = new Client()) {
      await().until(() -> dashboard.liveClients() == 2);
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      other.next(line -> false);
                    } catch (IOException e) {
                      // the test is over
                    }
                  });
      String details = "{\"description\": \"" + "x".repeat(8_000) + "\"}";
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> {
                for (int i = 0; i < 20; i++) {
                  node.store(
                      "peer", "198.51.100.7", "x", "low", Optional.of(details), Duration.ZERO);
                }
                return dashboard.liveClients() == 1;
              });
      assertThat(deaf.socket.isClosed()).isFalse();
      assertThat(reader.isAlive()).isTrue();
    }
  }

  @Test
  void thereAreOnlySoManyPlaces() throws Exception {
    List<Client> clients = new ArrayList<>();
    try {
      for (int i = 0; i < LiveFeed.MAX_CLIENTS; i++) {
        clients.add(new Client());
      }
      await().until(() -> dashboard.liveClients() == LiveFeed.MAX_CLIENTS);
      try (Client late = new Client()) {
        assertThat(late.next(line -> line.startsWith("HTTP/"))).contains("503");
        assertThat(late.next(line -> line.startsWith("{"))).contains("places");
      }
    } finally {
      for (Client client : clients) {
        client.close();
      }
    }
  }
}
