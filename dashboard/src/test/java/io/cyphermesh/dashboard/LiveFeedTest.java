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
import java.util.function.Predicate;
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
                new HostPort("127.0.0.1", 0), false, folder.resolve("api-token"), List.of()),
            node,
            node,
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
      socket = new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port());
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
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

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

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
    await().until(() -> node.listeners() == 1);
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
      await().until(() -> node.listeners() == 2);
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
                return node.listeners() == 1;
              });
      assertThat(deaf.socket.isClosed()).isFalse();
      assertThat(reader.isAlive()).isTrue();
    }
  }

  @Test
  void aClientThatWasTooSlowIsTold() throws Exception {
    try (Client client = new Client()) {
      client.next(line -> line.equals("event: status"));
      for (int i = 0; i < 20_000; i++) {
        node.store("198.51.100.7", "flood");
      }
      assertThat(client.next(line -> line.equals("event: missed"))).isEqualTo("event: missed");
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
