package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeFile;
import io.cyphermesh.cli.data.NodeLock;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands against a REST interface that answers as a node's does. */
class RestCommandsTest {
  @TempDir private Path folder;
  private final List<String> requests = new ArrayList<>();
  private String peers = "[]";
  private HttpServer server;
  private NodeLock lock;
  private Trial trial;

  @BeforeEach
  void start() throws IOException {
    DataDirectory data = new DataDirectory(folder);
    lock = NodeLock.tryAcquire(data).orElseThrow();
    Files.writeString(data.token(), "secret-token-of-the-node\n");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    new NodeFile(
            1, URI.create("http://127.0.0.1:" + server.getAddress().getPort()), Instant.EPOCH, "1")
        .write(data);
    trial = new Trial(folder);
  }

  @AfterEach
  void stop() throws IOException {
    server.stop(0);
    lock.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body;
    requests.add(request.strip());
    assertThat(exchange.getRequestHeaders().getFirst("Authorization"))
        .isEqualTo("Bearer secret-token-of-the-node");
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    if (path.equals("/api/v1/events") && exchange.getRequestMethod().equals("GET")) {
      boolean second = query.contains("before=2");
      reply(
          exchange,
          200,
          second
              ? "{\"events\": [" + event(1) + "], \"next\": null}"
              : "{\"events\": [" + event(3) + "," + event(2) + "], \"next\": 2}");
    } else if (path.equals("/api/v1/events")) {
      reply(exchange, 400, "{\"title\": \"Bad Request\", \"detail\": \"source_ip is private\"}");
    } else if (path.equals("/api/v1/peers") && exchange.getRequestMethod().equals("POST")) {
      reply(exchange, 201, "{}");
    } else if (path.equals("/api/v1/peers/forget")) {
      reply(exchange, 200, "{\"address\": \"[2001:db8::1]:9001\"}");
    } else if (path.endsWith("/ban") || path.endsWith("/lift")) {
      reply(
          exchange,
          200,
          "{\"peer\": \"%s\", \"banned\": true, \"reputation\": 4, \"changed\": true}"
              .formatted(path.split("/", -1)[4]));
    } else {
      reply(exchange, 200, "{\"peers\": " + peers + "}");
    }
  }

  private static String event(int seq) {
    return """
        {"id": "%064x", "source_ip": "203.0.113.9", "threat_type": "\\u001b[2Jssh",
         "severity": "high", "timestamp": "2026-11-22T10:00:00.000Z",
         "seq": %d, "reporterId": "%s", "local": false}\
        """
        .formatted(seq, seq, "ab".repeat(32));
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Test
  void eventsAreReadPageByPageAndShownNewestLast() {
    Trial.Outcome outcome = trial.run("events", "--limit", "3", "--json");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.lines()).hasSize(3);
    assertThat(outcome.lines().getFirst()).contains("\"seq\":1");
    assertThat(outcome.lines().getLast()).contains("\"seq\":3");
  }

  @Test
  void conditionsReachTheNodeOnEveryPage() {
    trial.run(
        "events",
        "--limit=3",
        "--address=192.0.2.0/24",
        "--severity=critical,high",
        "--text=root & all",
        "--since=2026-11-22",
        "--local");
    assertThat(requests)
        .hasSize(2)
        .allMatch(
            request ->
                request.endsWith(
                    "&address=192.0.2.0%2F24&local=true&severity=high%2Ccritical"
                        + "&since=2026-11-22T00%3A00%3A00Z&text=root+%26+all"));
  }

  @Test
  void aWrongConditionIsNamedBeforeTheNodeIsAsked() {
    for (String wrong :
        List.of(
            "--address=192.0.2.0/33",
            "--severity=dreadful",
            "--reporter=me",
            "--since=soon",
            "--until=2026-13-01",
            "--tlp=purple")) {
      Trial.Outcome outcome = trial.run("events", wrong);
      assertThat(outcome.code()).isEqualTo(2);
      assertThat(outcome.err()).contains(wrong.substring(0, wrong.indexOf('=')) + ": give ");
    }
    assertThat(trial.run("events", "--follow", "--local").code()).isEqualTo(2);
    assertThat(requests).isEmpty();
  }

  @Test
  void noEscapeOfAReporterReachesTheTerminal() {
    Trial.Outcome outcome = trial.run("events");
    assertThat(outcome.out()).contains("\\u001b[2Jssh").doesNotContain("\u001b");
    assertThat(trial.run("events", "--json").out()).doesNotContain("\u001b");
  }

  @Test
  void aPeerIsAddedAtOnce() {
    assertThat(trial.run("add-peer", "192.0.2.7:9001").code()).isZero();
    assertThat(requests).containsExactly("POST /api/v1/peers {\"address\":\"192.0.2.7:9001\"}");
    assertThat(folder.resolve("peers.txt")).doesNotExist();
  }

  @Test
  void anAddressIsForgotten() {
    assertThat(trial.run("peers", "forget", "[2001:db8::1]:9001").out())
        .isEqualTo("[2001:db8::1]:9001 is forgotten.\n");
    assertThat(requests)
        .containsExactly("POST /api/v1/peers/forget {\"address\":\"[2001:db8::1]:9001\"}");
    assertThat(trial.run("peers", "forget", "nowhere").code()).isEqualTo(2);
    assertThat(requests).hasSize(1);
  }

  @Test
  void aRefusalIsToldInTheNodesOwnWords() {
    Trial.Outcome outcome =
        trial.run("report", "--source", "10.0.0.1", "--type", "x", "--severity", "low");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).isEqualTo("cyphermesh: the node refused: source_ip is private\n");
  }

  @Test
  void aNodeWithoutPeersSaysHowToGetOne() {
    assertThat(trial.run("peers").out()).contains("cyphermesh add-peer");
    assertThat(trial.run("peers", "--json").out()).isEmpty();
  }

  @Test
  void aPeerIsBannedByTheBeginOfItsId() {
    String id = "3f9a6c0e".repeat(8);
    String other = "3f9a6c0d".repeat(8);
    peers = "[{\"nodeId\": \"%s\"}, {\"nodeId\": null}, {\"nodeId\": \"%s\"}]".formatted(id, other);
    assertThat(trial.run("peers", "ban", "3f9a6c0e").out()).isEqualTo("3f9a6c0e3f9a is banned.\n");
    assertThat(requests.getLast()).isEqualTo("POST /api/v1/peers/" + id + "/ban");
    assertThat(trial.run("peers", "lift", id, "--json").json().get("peer").getAsString())
        .isEqualTo(id);
    assertThat(trial.run("peers", "lift", "203.0.113.161").out())
        .isEqualTo("203.0.113.161's ban is lifted; its reputation is 4.\n");
  }

  @Test
  void aPeerThatIsNotClearIsNotBanned() {
    peers =
        "[{\"nodeId\": \"%s\"}, {\"nodeId\": \"%s\"}]"
            .formatted("3f9a6c0e".repeat(8), "3f9a6c0e0".repeat(8).substring(0, 64));
    assertThat(trial.run("peers", "ban", "3f9a6c0e").err()).contains("give more digits");
    assertThat(trial.run("peers", "ban", "00000000").err()).contains("no peer's id begins with");
    for (String wrong : List.of("3f9a", "everybody", "../tokens", "203.0.113", "")) {
      assertThat(trial.run("peers", "ban", wrong).code()).as(wrong).isEqualTo(2);
    }
    assertThat(requests).noneMatch(request -> request.contains("/ban"));
  }

  @Test
  void whoAnswersInPlaceOfADeadNodeNeverGetsTheToken() throws IOException {
    lock.close();
    assertThat(trial.run("peers").code()).isEqualTo(1);
    assertThat(requests).isEmpty();
  }
}
