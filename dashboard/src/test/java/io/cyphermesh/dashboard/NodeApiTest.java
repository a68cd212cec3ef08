package io.cyphermesh.dashboard;

import static io.cyphermesh.dashboard.Served.assertRefused;
import static io.cyphermesh.dashboard.Served.by;
import static io.cyphermesh.dashboard.Served.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.api.HostPort;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class NodeApiTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final String HARBOUR = FakeNode.sha256("harbour");

  @TempDir Path folder;
  private Served served;

  /** A process with a setting of each kind and a log. */
  private static final class FakeProcess implements ProcessView {
    private int asked;

    @Override
    public List<Setting> settings() {
      return List.of(
          new Setting("discovery", "true", Source.DEFAULT, Optional.empty(), false),
          new Setting(
              "mesh.amber-peers", "[\"a\",\"b\"]", Source.FILE, Optional.of("/x.conf:3"), false),
          new Setting(
              "plugins.webhook.token",
              "\"[removed]\"",
              Source.FILE,
              Optional.of("/x.conf:9"),
              true),
          new Setting("port", "9002", Source.COMMAND_LINE, Optional.of("--port"), false));
    }

    @Override
    public Log log(int lines) throws IOException {
      asked = lines;
      return new Log(
          Optional.of("/logs/cyphermesh.log"),
          List.of(
              new Line(Optional.empty(), "    at <script>alert(1)</script>"),
              new Line(Optional.of("WARN"), "2026-11-22T12:00:00.000+00:00 WARN  X  careful")),
          true);
    }
  }

  private final FakeProcess process = new FakeProcess();

  @BeforeEach
  void start() throws IOException {
    served = Served.on("127.0.0.1", folder, InstantSource.fixed(NOW), process);
    served.node.peer(
        Peers.linked("harbour", "192.0.2.1:9001", true, 5, Peers.active(true, 23.5, 10, 0), NOW));
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return served.send(served.to(path));
  }

  private HttpResponse<String> admin(HttpRequest.Builder request) throws Exception {
    return served.send(by(request, served.admin()));
  }

  // The node

  @Test
  void theNodeTellsWhatItIs() throws Exception {
    JsonObject node = json(get("/api/v1/node"));
    assertThat(node.get("nodeId").getAsString()).isEqualTo(FakeNode.NODE_ID);
    assertThat(node.get("fingerprint").getAsString())
        .hasSize(64 + 15)
        .startsWith(FakeNode.NODE_ID.substring(0, 4) + " " + FakeNode.NODE_ID.substring(4, 8));
    assertThat(node.get("uptimeSeconds").getAsLong()).isEqualTo(77 * 3600);
    assertThat(node.get("keyMadeAt").getAsString()).endsWith("Z");
    assertThat(node.get("java").getAsString()).startsWith(System.getProperty("java.version"));
    assertThat(node.get("freeBytes").getAsLong()).isEqualTo(42L << 30);
    assertThat(node.get("certificateSha256").isJsonNull()).isTrue();
  }

  @Test
  void aNodeOnAllAddressesNamesThoseOfItsMachine() {
    for (HostPort address : Addresses.of(Optional.of("0.0.0.0:9001"))) {
      assertThat(address.port()).isEqualTo(9001);
      assertThat(address.host()).doesNotStartWith("127.").doesNotStartWith("0.");
    }
    assertThat(Addresses.of(Optional.of("192.0.2.7:9001")))
        .containsExactly(new HostPort("192.0.2.7", 9001));
    assertThat(Addresses.of(Optional.empty())).isEmpty();
  }

  @Test
  void aNodeThatListensNowhereIsToldSo() throws Exception {
    served.node.listening = Optional.empty();
    JsonObject node = json(get("/api/v1/node"));
    assertThat(node.get("listening").isJsonNull()).isTrue();
    assertThat(node.getAsJsonArray("addresses")).isEmpty();
    assertRefused(get("/api/v1/node/qr.svg"), 409);
  }

  // Its QR code

  @Test
  void theQrCodeIsAPictureWithATitleAndItsText() throws Exception {
    HttpResponse<String> answer = get("/api/v1/node/qr.svg?address=mesh.example.org:9001");
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("image/svg+xml");
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Element svg =
        factory
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(answer.body())))
            .getDocumentElement();
    assertThat(svg.getTagName()).isEqualTo("svg");
    assertThat(svg.getAttribute("role")).isEqualTo("img");
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).contains("QR code");
    assertThat(svg.getElementsByTagName("desc").item(0).getTextContent())
        .isEqualTo("cyphermesh://" + FakeNode.NODE_ID + "@mesh.example.org:9001");
  }

  @Test
  void whatAQrCodeSaysAddsAPeer() throws Exception {
    String said = "cyphermesh://" + "ab".repeat(32) + "@mesh.example.org:9001";
    HttpResponse<String> added =
        admin(served.post("/api/v1/peers", "{\"address\": \"%s\"}".formatted(said)));
    assertThat(added.statusCode()).as(added.body()).isEqualTo(201);
    assertThat(json(added).get("address").getAsString()).isEqualTo("mesh.example.org:9001");
    for (String wrong :
        List.of(
            "cyphermesh://",
            "cyphermesh://ab@a:1",
            "cyphermesh://mesh.example.org:9001",
            "http://a:1")) {
      assertRefused(
          admin(served.post("/api/v1/peers", "{\"address\": \"%s\"}".formatted(wrong))), 400);
    }
  }

  private HttpResponse<String> tell(String path, String address) throws Exception {
    return admin(served.post(path, "{\"address\": \"%s\"}".formatted(address)));
  }

  @Test
  void theNodesOwnAddressIsNotAdded() throws Exception {
    served.node.listening = Optional.of("[::]:9001");
    for (String own :
        List.of(
            "127.0.0.1:9001", "127.9.9.9:9001", "[::1]:9001", "localhost:9001", "0.0.0.0:9001")) {
      HttpResponse<String> answer = tell("/api/v1/peers", own);
      assertRefused(answer, 409);
      assertThat(json(answer).get("detail").getAsString()).contains(own + " is this node itself");
    }
    for (JsonElement own : json(get("/api/v1/node")).getAsJsonArray("addresses")) {
      assertRefused(tell("/api/v1/peers", own.getAsString()), 409);
    }
    assertThat(tell("/api/v1/peers", "127.0.0.1:9002").statusCode()).isEqualTo(201);
    // Several nodes of one machine may listen on loopback addresses of their own.
    served.node.listening = Optional.of("127.0.0.2:9001");
    assertRefused(tell("/api/v1/peers", "127.0.0.2:9001"), 409);
    assertThat(tell("/api/v1/peers", "127.0.0.3:9001").statusCode()).isEqualTo(201);
    served.node.listening = Optional.empty();
    assertThat(tell("/api/v1/peers", "127.0.0.2:9001").statusCode()).isEqualTo(201);
  }

  @Test
  void anAddressIsTakenBackUnlessALinkIsUpThere() throws Exception {
    assertThat(tell("/api/v1/peers", "192.0.2.9:9001").statusCode()).isEqualTo(201);
    HttpResponse<String> forgotten = tell("/api/v1/peers/forget", "192.0.2.9:9001");
    assertThat(forgotten.statusCode()).isEqualTo(200);
    assertThat(json(forgotten).get("address").getAsString()).isEqualTo("192.0.2.9:9001");
    assertRefused(tell("/api/v1/peers/forget", "192.0.2.9:9001"), 404);
    assertRefused(tell("/api/v1/peers/forget", "192.0.2.1:9001"), 409);
    assertRefused(tell("/api/v1/peers/forget", "nowhere"), 400);
    assertThat(served.send(served.post("/api/v1/peers/forget", "{}")).statusCode()).isEqualTo(401);
    assertThat(admin(served.to("/api/v1/audit")).body())
        .contains("POST /api/v1/peers/forget", "192.0.2.9:9001");
  }

  @Test
  void theListInTheDocumentsNamesEveryEndpoint() throws Exception {
    String text = Files.readString(Path.of("..", "docs", "operations.md"));
    text = text.substring(text.indexOf("\n## The API\n"));
    text = text.substring(text.indexOf("```text\n") + 8);
    Set<String> listed = new TreeSet<>();
    for (String line : text.substring(0, text.indexOf("\n```")).lines().toList()) {
      String first = "";
      for (String word : line.split(" +", -1)) {
        if (word.startsWith("/")) {
          String path = word.replaceFirst("\\?.*", "").replaceAll("\\b(ID|KEY)\\b", "{id}");
          boolean sibling = first.startsWith("/api/") && !path.startsWith("/api/");
          first = sibling ? first.substring(0, first.lastIndexOf('/')) + path : path;
          listed.add(line.substring(0, line.indexOf(' ')) + " " + first);
        }
      }
    }
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(
            served.dashboard.endpoints().stream()
                .filter(endpoint -> !endpoint.isPage())
                .map(endpoint -> endpoint.method() + " " + endpoint.path())
                .toList());
  }

  @Test
  void anAddressThatIsNoneHasNoQrCode() throws Exception {
    for (String wrong : List.of("nowhere", "a:0", "%3Cscript%3E", "a%20b:1", "x".repeat(300))) {
      HttpResponse<String> answer = get("/api/v1/node/qr.svg?address=" + wrong);
      assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
      assertThat(json(answer).get("field").getAsString()).isEqualTo("address");
    }
  }

  @Test
  void markupInAnAddressStaysText() throws Exception {
    HttpResponse<String> answer = get("/api/v1/node/qr.svg?address=%3Cb%3E%26%22:9");
    assertThat(answer.body()).contains("@&lt;b&gt;&amp;&quot;:9").doesNotContain("<b>");
  }

  // Its settings and its log

  @Test
  void settingsTellWhoSaidThem() throws Exception {
    JsonArray settings = json(admin(served.to("/api/v1/node/config"))).getAsJsonArray("settings");
    JsonObject list = settings.get(1).getAsJsonObject();
    assertThat(list.getAsJsonArray("value")).hasSize(2);
    assertThat(list.get("source").getAsString()).isEqualTo("file");
    assertThat(list.get("where").getAsString()).isEqualTo("/x.conf:3");
    assertThat(settings.get(2).getAsJsonObject().get("masked").getAsBoolean()).isTrue();
    assertThat(settings.get(3).getAsJsonObject().get("source").getAsString())
        .isEqualTo("command line");
  }

  @Test
  void settingsAndLogAreForAdministratorsAlsoOnLoopback() throws Exception {
    String reader = served.token("reader", "read");
    String reporter = served.token("reporter", "report");
    for (String path : List.of("/api/v1/node/config", "/api/v1/node/log")) {
      assertRefused(get(path), 401);
      assertRefused(served.send(by(served.to(path), reader)), 403);
      assertRefused(served.send(by(served.to(path), reporter)), 403);
      HttpResponse<String> answer = admin(served.to(path));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }
  }

  @Test
  void theLogsEndIsBounded() throws Exception {
    JsonObject log = json(admin(served.to("/api/v1/node/log")));
    assertThat(process.asked).isEqualTo(200);
    assertThat(log.get("more").getAsBoolean()).isTrue();
    assertThat(log.getAsJsonArray("lines").get(0).getAsJsonObject().get("level").isJsonNull())
        .isTrue();
    assertThat(admin(served.to("/api/v1/node/log?lines=500")).statusCode()).isEqualTo(200);
    assertThat(process.asked).isEqualTo(500);
    for (String wrong : List.of("0", "501", "-1", "many", "9999999999999999999")) {
      assertThat(admin(served.to("/api/v1/node/log?lines=" + wrong)).statusCode()).isEqualTo(400);
    }
  }

  // Peers

  @Test
  void aPeersHistoryIsAskedForByItsId() throws Exception {
    JsonObject history = json(get("/api/v1/peers/" + HARBOUR + "/history"));
    assertThat(history.get("peer").getAsString()).isEqualTo(HARBOUR);
    assertThat(history.get("slotSeconds").getAsInt()).isEqualTo(900);
    JsonElement last = history.getAsJsonArray("points").asList().getLast();
    assertThat(last.getAsJsonObject().get("score").getAsInt()).isEqualTo(5);
    assertRefused(get("/api/v1/peers/" + "0".repeat(64) + "/history"), 404);
    assertRefused(get("/api/v1/peers/harbour/history"), 400);
  }

  @Test
  void anOperatorBansAPeerAndLiftsTheBan() throws Exception {
    JsonObject banned = json(admin(served.post("/api/v1/peers/" + HARBOUR + "/ban", "")));
    assertThat(banned.get("banned").getAsBoolean()).isTrue();
    assertThat(banned.get("changed").getAsBoolean()).isTrue();
    assertThat(peer().get("bannedBy").getAsString()).isEqualTo("operator");
    JsonObject again = json(admin(served.post("/api/v1/peers/" + HARBOUR + "/ban", "")));
    assertThat(again.get("changed").getAsBoolean()).isFalse();
    JsonObject lifted = json(admin(served.post("/api/v1/peers/" + HARBOUR + "/lift", "")));
    assertThat(lifted.get("banned").getAsBoolean()).isFalse();
    assertThat(peer().get("bannedBy").isJsonNull()).isTrue();
    String audit = admin(served.to("/api/v1/audit")).body();
    assertThat(audit)
        .contains("POST /api/v1/peers/" + HARBOUR + "/ban")
        .contains("POST /api/v1/peers/" + HARBOUR + "/lift");
  }

  private JsonObject peer() throws Exception {
    return json(get("/api/v1/peers")).getAsJsonArray("peers").get(0).getAsJsonObject();
  }

  @Test
  void whatCannotBeBannedIsToldSo() throws Exception {
    assertRefused(admin(served.post("/api/v1/peers/" + FakeNode.NODE_ID + "/ban", "")), 400);
    assertRefused(admin(served.post("/api/v1/peers/everybody/ban", "")), 400);
    assertRefused(admin(served.post("/api/v1/peers/" + "0".repeat(64) + "/lift", "")), 404);
    assertThat(admin(served.post("/api/v1/peers/" + "0".repeat(64) + "/ban", "")).statusCode())
        .isEqualTo(200);
  }

  // How answers are sent

  @Test
  void longAnswersArePackedForWhoTakesThat() throws Exception {
    for (String path :
        List.of("/api/v1/openapi.json", "/api/v1/peers", "/", "/assets/any/app.css", "/metrics")) {
      for (int i = 0; i < 5; i++) {
        served.node.peer(FakeNode.peerAt("192.0.2.%d:9001".formatted(i)));
      }
      byte[] plain = bytes(path, "identity").body();
      HttpResponse<byte[]> packed = bytes(path, "br;q=1, gzip");
      assertThat(packed.headers().firstValue("Vary")).as(path).hasValue("Accept-Encoding");
      if (plain.length < Gzip.LEAST_BYTES) {
        assertThat(packed.headers().firstValue("Content-Encoding")).as(path).isEmpty();
        continue;
      }
      assertThat(packed.headers().firstValue("Content-Encoding")).as(path).hasValue("gzip");
      assertThat(packed.body().length).isLessThan(plain.length / 2);
      assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes())
          .isEqualTo(plain);
      assertThat(bytes(path, "gzip;q=0").headers().firstValue("Content-Encoding")).isEmpty();
    }
  }

  private HttpResponse<byte[]> bytes(String path, String encoding) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          served.to(path).header("Accept-Encoding", encoding).build(),
          HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  @Test
  void theLiveFeedIsNotPackedAndComesAtOnce() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<InputStream> live =
          http.send(
              served
                  .to("/api/v1/live")
                  .header("Accept-Encoding", "gzip")
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      assertThat(live.headers().firstValue("Content-Encoding")).isEmpty();
      byte[] begin = live.body().readNBytes(": connected\n".length());
      assertThat(new String(begin, StandardCharsets.UTF_8)).isEqualTo(": connected\n");
      live.body().close();
    }
  }

  @Test
  void whoHasAnAnswerAlreadyIsNotSentItAgain() throws Exception {
    for (String path :
        List.of(
            "/api/v1/openapi.json",
            "/api/v1/peers",
            "/api/v1/plugins",
            "/api/v1/events",
            "/api/v1/indicators",
            "/api/v1/node/qr.svg?address=a:9001",
            "/assets/any/app.css")) {
      String tag = get(path).headers().firstValue("ETag").orElseThrow();
      assertThat(tag).startsWith("W/\"");
      for (String shown : List.of(tag, tag.substring(2), "\"other\", " + tag, "*")) {
        HttpResponse<String> again = served.send(served.to(path).header("If-None-Match", shown));
        assertThat(again.statusCode()).as(path + " " + shown).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(again.headers().firstValue("ETag")).hasValue(tag);
      }
      assertThat(served.send(served.to(path).header("If-None-Match", "\"other\"")).statusCode())
          .isEqualTo(200);
    }
    String before = get("/api/v1/peers").headers().firstValue("ETag").orElseThrow();
    served.node.peer(FakeNode.peerAt("192.0.2.77:9001"));
    assertThat(served.send(served.to("/api/v1/peers").header("If-None-Match", before)).statusCode())
        .isEqualTo(200);
  }
}
