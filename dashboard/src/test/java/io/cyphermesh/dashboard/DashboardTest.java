package io.cyphermesh.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.view.EventView;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DashboardTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Dashboard.Patience SHORT =
      new Dashboard.Patience(
          Duration.ofMillis(700), Duration.ofMillis(700), Duration.ofMillis(300));

  @TempDir Path folder;

  private final InstantSource clock = InstantSource.fixed(NOW);
  private final FakeNode node = new FakeNode(clock);
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Dashboard> started = new ArrayList<>();
  private Dashboard dashboard;

  @BeforeEach
  void start() throws IOException {
    dashboard = start("127.0.0.1", false, Dashboard.Patience.USUAL);
  }

  @AfterEach
  void stop() {
    http.close();
    started.forEach(Dashboard::close);
  }

  private Dashboard start(String host, boolean publicRead, Dashboard.Patience patience)
      throws IOException {
    Dashboard fresh =
        Dashboard.start(
            new DashboardSettings(
                new HostPort(host, 0),
                publicRead,
                tokenFile(),
                List.of("mesh.example"),
                Optional.empty(),
                List.of()),
            node,
            node,
            ProcessView.NONE,
            () -> "cyphermesh_events 1\n",
            clock,
            patience);
    started.add(fresh);
    return fresh;
  }

  private Path tokenFile() {
    return folder.resolve("api-token");
  }

  private String token() throws IOException {
    return Files.readString(tokenFile()).strip();
  }

  private static URI uri(Dashboard dashboard, String path) {
    return URI.create("http://127.0.0.1:" + dashboard.address().port() + path);
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(uri(dashboard, path)).timeout(Duration.ofSeconds(10));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(to(path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return new Described(dashboard.endpoints())
        .check(http.send(request.build(), HttpResponse.BodyHandlers.ofString()));
  }

  private HttpRequest.Builder post(String path, String body) throws IOException {
    return to(path)
        .header("Authorization", "Bearer " + token())
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  private static void assertProblem(HttpResponse<String> response, int status, String detail) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonObject problem = json(response);
    // That of a query parameter names it, too.
    problem.remove("field");
    assertThat(problem.keySet())
        .containsExactlyInAnyOrder("type", "title", "status", "detail", "instance");
    assertThat(problem.get("status").getAsInt()).isEqualTo(status);
    assertThat(problem.get("title").getAsString()).isNotBlank();
    assertThat(problem.get("detail").getAsString()).contains(detail);
    assertThat(response.body()).doesNotContain("Exception").doesNotContain("\tat ");
    assertSecure(response);
  }

  private static void assertSecure(HttpResponse<?> response) {
    assertThat(response.headers().map())
        .containsKeys(
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "cache-control")
        .doesNotContainKey("access-control-allow-origin");
  }

  /** Speaks HTTP by hand, for what a proper client would never send. */
  private static String raw(Dashboard dashboard, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private String withHost(String host) throws IOException {
    return raw(
        dashboard,
        "GET /api/v1/status HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }

  // Reading

  @Test
  void theStatusHasTheNamesOfTheView() throws Exception {
    HttpResponse<String> response = get("/api/v1/status");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonObject status = json(response);
    assertThat(status.get("nodeId").getAsString()).isEqualTo(FakeNode.NODE_ID);
    assertThat(status.get("now").getAsString()).isEqualTo("2026-11-22T12:00:00Z");
    assertThat(status.get("listening").getAsString()).isEqualTo("0.0.0.0:9001");
    assertThat(status.get("warning").isJsonNull()).isTrue();
    assertThat(status.getAsJsonObject("events").get("rejected").getAsLong()).isEqualTo(3);
    assertSecure(response);
  }

  @Test
  void anEventIsTheWiresObjectAndMore() throws Exception {
    EventView event =
        node.store(
            "peer",
            "198.51.100.7",
            "ssh-bruteforce",
            "high",
            Optional.of("{\"count\": 9007199254740991, \"target\": {\"port\": 22}}"),
            Duration.ZERO);
    JsonObject json = json(get("/api/v1/events/" + event.id()));
    assertThat(json.keySet())
        .contains(
            "id",
            "source_ip",
            "threat_type",
            "severity",
            "timestamp",
            "reporter_pubkey",
            "signature",
            "details",
            "key",
            "seq",
            "receivedAt",
            "verified",
            "reporterId");
    assertThat(json.getAsJsonObject("details").get("count").getAsString())
        .isEqualTo("9007199254740991");
    assertThat(json.get("verified").getAsBoolean()).isTrue();
  }

  @Test
  void anEventWithoutDetailsHasNone() throws Exception {
    EventView event = node.store("198.51.100.7", "ssh-bruteforce");
    assertThat(json(get("/api/v1/events/" + event.id())).has("details")).isFalse();
  }

  @Test
  void textComesOutAsItWentIn() throws Exception {
    String nasty = "<script>alert('\"&=\\')</script> \u202e\u2028 \ud83d\udd12 é";
    EventView event = node.store("198.51.100.7", nasty);
    HttpResponse<String> response = get("/api/v1/events/" + event.id());
    assertThat(json(response).get("threat_type").getAsString()).isEqualTo(nasty);
    assertThat(response.body()).contains("<script>alert('");
  }

  @Test
  void eventsComeNewestFirstPageByPage() throws Exception {
    for (int i = 1; i <= 5; i++) {
      node.store("198.51.100." + i, "ssh-bruteforce");
    }
    JsonObject first = json(get("/api/v1/events?limit=3"));
    assertThat(seqs(first)).containsExactly(5L, 4L, 3L);
    JsonObject second = json(get("/api/v1/events?limit=3&before=" + first.get("next")));
    assertThat(seqs(second)).containsExactly(2L, 1L);
    assertThat(second.get("next").isJsonNull()).isTrue();
  }

  private static List<Long> seqs(JsonObject page) {
    return page.getAsJsonArray("events").asList().stream()
        .map(event -> event.getAsJsonObject().get("seq").getAsLong())
        .toList();
  }

  @Test
  void aLimitOutOfRangeIsRefused() throws Exception {
    for (String limit : List.of("0", "501", "x", "-1", "1&limit=2", "")) {
      assertProblem(get("/api/v1/events?limit=" + limit), 400, "'limit' is one number, 1 to 500");
    }
    assertProblem(get("/api/v1/events?before=x"), 400, "'before'");
  }

  @Test
  void anUnknownEventIsNotFound() throws Exception {
    assertProblem(get("/api/v1/events/" + "0".repeat(64)), 404, "no event with that id");
    assertProblem(get("/api/v1/events/xyz"), 400, "64 lower-case hexadecimal digits");
  }

  @Test
  void pluginsAndPeersAreLists() throws Exception {
    node.peer(FakeNode.peerAt("192.0.2.1:9001"));
    node.plugin(Plugins.of("log-watcher", "detector", "ACTIVE", NOW).counts(1, 0, 0).view());
    JsonObject peer = json(get("/api/v1/peers")).getAsJsonArray("peers").get(0).getAsJsonObject();
    assertThat(peer.get("address").getAsString()).isEqualTo("192.0.2.1:9001");
    assertThat(peer.get("nodeId").isJsonNull()).isTrue();
    JsonObject plugin =
        json(get("/api/v1/plugins")).getAsJsonArray("plugins").get(0).getAsJsonObject();
    assertThat(plugin.get("state").getAsString()).isEqualTo("ACTIVE");
  }

  private JsonObject onlyPeer() throws Exception {
    return json(get("/api/v1/peers")).getAsJsonArray("peers").get(0).getAsJsonObject();
  }

  @Test
  void aLinkedPeerTellsRoleRoundTripTrafficAndScore() throws Exception {
    node.peer(Peers.linked("a", "192.0.2.1:9001", true, 5, Peers.active(true, 23.5, 10, -1), NOW));
    JsonObject peer = onlyPeer();
    assertThat(peer.get("role").getAsString()).isEqualTo("active");
    assertThat(peer.get("link"))
        .isEqualTo(
            JsonParser.parseString(
                """
                {"tree": true, "roundTripMillis": 23.5, "bytesIn": 13110, "bytesOut": 7020,
                 "eventsIn": 10, "eventsOut": 2411, "score": -1}
                """));
  }

  @Test
  void aNodeOfTheReserveIsPassiveAndHasNoLink() throws Exception {
    node.peer(Peers.reserve("a", "", NOW));
    assertThat(onlyPeer().get("role").getAsString()).isEqualTo("passive");
    assertThat(onlyPeer().get("link").isJsonNull()).isTrue();
    assertThat(onlyPeer().get("address").isJsonNull()).isTrue();
  }

  @Test
  void whoIsNeitherLinkedNorInReserveHasNoRole() throws Exception {
    node.peer(FakeNode.peerAt("192.0.2.1:9001"));
    assertThat(onlyPeer().get("role").isJsonNull()).isTrue();
  }

  @Test
  void healthTellsThatTheNodeIsAliveAndReadyWhatItCanDo() throws Exception {
    assertThat(get("/health").body()).isEqualTo("{\"status\":\"up\"}");
    HttpResponse<String> ready = get("/ready");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body())
        .isEqualTo("{\"status\":\"ready\",\"store\":true,\"listener\":true,\"plugins\":true}");
  }

  @Test
  void aNodeThatDoesNotListenIsAliveButNotReady() throws Exception {
    node.listening = Optional.empty();
    assertThat(get("/health").statusCode()).isEqualTo(200);
    HttpResponse<String> ready = get("/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(json(ready).get("listener").getAsBoolean()).isFalse();
  }

  @Test
  void aNodeWhoseStoreFailsIsAliveButNotReadyAndDoesNotSayWhy() throws Exception {
    node.broken = true;
    assertThat(get("/health").statusCode()).isEqualTo(200);
    HttpResponse<String> ready = get("/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body()).doesNotContain("fire").contains("\"store\":false");
  }

  @Test
  void aPluginOnItsWayKeepsTheNodeFromBeingReadyAndAFailedOneDoesNot() throws Exception {
    node.plugin(Plugins.of("broken", "detector", "FAILED", NOW).view());
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    dashboard = start("127.0.0.1", false, Dashboard.Patience.USUAL);
    node.plugin(Plugins.of("slow", "detector", "STARTING", NOW).view());
    assertThat(get("/ready").statusCode()).isEqualTo(503);
  }

  @Test
  void metricsAreWhatTheNodeSupplies() throws Exception {
    HttpResponse<String> response = get("/metrics");
    assertThat(response.body()).isEqualTo("cyphermesh_events 1\n");
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
  }

  @Test
  void thePageAndItsFilesAreServed() throws Exception {
    for (String path :
        List.of("/", "/events", "/events/" + "0".repeat(64), "/api", "/login", "/favicon.svg")) {
      HttpResponse<String> response = get(path);
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(response.body()).isNotBlank();
      assertSecure(response);
      String etag = response.headers().firstValue("ETag").orElseThrow();
      HttpResponse<String> again = send(to(path).header("If-None-Match", etag));
      assertThat(again.statusCode()).isEqualTo(304);
      assertThat(again.body()).isEmpty();
    }
  }

  @Test
  void whatAPageAsksForIsThereAndIsNeverAskedForAgain() throws Exception {
    Matcher files = Pattern.compile("/assets/[^\"]+").matcher(get("/").body());
    int found = 0;
    while (files.find()) {
      HttpResponse<String> file = get(files.group());
      assertThat(file.statusCode()).as(files.group()).isEqualTo(200);
      assertThat(file.headers().firstValue("Cache-Control").orElseThrow()).contains("immutable");
      assertSecure(file);
      found++;
    }
    assertThat(found).isGreaterThanOrEqualTo(5);
    // A page from before an upgrade gets what there is now, and asks again.
    HttpResponse<String> old = get("/assets/another/app.css");
    assertThat(old.statusCode()).isEqualTo(200);
    assertThat(old.headers().firstValue("Cache-Control")).hasValue("no-cache");
    assertProblem(get("/assets/another/api-token"), 404, "there is nothing here");
  }

  @Test
  void headAnswersWhereGetDoes() throws Exception {
    for (String path : List.of("/", "/api/v1/status", "/health", "/metrics", "/api/v1/live")) {
      HttpResponse<String> response = send(to(path).HEAD());
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(response.body()).isEmpty();
    }
    HttpResponse<String> head = send(to("/api/v1/status").HEAD());
    assertThat(head.headers().firstValue("Content-Length"))
        .hasValue(Integer.toString(get("/api/v1/status").body().length()));
    assertThat(send(to("/nowhere").HEAD()).statusCode()).isEqualTo(404);
  }

  @Test
  void whatIsKnownAlreadyHasNoLengthAndTheFeedNeither() throws Exception {
    String tag = get("/api/v1/peers").headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> known = send(to("/api/v1/peers").header("If-None-Match", tag));
    assertThat(known.statusCode()).isEqualTo(304);
    assertThat(known.headers().firstValue("Content-Length")).isEmpty();
    assertThat(send(to("/api/v1/live").HEAD()).headers().firstValue("Content-Length")).isEmpty();
  }

  @Test
  void whatJoobyAnswersByItselfIsAsSafe() throws Exception {
    HttpResponse<String> icon = get("/favicon.ico");
    assertThat(icon.statusCode()).isEqualTo(200);
    assertThat(icon.headers().firstValue("Content-Type")).hasValue("image/svg+xml");
    for (HttpResponse<String> each :
        List.of(
            icon,
            get("/x/favicon.ico"),
            send(to("/api/v1/status").method("OPTIONS", HttpRequest.BodyPublishers.noBody())),
            send(to("/nowhere").method("OPTIONS", HttpRequest.BodyPublishers.noBody())))) {
      Served.assertSafe(each);
      assertThat(each.headers().firstValue("Server")).isEmpty();
    }
    HttpResponse<String> options =
        send(to("/api/v1/events?x=1").method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
    assertProblem(options, 405, "OPTIONS is not possible here");
    assertThat(options.headers().firstValue("Allow")).hasValue("GET, HEAD, POST");
  }

  // Refusals

  @Test
  void whatIsNotThereIsAProblem() throws Exception {
    assertProblem(get("/nowhere"), 404, "there is nothing here");
    assertProblem(get("/api/v1/events/a/b"), 404, "there is nothing here");
    assertProblem(get("/../../etc/passwd"), 404, "there is nothing here");
  }

  @Test
  void aBrowserAtNoPageIsShownTheWayBackAndAProgramIsTold() throws Exception {
    String browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (String path : List.of("/nowhere", "/events/nonsense", "/events/a/b", "/assets/x/y")) {
      HttpResponse<String> page = send(to(path).header("Accept", browser));
      assertThat(page.statusCode()).as(path).isEqualTo(404);
      assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=utf-8");
      assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(page.headers().firstValue("ETag")).isEmpty();
      assertThat(page.body()).contains("There is no page at this address", "href=\"/events\"");
      Served.assertSafe(page);
      assertProblem(get(path), 404, "");
      assertProblem(send(to(path).header("Accept", "*/*")), 404, "");
    }
    HttpResponse<String> undecodable = send(to("/events/%ff").header("Accept", browser));
    assertThat(undecodable.statusCode()).isEqualTo(400);
    assertThat(undecodable.body()).contains("There is no page at this address");
    assertProblem(send(to("/api/v1/nowhere").header("Accept", browser)), 404, "nothing here");
    assertProblem(send(to("/api/v1/events/x").header("Accept", browser)), 400, "64 lower-case");
  }

  @Test
  void aMethodThatIsNotPossibleNamesThoseThatAre() throws Exception {
    HttpResponse<String> response =
        send(to("/api/v1/events").DELETE().header("Authorization", "Bearer " + token()));
    assertProblem(response, 405, "DELETE is not possible here");
    assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD, POST");
    HttpResponse<String> posted =
        send(to("/api/v1/status").POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertProblem(posted, 405, "POST is not possible here, GET and HEAD are");
    assertThat(posted.headers().firstValue("Allow")).hasValue("GET, HEAD");
  }

  @Test
  void aFaultOfTheNodeTellsNothingOfItsInside() throws Exception {
    node.broken = true;
    HttpResponse<String> response = get("/api/v1/status");
    assertProblem(response, 500, "its log says why");
    assertThat(response.body()).doesNotContain("disk");
  }

  @Test
  void writingNeedsTheToken() throws Exception {
    HttpRequest.Builder bare =
        to("/api/v1/peers")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"address\":\"192.0.2.1:9001\"}"));
    HttpResponse<String> none = send(bare.copy());
    assertProblem(none, 401, "this needs a token with the role 'admin'");
    assertThat(none.headers().firstValue("WWW-Authenticate"))
        .hasValue("Bearer realm=\"cyphermesh\"");
    for (String wrong : List.of("Bearer wrong", "Basic " + token(), "Bearer ", token())) {
      assertProblem(
          send(bare.copy().header("Authorization", wrong)),
          401,
          "what was shown is none, or counts no more");
    }
    assertThat(node.peers()).isEmpty();
  }

  @Test
  void aPageOfAnotherSiteMayNotWrite() throws Exception {
    String body = "{\"address\":\"192.0.2.1:9001\"}";
    for (String origin : List.of("http://evil.example", "null", "http://127.0.0.1:1")) {
      assertProblem(
          send(post("/api/v1/peers", body).header("Origin", origin)), 403, "may not ask this node");
    }
    String own = "http://127.0.0.1:" + dashboard.address().port();
    assertThat(send(post("/api/v1/peers", body).header("Origin", own)).statusCode()).isEqualTo(201);
  }

  @Test
  void aNameThatIsNotTheNodesIsRefused() throws Exception {
    assertThat(withHost("evil.example"))
        .startsWith("HTTP/1.1 421")
        .contains("dashboard.allowed-hosts")
        .contains("application/problem+json")
        .doesNotContain(FakeNode.NODE_ID);
    assertThat(withHost("127.0.0.1.evil.example:80")).startsWith("HTTP/1.1 421");
    assertThat(withHost("localhost@evil.example")).startsWith("HTTP/1.1 421");
    assertThat(withHost("localhost:evil")).startsWith("HTTP/1.1 400");
    assertThat(raw(dashboard, "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void theNodesOwnNamesAndAnyAddressAreTaken() throws Exception {
    for (String host :
        List.of(
            "localhost",
            "LOCALHOST:5050",
            "127.0.0.1:1",
            "[::1]:5050",
            "192.0.2.7:5050",
            "[2001:db8::7]",
            "mesh.example",
            "cyphermesh-node:5050",
            InetAddress.getLocalHost().getHostName())) {
      assertThat(withHost(host)).as(host).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void beyondLoopbackReadingNeedsTheTokenButThePageAndHealthDoNot() throws Exception {
    dashboard = start("0.0.0.0", false, Dashboard.Patience.USUAL);
    for (String path : List.of("/api/v1/status", "/api/v1/events", "/api/v1/live", "/metrics")) {
      assertProblem(get(path), 401, "this needs a token with the role 'read'");
      if (!path.endsWith("live")) {
        assertThat(send(to(path).header("Authorization", "Bearer " + token())).statusCode())
            .isEqualTo(200);
      }
    }
    for (String path : List.of("/", "/node", "/health", "/api/v1/openapi.json")) {
      assertThat(get(path).statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void publicReadingNeedsNoTokenAnywhere() throws Exception {
    dashboard = start("0.0.0.0", true, Dashboard.Patience.USUAL);
    assertThat(get("/api/v1/status").statusCode()).isEqualTo(200);
  }

  @Test
  void thePublicFilesDoNotNameTheToken() throws Exception {
    assertThat(get("/").body() + get("/node").body() + get("/api/v1/openapi.json").body())
        .doesNotContain(token());
  }

  // Writing

  @Test
  void aReportBecomesASignedEvent() throws Exception {
    HttpResponse<String> response =
        send(
            post(
                "/api/v1/events",
                """
                {"source_ip": "203.0.113.9", "threat_type": "port-scan", "severity": "medium",
                 "details": {"count": 12345678901234567890, "tags": ["a", "é"], "x": {"y": null}}}
                """));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    JsonObject event = json(response);
    assertThat(event.get("local").getAsBoolean()).isTrue();
    assertThat(event.get("details"))
        .hasToString("{\"count\":12345678901234567890,\"tags\":[\"a\",\"é\"],\"x\":{\"y\":null}}");
    String location = response.headers().firstValue("Location").orElseThrow();
    assertThat(json(get(location)).get("id")).isEqualTo(event.get("id"));
  }

  @Test
  void aReportThatCannotBecomeAnEventSaysWhy() throws Exception {
    String good = "\"source_ip\": \"203.0.113.9\", \"threat_type\": \"x\", \"severity\": \"low\"";
    assertReportRefused("{" + good.replace("low", "unknown") + "}", "severity is low, medium");
    assertReportRefused("{\"source_ip\": \"203.0.113.9\"}", "'threat_type' is missing");
    assertReportRefused("{" + good + ", \"id\": \"1\"}", "'id' is not known here");
    assertReportRefused("{" + good + ", " + good + "}", "'source_ip' is given twice");
    assertReportRefused("{" + good + ", \"details\": []}", "'details' is not a JSON object");
    assertReportRefused("{" + good + ", \"details\": {\"a\": 1, \"a\": 2}}", "'a' is given twice");
    assertReportRefused("{" + good.replace("\"low\"", "1") + "}", "'severity' is not text");
    assertReportRefused("{" + good + "} x", "JSON");
    assertReportRefused("{" + good + "", "not valid JSON");
    assertReportRefused("{'source_ip': 1}", "not valid JSON");
    assertReportRefused("[]", "not a JSON object");
    assertReportRefused("", "not valid JSON");
    String deep = "{\"a\":".repeat(30) + "1" + "}".repeat(30);
    assertReportRefused("{" + good + ", \"details\": " + deep + "}", "nested deeper");
    assertThat(node.events(1, Optional.empty()).events()).isEmpty();
  }

  private void assertReportRefused(String body, String why) throws Exception {
    assertProblem(send(post("/api/v1/events", body)), 400, why);
  }

  @Test
  void aBodyThatIsNotUtf8IsRefused() throws Exception {
    HttpResponse<String> response =
        send(
            post("/api/v1/events", "")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'{', (byte) 0xff, '}'})));
    assertProblem(response, 400, "not UTF-8");
  }

  @Test
  void aBodyThatIsNotJsonByNameIsRefused() throws Exception {
    for (String type :
        List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")) {
      HttpRequest.Builder request =
          to("/api/v1/peers")
              .header("Authorization", "Bearer " + token())
              .header("Content-Type", type)
              .POST(HttpRequest.BodyPublishers.ofString("{\"address\":\"192.0.2.1:9001\"}"));
      HttpResponse<String> response = send(request);
      assertThat(response.statusCode()).as(type).isIn(400, 415);
      assertProblem(response, response.statusCode(), "");
    }
    assertThat(node.peers()).isEmpty();
  }

  @Test
  void aBodyOverItsLimitIsRefused() throws Exception {
    String padding = "x".repeat(200 * 1024);
    HttpResponse<String> response =
        send(post("/api/v1/events", "{\"source_ip\":\"" + padding + "\"}"));
    assertProblem(response, 413, "64 KiB");
    HttpResponse<String> justOver =
        send(post("/api/v1/events", "x".repeat(Api.MAX_BODY_BYTES + 1)));
    assertProblem(justOver, 413, "64 KiB");
    HttpResponse<String> justUnder = send(post("/api/v1/events", "x".repeat(Api.MAX_BODY_BYTES)));
    assertProblem(justUnder, 400, "JSON");
  }

  @Test
  void aClientThatGoesOnSendingReadsWhyItWasRefused() throws Exception {
    byte[] part = new byte[64 * 1024];
    for (int i = 0; i < 20; i++) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port())) {
        OutputStream out = socket.getOutputStream();
        out.write(
            "POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1048576\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        for (int sent = 0; sent < 16; sent++) {
          out.write(part);
        }
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(answer).startsWith("HTTP/1.1 413 ");
      }
    }
  }

  @Test
  void aPeerIsAddedOnce() throws Exception {
    String body = "{\"address\":\"[2001:db8::5]:9001\"}";
    HttpResponse<String> first = send(post("/api/v1/peers", body));
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(first.body()).isEqualTo("{\"address\":\"[2001:db8::5]:9001\",\"new\":true}");
    HttpResponse<String> second = send(post("/api/v1/peers", body));
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(json(second).get("new").getAsBoolean()).isFalse();
    assertProblem(send(post("/api/v1/peers", "{\"address\":\"192.0.2.1\"}")), 400, "not HOST:PORT");
  }

  @Test
  void importedEventsAreAccountedFor() throws Exception {
    HttpResponse<String> done = send(post("/api/v1/import", "{\"events\": []}"));
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body())
        .isEqualTo(
            "{\"new\":1,\"duplicates\":2,\"refused\":[{\"index\":3,\"id\":\"-\",\"reason\":\"source_ip is missing\"}]}");
    JsonObject schemas =
        json(get("/api/v1/openapi.json")).getAsJsonObject("components").getAsJsonObject("schemas");
    assertNames(schemas, "Imported", json(done));
    assertProblem(send(post("/api/v1/import", "[]")), 400, "is to be");
    assertProblem(
        send(
            to("/api/v1/import")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"events\": []}"))),
        401,
        "token");
  }

  @Test
  void reportsByHandAreRationed() throws Exception {
    String body = "{\"source_ip\":\"203.0.113.9\",\"threat_type\":\"x\",\"severity\":\"low\"}";
    for (int i = 0; i < 200; i++) {
      assertThat(send(post("/api/v1/events", body)).statusCode()).isEqualTo(201);
    }
    HttpResponse<String> over = send(post("/api/v1/events", body));
    assertProblem(over, 429, "more than 20 reports a second");
    assertThat(over.headers().firstValue("Retry-After")).hasValue("1");
  }

  // Plugins

  @Test
  void aPluginIsShownWithAllThatIsKnownOfIt() throws Exception {
    node.plugin(
        Plugins.of("suricata-bridge", "detector", "FAILED", NOW.minusSeconds(40))
            .counts(312, 2, 3)
            .failing("permission denied", "at Eve.run(Eve.java:61)", NOW.plusSeconds(95))
            .view());
    JsonObject plugin = json(get("/api/v1/plugins/suricata-bridge"));
    assertThat(plugin.get("state").getAsString()).isEqualTo("FAILED");
    assertThat(plugin.get("requires").getAsString()).isEqualTo("^0.1.0");
    assertThat(plugin.get("errorAt").getAsString()).isEqualTo("at Eve.run(Eve.java:61)");
    assertThat(plugin.get("nextTry").getAsString()).isEqualTo("2026-11-22T12:01:35Z");
    assertThat(plugin.get("lag").isJsonNull()).isTrue();
    assertThat(plugin.getAsJsonObject("file").get("bundled").getAsBoolean()).isTrue();
    assertThat(plugin.getAsJsonArray("extensions").get(0).getAsJsonObject().get("produced"))
        .hasToString("312");
  }

  @Test
  void aPluginIsDisabledReloadedAndEnabled() throws Exception {
    node.plugin(Plugins.of("log-watcher", "detector", "ACTIVE", NOW).view());
    HttpResponse<String> disabled = send(order("log-watcher", "disable"));
    assertThat(disabled.statusCode()).isEqualTo(200);
    assertThat(json(disabled).get("state").getAsString()).isEqualTo("DISABLED");
    assertThat(json(get("/api/v1/plugins/log-watcher"))).isEqualTo(json(disabled));
    assertProblem(send(order("log-watcher", "reload")), 409, "enable it first");
    assertThat(json(send(order("log-watcher", "enable"))).get("state").getAsString())
        .isEqualTo("ACTIVE");
    assertThat(send(order("log-watcher", "reload")).statusCode()).isEqualTo(200);
    assertThat(node.orders)
        .containsExactly("DISABLED log-watcher", "ACTIVE log-watcher", "ACTIVE log-watcher");
  }

  @Test
  void onlyTheOperatorTellsPlugins() throws Exception {
    node.plugin(Plugins.of("log-watcher", "detector", "ACTIVE", NOW).view());
    for (String verb : List.of("enable", "disable", "reload")) {
      String path = "/api/v1/plugins/log-watcher/" + verb;
      HttpRequest.BodyPublisher nothing = HttpRequest.BodyPublishers.noBody();
      assertProblem(send(to(path).POST(nothing)), 401, "the role 'admin'");
      assertProblem(
          send(order("log-watcher", verb).header("Origin", "https://evil.example")), 403, "");
      assertProblem(get(path), 405, "POST is");
    }
    assertProblem(send(order("log-watcher", "format")), 404, "there is nothing here");
    assertThat(node.orders).isEmpty();
  }

  @Test
  void aPluginThatIsNotThereIsAProblem() throws Exception {
    for (String id : List.of("nothing", "%2e%2e", "a%20b", "x%2Fy", "%00", "%3Cb%3E")) {
      assertProblem(get("/api/v1/plugins/" + id), 404, "there is no plugin '");
      assertProblem(send(order(id, "enable")), 404, "there is no plugin '");
    }
    assertProblem(get("/api/v1/plugins/" + "x".repeat(3_000)), 404, "so long a name");
    assertProblem(get("/api/v1/plugins/%ff"), 400, "not UTF-8");
    assertProblem(get("/api/v1/events/%ff"), 400, "not UTF-8");
  }

  @Test
  void aRefusedJarIsShownUnderItsFilesNameAndCannotBeTold() throws Exception {
    node.plugin(Plugins.refusedJar("/plugins/my bridge+é%.jar", "it is no plugin", NOW));
    String id = "my%20bridge%2B%C3%A9%25.jar";
    assertThat(json(get("/api/v1/plugins/" + id)).get("lastError").getAsString())
        .isEqualTo("it is no plugin");
    assertProblem(send(order(id, "enable")), 409, "that is no plugin: it is no plugin");
  }

  @Test
  void aPluginThatIsSlowToStopKeepsNobodyElseWaiting() throws Exception {
    Dashboard hasty = start("127.0.0.1", false, SHORT);
    node.plugin(Plugins.of("log-watcher", "detector", "ACTIVE", NOW).view());
    node.patience = new CountDownLatch(1);
    URI there = uri(hasty, "/api/v1/plugins/log-watcher/disable");
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      waiting.add(
          http.sendAsync(
              order("log-watcher", "disable").uri(there).build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    await().until(() -> node.orders.size() == 32);
    HttpRequest status = HttpRequest.newBuilder(uri(hasty, "/api/v1/status")).build();
    assertThat(http.send(status, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    // Every patience with slow clients has run out once this one is cut off.
    assertThat(raw(hasty, "GET /health HTTP/1.1\r\nHost: local")).isEmpty();
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    node.patience.countDown();
    for (CompletableFuture<HttpResponse<String>> each : waiting) {
      assertThat(each.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void whoWaitsForAPluginLearnsThatTheNodeStops() throws Exception {
    node.plugin(Plugins.of("log-watcher", "detector", "ACTIVE", NOW).view());
    node.patience = new CountDownLatch(1);
    CompletableFuture<HttpResponse<String>> waiting =
        http.sendAsync(
            order("log-watcher", "disable").build(), HttpResponse.BodyHandlers.ofString());
    await().until(() -> node.orders.size() == 1);
    dashboard.close();
    assertProblem(waiting.get(10, TimeUnit.SECONDS), 503, "the node is stopping");
  }

  private HttpRequest.Builder order(String id, String verb) throws IOException {
    return to("/api/v1/plugins/" + id + "/" + verb)
        .header("Authorization", "Bearer " + token())
        .POST(HttpRequest.BodyPublishers.noBody());
  }

  // The token

  @Test
  void theTokenIsCreatedForItsOwnerOnlyAndKept() throws Exception {
    assertThat(Files.getPosixFilePermissions(tokenFile()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(token()).matches("[A-Za-z0-9_-]{43}");
    String before = token();
    start("127.0.0.1", false, Dashboard.Patience.USUAL);
    assertThat(token()).isEqualTo(before);
  }

  @Test
  void anEmptyTokenFileIsNoToken() throws Exception {
    Files.writeString(tokenFile(), "\n");
    assertThatThrownBy(() -> start("127.0.0.1", false, Dashboard.Patience.USUAL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("delete the file");
  }

  // Listening

  @Test
  void aPortInUseIsToldInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostPort listen = new HostPort("127.0.0.1", taken.getLocalPort());
      assertThatThrownBy(
              () ->
                  Dashboard.start(
                      new DashboardSettings(
                          listen, false, tokenFile(), List.of(), Optional.empty(), List.of()),
                      node,
                      node,
                      ProcessView.NONE,
                      () -> "",
                      clock))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "port %d on 127.0.0.1 is in use: choose another with --dashboard-port"
                  .formatted(listen.port()));
    }
    await().untilAsserted(() -> assertThat(dashboardThreads()).hasSizeLessThanOrEqualTo(1));
  }

  @Test
  void closingGivesBackEveryThreadAndClient() throws Exception {
    HttpResponse<InputStream> feed =
        http.send(to("/api/v1/live").build(), HttpResponse.BodyHandlers.ofInputStream());
    await().until(() -> node.listeners() == 1);
    dashboard.close();
    assertThat(node.listeners()).isZero();
    assertThat(dashboard.liveClients()).isZero();
    feed.body().close();
    await().untilAsserted(() -> assertThat(dashboardThreads()).isEmpty());
    await().untilAsserted(() -> assertThat(dashboard.connections()).isZero());
    assertThatThrownBy(() -> get("/health")).isInstanceOf(IOException.class);
  }

  private static List<String> dashboardThreads() {
    Set<Thread> all = Thread.getAllStackTraces().keySet();
    return all.stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("dashboard") || name.startsWith("globalEventExecutor"))
        .toList();
  }

  // Hostile connections

  @Test
  void aRequestThatNeverEndsIsCutOff() throws Exception {
    Dashboard hasty = start("127.0.0.1", false, SHORT);
    assertThat(raw(hasty, "GET /health HTTP/1.1\r\nHost: local")).isEmpty();
    assertThat(raw(hasty, "")).isEmpty();
    assertThat(raw(hasty, "POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"))
        .isEmpty();
    await().untilAsserted(() -> assertThat(hasty.connections()).isZero());
  }

  @Test
  void anIdleConnectionIsClosedAfterItsAnswer() throws Exception {
    Dashboard hasty = start("127.0.0.1", false, SHORT);
    assertThat(raw(hasty, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void tooLongARequestHeadIsRefusedPolitely() throws Exception {
    assertThat(raw(dashboard, "GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 414")
        .contains("application/problem+json");
    assertThat(
            raw(
                dashboard,
                "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(20_000) + "\r\n"))
        .startsWith("HTTP/1.1 431");
    assertThat(raw(dashboard, "NONSENSE\r\n\r\n")).startsWith("HTTP/1.1 400");
  }

  @Test
  void pipelinedRequestsDoNotGetMixedAnswers() throws Exception {
    String one = "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String answer = raw(dashboard, one + one);
    assertThat(answer.split("HTTP/1.1", -1)).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void moreConnectionsThanThePlacesAreClosed() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < ConnectionLimits.MAX_CONNECTIONS; i++) {
        sockets.add(new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port()));
      }
      await().until(() -> dashboard.connections() == ConnectionLimits.MAX_CONNECTIONS);
      assertThat(raw(dashboard, "")).isEmpty();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    await().untilAsserted(() -> assertThat(dashboard.connections()).isZero());
    assertThat(get("/health").statusCode()).isEqualTo(200);
  }

  // The description

  @Test
  void theDescriptionNamesEveryRouteAndItsSchemas() throws Exception {
    JsonObject document = json(get("/api/v1/openapi.json"));
    assertThat(document.get("openapi").getAsString()).startsWith("3.1");
    JsonObject paths = document.getAsJsonObject("paths");
    List<Endpoint> endpoints = dashboard.endpoints();
    for (Endpoint endpoint : endpoints) {
      if (endpoint.isPage()) {
        assertThat(paths.keySet()).doesNotContain(endpoint.path());
        continue;
      }
      JsonObject path = paths.getAsJsonObject(endpoint.path());
      assertThat(path.keySet())
          .as(endpoint.path())
          .contains(endpoint.method().toLowerCase(Locale.ROOT));
      // What is described is served.
      assertThat(
              send(to(endpoint.path().replace("{id}", "0".repeat(64)))
                      .method("PUT", HttpRequest.BodyPublishers.noBody()))
                  .statusCode())
          .isEqualTo(405);
    }
    String text = document.toString();
    JsonObject schemas = document.getAsJsonObject("components").getAsJsonObject("schemas");
    Matcher references = Pattern.compile("#/components/schemas/(\\w+)").matcher(text);
    while (references.find()) {
      assertThat(schemas.keySet()).contains(references.group(1));
    }
  }

  @Test
  void theSchemasHaveExactlyTheNamesThatAnswersHave() throws Exception {
    node.store("peer", "198.51.100.7", "x", "low", Optional.of("{\"count\": 1}"), Duration.ZERO);
    node.peer(Peers.linked("a", "192.0.2.1:9001", true, 5, Peers.active(true, 23.5, 10, 0), NOW));
    node.plugin(Plugins.of("p", "exporter", "ACTIVE", NOW).behind(1, NOW, 0).view());
    JsonObject schemas =
        json(get("/api/v1/openapi.json")).getAsJsonObject("components").getAsJsonObject("schemas");
    assertNames(schemas, "Status", json(get("/api/v1/status")));
    assertNames(schemas, "EventPage", json(get("/api/v1/events")));
    JsonObject event =
        json(get("/api/v1/events")).getAsJsonArray("events").get(0).getAsJsonObject();
    // GeoTest looks at what it says.
    event.add("geo", new JsonObject());
    assertNames(schemas, "Event", event);
    assertNames(schemas, "Node", json(get("/api/v1/node")));
    assertNames(
        schemas,
        "PeerHistory",
        json(get("/api/v1/peers/" + onlyPeer().get("id").getAsString() + "/history")));
    assertNames(schemas, "Peer", onlyPeer());
    assertNames(schemas, "Link", onlyPeer().get("link"));
    JsonObject plugin =
        json(get("/api/v1/plugins")).getAsJsonArray("plugins").get(0).getAsJsonObject();
    assertNames(schemas, "Plugin", plugin);
    assertNames(schemas, "PluginFile", plugin.get("file"));
    assertNames(schemas, "Lag", plugin.get("lag"));
    assertNames(schemas, "Extension", plugin.getAsJsonArray("extensions").get(0));
    assertThat(json(get("/api/v1/plugins/p"))).isEqualTo(plugin);
    assertNames(schemas, "Problem", json(get("/api/v1/events?limit=0")));
    JsonObject indicators = json(get("/api/v1/indicators"));
    assertNames(schemas, "IndicatorPage", indicators);
    JsonObject indicator = indicators.getAsJsonArray("indicators").get(0).getAsJsonObject();
    indicator.add("geo", new JsonObject());
    assertNames(schemas, "Indicator", indicator);
    assertNames(schemas, "Timeline", json(get("/api/v1/stats/timeline")));
    assertNames(schemas, "Tops", json(get("/api/v1/stats/top")));
    String key =
        json(get("/api/v1/events"))
            .getAsJsonArray("events")
            .get(0)
            .getAsJsonObject()
            .get("key")
            .getAsString();
    assertNames(schemas, "Related", json(get("/api/v1/events/" + key + "/related")));
  }

  private static void assertNames(JsonObject schemas, String name, JsonElement answer) {
    assertThat(schemas.getAsJsonObject(name).getAsJsonObject("properties").keySet())
        .as(name)
        .containsExactlyInAnyOrderElementsOf(answer.getAsJsonObject().keySet());
  }
}
