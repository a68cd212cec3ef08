package io.cyphermesh.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.IpRange;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventView;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchApiTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir Path folder;

  private final InstantSource clock = InstantSource.fixed(NOW);
  private final FakeNode node = new FakeNode(clock);
  private final HttpClient http = HttpClient.newHttpClient();
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
            clock);
    for (int i = 1; i <= 35; i++) {
      node.store("203.0.113." + i, i % 2 == 0 ? "port-scan" : "ssh-bruteforce");
    }
  }

  @AfterEach
  void stop() {
    http.close();
    dashboard.close();
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + dashboard.address().port() + path))
        .timeout(Duration.ofSeconds(10));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(to(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonObject json(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void everyFilterArrivesAsItIsMeant() throws Exception {
    json(
        "/api/v1/events?address=192.0.2.0/24&type=port-scan&severity=high,critical&reporter="
            + "ab".repeat(32)
            + "&detector=log-watcher&since=2026-11-20T00:00:00Z&until=2026-11-21T00:00:00%2B01:00"
            + "&tlp=amber&text=root+login&local=false");
    EventFilter asked = node.asked;
    assertThat(asked.address()).contains(IpRange.parse("192.0.2.0/24"));
    assertThat(asked.type()).contains("port-scan");
    assertThat(asked.severities()).isEqualTo(Set.of(Severity.HIGH, Severity.CRITICAL));
    assertThat(asked.reporter().orElseThrow().hex()).isEqualTo("ab".repeat(32));
    assertThat(asked.detector()).contains("log-watcher");
    assertThat(asked.since()).contains(Instant.parse("2026-11-20T00:00:00Z"));
    assertThat(asked.until()).contains(Instant.parse("2026-11-20T23:00:00Z"));
    assertThat(asked.tlp()).contains(Tlp.AMBER);
    assertThat(asked.text()).contains("root login");
    assertThat(asked.local()).contains(false);
  }

  @Test
  void withoutAFilterEveryEventIsMeant() throws Exception {
    json("/api/v1/events?type=&text=+");
    assertThat(node.asked).isEqualTo(EventFilter.ALL);
  }

  @Test
  void aWrongFilterIsNamed() throws Exception {
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry("address", "192.0.2.0/33"),
            Map.entry("severity", "high,dreadful"),
            Map.entry("reporter", "' OR 1=1 --"),
            Map.entry("since", "yesterday"),
            Map.entry("until", "+999999999-01-01T00:00:00Z"),
            Map.entry("tlp", "purple"),
            Map.entry("local", "maybe"),
            Map.entry("text", "x".repeat(201)),
            Map.entry("detector", "log\0watcher"),
            Map.entry("limit", "501"),
            Map.entry("before", "-1"));
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      HttpResponse<String> answer =
          get("/api/v1/events?" + each.getKey() + "=" + encoded(each.getValue()));
      assertThat(answer.statusCode()).as(each.getKey()).isEqualTo(400);
      assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/problem+json");
      JsonObject problem = JsonParser.parseString(answer.body()).getAsJsonObject();
      assertThat(problem.get("field").getAsString()).isEqualTo(each.getKey());
      assertThat(problem.get("detail").getAsString()).contains("'" + each.getKey() + "'");
    }
    for (String other :
        List.of(
            "/api/v1/indicators?sort=name",
            "/api/v1/indicators?order=ASC",
            "/api/v1/indicators?order=asc,desc",
            "/api/v1/stats/top?span=year")) {
      assertThat(get(other).statusCode()).isEqualTo(400);
    }
    assertThat(get("/api/v1/events?type=a&type=b").statusCode()).isEqualTo(400);
    for (String name : List.of("text", "type", "address")) {
      assertThat(get("/api/v1/events?" + name + "=%00").body())
          .contains("\"field\":\"" + name + "\"", "NUL");
    }
  }

  @Test
  void aTypeIsWhatItIsWithItsBlanksAndHoweverLong() throws Exception {
    json("/api/v1/events?type=+lead&detector=trail+&text=+word+&address=+192.0.2.1+");
    assertThat(node.asked.type()).contains(" lead");
    assertThat(node.asked.detector()).contains("trail ");
    assertThat(node.asked.text()).contains("word");
    assertThat(node.asked.address()).contains(IpRange.parse("192.0.2.1"));
    json("/api/v1/events?type=" + "t".repeat(3_000));
    assertThat(node.asked.type()).contains("t".repeat(3_000));
  }

  @Test
  void aConditionThatIsMisspeltIsNamed() throws Exception {
    for (String path : List.of("events", "events.csv", "events.ndjson")) {
      HttpResponse<String> answer = get("/api/v1/" + path + "?severty=high");
      assertThat(answer.statusCode()).as(path).isEqualTo(400);
      assertThat(answer.body())
          .contains("\"field\":\"severty\"", "'severty' is unknown", "type, severity, reporter");
    }
    assertThat(get("/api/v1/events?limit=3&before=9&severity=high").statusCode()).isEqualTo(200);
    assertThat(get("/api/v1/events.csv?limit=3").statusCode()).isEqualTo(400);
    assertThat(get("/api/v1/events?a.b=1&c%5Bd%5D=2").statusCode()).isEqualTo(400);
    assertThat(get("/api/v1/events?").statusCode()).isEqualTo(200);
    assertThat(get("/api/v1/peers?_=1").body()).contains("nothing can be set in this query");
  }

  @Test
  void aSearchThatStoppedEarlySaysSo() throws Exception {
    JsonObject page = json("/api/v1/events?type=port-scan&limit=20");
    assertThat(page.getAsJsonArray("events")).hasSize(5);
    assertThat(page.get("partial").getAsBoolean()).isTrue();
    assertThat(page.get("next").getAsLong()).isEqualTo(26);
  }

  @Test
  void anEventThatIsKnownIsNotSentAgain() throws Exception {
    EventView event = node.store("203.0.113.99", "port-scan");
    HttpResponse<String> first = get("/api/v1/events/" + event.key());
    String tag = first.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> second =
        http.send(
            to("/api/v1/events/" + event.key()).header("If-None-Match", tag).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(second.statusCode()).isEqualTo(304);
    assertThat(second.body()).isEmpty();
  }

  @Test
  void whoElseReportedAnObservableIsTold() throws Exception {
    EventView event = node.store("203.0.113.99", "port-scan");
    JsonObject related = json("/api/v1/events/" + event.key() + "/related");
    assertThat(related.getAsJsonObject("indicator").get("value").getAsString())
        .isEqualTo("203.0.113.99");
    assertThat(related.getAsJsonArray("reporters")).hasSize(1);
    assertThat(get("/api/v1/events/" + "0".repeat(64) + "/related").statusCode()).isEqualTo(404);
    assertThat(get("/api/v1/events/nothing/related").statusCode()).isEqualTo(400);
  }

  @Test
  void indicatorsArePagedByCursor() throws Exception {
    JsonObject first = json("/api/v1/indicators?sort=events&q=198.51.");
    assertThat(first.getAsJsonArray("indicators")).hasSize(1);
    JsonObject second =
        json("/api/v1/indicators?sort=events&cursor=" + first.get("next").getAsString());
    assertThat(second.get("next").isJsonNull()).isTrue();
    HttpResponse<String> wrong = get("/api/v1/indicators?cursor=nonsense");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("\"field\":\"cursor\"");
  }

  @Test
  void indicatorsAreSortedTheMostFirstUnlessAskedOtherwise() throws Exception {
    for (int i = 0; i < 6; i++) {
      node.store("203.0.113." + i / 3 * i, "port-scan");
    }
    node.counts = true;
    for (String query : List.of("", "&order=", "&order=desc")) {
      assertThat(values("/api/v1/indicators?sort=events" + query).getFirst())
          .isEqualTo("203.0.113.0");
    }
    assertThat(values("/api/v1/indicators?sort=events&order=asc").getLast())
        .isEqualTo("203.0.113.0");
    HttpResponse<String> wrong = get("/api/v1/indicators?order=up");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/problem+json");
    assertThat(wrong.body()).contains("\"field\":\"order\"", "desc, asc");
  }

  private List<String> values(String path) throws Exception {
    return json(path).getAsJsonArray("indicators").asList().stream()
        .map(each -> each.getAsJsonObject().get("value").getAsString())
        .toList();
  }

  @Test
  void statisticsAreOfTheSpanAskedFor() throws Exception {
    JsonObject timeline = json("/api/v1/stats/timeline?span=week");
    assertThat(timeline.get("bucketSeconds").getAsInt()).isEqualTo(7200);
    assertThat(
            timeline.getAsJsonArray("buckets").get(0).getAsJsonObject().get("critical").getAsInt())
        .isEqualTo(4);
    JsonObject tops = json("/api/v1/stats/top");
    assertThat(tops.get("sampled").getAsInt()).isEqualTo(5);
    assertThat(tops.getAsJsonArray("types").get(0).getAsJsonObject().get("name").getAsString())
        .isEqualTo("<script>");
  }

  @Test
  void anExportHoldsEveryEventOnceNewestFirst() throws Exception {
    HttpResponse<String> answer = get("/api/v1/events.ndjson");
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/x-ndjson");
    List<Long> seqs =
        answer
            .body()
            .lines()
            .map(line -> JsonParser.parseString(line).getAsJsonObject().get("seq").getAsLong())
            .toList();
    assertThat(seqs).hasSize(35).doesNotHaveDuplicates().startsWith(35L, 34L).endsWith(1L);
  }

  @Test
  void anExportTakesTheFiltersOfASearch() throws Exception {
    assertThat(get("/api/v1/events.ndjson?type=port-scan").body().lines()).hasSize(17);
    assertThat(get("/api/v1/events.csv?type=port-scan").body().lines()).hasSize(18);
    assertThat(get("/api/v1/events.csv?severity=none").statusCode()).isEqualTo(400);
  }

  @Test
  void anExportIsZippedForWhoTakesIt() throws Exception {
    HttpResponse<byte[]> answer =
        http.send(
            to("/api/v1/events.ndjson").header("Accept-Encoding", "br, gzip;q=0.5").build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()).hasSize(35);
    }
    assertThat(Gzip.accepted("gzip;q=0, identity")).isFalse();
  }

  @Test
  void aTextOfAStrangerIsNoFormulaInCsv() throws Exception {
    node.store(
        "peer",
        "=cmd|' /C calc'!A0",
        "@SUM(1),\"x\"",
        "high",
        Optional.of("{\"description\": \"+1\\n-2\", \"detector\": \"-d\"}"),
        Duration.ZERO);
    String row = get("/api/v1/events.csv").body();
    assertThat(row)
        .contains(",\"'=cmd|' /C calc'!A0\",\"'@SUM(1),\"\"x\"\"\",high,,\"'-d\",\"'+1\n'-2\",");
  }

  @Test
  void theDetectorInCsvIsWhatTheFilterFindsItBy() throws Exception {
    node.store(
        "peer",
        "203.0.113.77",
        "port-scan",
        "low",
        Optional.of("{\"detector\": {\"plugin\": \"log-watcher\", \"rule\": \"sshd\"}}"),
        Duration.ZERO);
    assertThat(get("/api/v1/events.csv").body())
        .contains(",203.0.113.77,port-scan,low,,log-watcher,,");
  }

  @Test
  void aFormulaBehindAnotherSeparatorIsNoneEither() {
    for (String separator : List.of(";", "\t", "\r", "\n", ";;", ";\"")) {
      for (String begin : List.of("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")) {
        assertThat(cell("x" + separator + begin + "cmd()")).contains("'" + begin + "cmd()");
        assertThat(cell(begin + "cmd()")).isEqualTo("\"'" + begin + "cmd()\"");
      }
    }
    assertThat(cell("a-b = c@d; e")).isEqualTo("a-b = c@d; e");
  }

  private static String cell(String text) {
    StringBuilder out = new StringBuilder();
    EventCsv.cell(out, text);
    return out.toString();
  }

  @Test
  void anExportThatIsCutOffDoesNotLookWhole() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      node.store("203.0.113.1", "port-scan");
    }
    for (String coding : List.of("gzip", "identity")) {
      AtomicInteger pages = new AtomicInteger();
      node.beforePage =
          () -> {
            if (pages.incrementAndGet() >= 3) {
              throw new IllegalStateException("the disk is gone");
            }
          };
      assertCutOff(coding);
    }
    node.beforePage = () -> {};
    assertThat(get("/api/v1/events.ndjson").body().lines()).hasSize(2_035);
  }

  @Test
  void anExportThatTheNodesStopEndsDoesNotLookWhole() {
    for (int i = 0; i < 2_000; i++) {
      node.store("203.0.113.1", "port-scan");
    }
    AtomicInteger pages = new AtomicInteger();
    node.beforePage =
        () -> {
          if (pages.incrementAndGet() == 2) {
            Thread.ofVirtual().start(dashboard::close);
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
          }
        };
    assertCutOff("identity");
    assertThat(pages).hasValue(2);
  }

  private void assertCutOff(String coding) {
    HttpRequest request = to("/api/v1/events.ndjson").header("Accept-Encoding", coding).build();
    assertThatThrownBy(() -> http.send(request, HttpResponse.BodyHandlers.ofByteArray()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void headersOfAnExportTellWhatItIs() throws Exception {
    String named =
        get("/api/v1/events.csv").headers().firstValue("Content-Disposition").orElseThrow();
    HttpResponse<String> answer =
        http.send(
            to("/api/v1/events.csv").method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/csv");
    assertThat(answer.headers().firstValue("Content-Disposition")).contains(named);
    assertThat(answer.headers().firstValue("Content-Length")).isEmpty();
  }
}
