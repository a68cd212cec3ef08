package io.cyphermesh.dashboard;

import static io.cyphermesh.dashboard.Served.assertRefused;
import static io.cyphermesh.dashboard.Served.by;
import static io.cyphermesh.dashboard.Served.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.cyphermesh.dashboard.access.TokenFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTest {
  private static final String PEER = "{\"address\": \"192.0.2.1:9001\"}";

  @TempDir Path folder;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-22T12:00:00Z"));
  private Served served;

  @BeforeEach
  void start() throws IOException {
    served = Served.on("0.0.0.0", folder, (InstantSource) now::get);
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private HttpRequest.Builder with(HttpRequest.Builder request, String cookie) {
    return request.header("Cookie", "theme=dark; " + cookie + "; x=y");
  }

  private JsonObject session(String cookie) throws Exception {
    return json(served.send(with(served.to("/api/v1/session"), cookie)));
  }

  private List<JsonObject> audit() throws Exception {
    HttpResponse<String> page =
        served.send(by(served.to("/api/v1/audit?limit=500"), served.admin()));
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    return json(page).getAsJsonArray("entries").asList().stream()
        .map(entry -> entry.getAsJsonObject())
        .toList();
  }

  // Tokens

  @Test
  void aTokenMayDoWhatItsRoleSaysAndNoMore() throws Exception {
    String event = "{\"source_ip\":\"203.0.113.9\",\"threat_type\":\"x\",\"severity\":\"low\"}";
    String read = served.token("reader", "read");
    String report = served.token("sensor", "report");
    String admin = served.token("boss", "admin");
    for (String token : List.of(read, report, admin)) {
      assertThat(served.send(by(served.to("/api/v1/status"), token)).statusCode()).isEqualTo(200);
    }
    assertRefused(served.send(by(served.post("/api/v1/events", event), read)), 403);
    assertThat(served.send(by(served.post("/api/v1/events", event), report)).statusCode())
        .isEqualTo(201);
    HttpResponse<String> refused = served.send(by(served.post("/api/v1/peers", PEER), report));
    assertRefused(refused, 403);
    assertThat(json(refused).get("detail").getAsString())
        .isEqualTo("this needs a token with the role 'admin'; 'sensor' has 'report'");
    assertThat(served.send(by(served.post("/api/v1/peers", PEER), admin)).statusCode())
        .isEqualTo(201);
  }

  @Test
  void aRevokedTokenCountsNoMoreAtOnce() throws Exception {
    String token = served.token("guest", "admin");
    HttpResponse<String> revoked =
        served.send(by(served.post("/api/v1/tokens/guest/revoke", ""), token));
    assertThat(revoked.statusCode()).isEqualTo(200);
    assertRefused(served.send(by(served.to("/api/v1/status"), token)), 401);
    assertRefused(
        served.send(by(served.post("/api/v1/tokens/guest/revoke", ""), served.admin())), 404);
  }

  @Test
  void aTokenThatIsTakenOutOfTheFileCountsNoMoreWithinTwoSeconds() throws Exception {
    String token = served.token("guest", "read");
    assertThat(served.send(by(served.to("/api/v1/status"), token)).statusCode()).isEqualTo(200);
    assertThat(new TokenFile(folder.resolve("tokens.json")).revoke("guest")).isPresent();
    await()
        .atMost(java.time.Duration.ofSeconds(2))
        .until(() -> served.send(by(served.to("/api/v1/status"), token)).statusCode() == 401);
  }

  @Test
  void anExpiredTokenCountsNoMore() throws Exception {
    HttpResponse<String> made =
        served.send(
            by(
                served.post(
                    "/api/v1/tokens",
                    "{\"name\":\"t\",\"role\":\"read\",\"expires\":\"2026-11-22T13:00:00Z\"}"),
                served.admin()));
    String token = json(made).get("secret").getAsString();
    assertThat(served.send(by(served.to("/api/v1/status"), token)).statusCode()).isEqualTo(200);
    now.set(Instant.parse("2026-11-22T13:00:00Z"));
    assertRefused(served.send(by(served.to("/api/v1/status"), token)), 401);
  }

  @Test
  void theListOfTokensHasNoSecrets() throws Exception {
    String secret = served.token("siem", "read");
    HttpResponse<String> list = served.send(by(served.to("/api/v1/tokens"), served.admin()));
    assertThat(list.body())
        .contains("\"name\":\"siem\"")
        .doesNotContain(secret)
        .doesNotContain("sha256");
  }

  @Test
  void aTokenThatCannotBeIsRefused() throws Exception {
    for (String wrong :
        List.of(
            "{\"name\":\"<script>\",\"role\":\"read\"}",
            "{\"name\":\"x\",\"role\":\"root\"}",
            "{\"name\":\"x\"}",
            "{\"name\":\"x\",\"role\":\"read\",\"expires\":\"soon\"}",
            "{\"name\":\"x\",\"role\":\"read\",\"expires\":\"2020-01-01T00:00:00Z\"}")) {
      assertRefused(served.send(by(served.post("/api/v1/tokens", wrong), served.admin())), 400);
    }
    served.token("x", "read");
    assertRefused(
        served.send(
            by(
                served.post("/api/v1/tokens", "{\"name\":\"x\",\"role\":\"read\"}"),
                served.admin())),
        409);
  }

  // Sessions

  @Test
  void aBrowserLogsInByATokenAndIsKnownByItsCookie() throws Exception {
    HttpResponse<String> begun =
        served.send(
            served.post("/api/v1/login", "{\"token\": \"" + served.token("ann", "read") + "\"}"));
    String cookie = begun.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie)
        .matches("cyphermesh-[0-9a-f]{8}=[A-Za-z0-9_-]{43}; .*")
        .contains("; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200");
    assertThat(json(begun).get("role").getAsString()).isEqualTo("read");
    String pair = cookie.substring(0, cookie.indexOf(';'));
    assertThat(served.send(with(served.to("/api/v1/status"), pair)).statusCode()).isEqualTo(200);
    assertThat(session(pair).get("name").getAsString()).isEqualTo("ann");
    HttpResponse<String> ended = served.send(with(served.post("/api/v1/logout", ""), pair));
    assertThat(ended.headers().firstValue("Set-Cookie").orElseThrow()).contains("Max-Age=0");
    assertRefused(served.send(with(served.to("/api/v1/status"), pair)), 401);
  }

  @Test
  void whoShowsNothingIsToldThatNothingMayBeDone() throws Exception {
    JsonObject nobody = json(served.send(served.to("/api/v1/session")));
    assertThat(nobody.get("role").isJsonNull()).isTrue();
    assertThat(nobody.get("csrf").isJsonNull()).isTrue();
  }

  @Test
  void aLoggedInPageChangesSomethingOnlyWithItsCsrfTokenAndATokenNeedsNone() throws Exception {
    String cookie = served.login(served.admin());
    HttpRequest.Builder bare = with(served.post("/api/v1/peers", PEER), cookie);
    assertRefused(served.send(bare.copy()), 403);
    assertRefused(served.send(bare.copy().header(Gate.CSRF_HEADER, "guess")), 403);
    String other = session(served.login(served.admin())).get("csrf").getAsString();
    assertRefused(served.send(bare.copy().header(Gate.CSRF_HEADER, other)), 403);
    assertThat(served.node.peers()).isEmpty();
    String own = session(cookie).get("csrf").getAsString();
    assertRefused(
        served.send(
            bare.copy().header(Gate.CSRF_HEADER, own).header("Origin", "http://evil.example")),
        403);
    assertThat(served.send(bare.copy().header(Gate.CSRF_HEADER, own)).statusCode()).isEqualTo(201);
    assertThat(served.send(by(served.post("/api/v1/peers", PEER), served.admin())).statusCode())
        .isEqualTo(200);
  }

  @Test
  void aWrongTokenIsNotMadeUpForByARightCookie() throws Exception {
    String cookie = served.login(served.admin());
    assertRefused(served.send(by(with(served.to("/api/v1/status"), cookie), "wrong")), 401);
  }

  @Test
  void theSessionsOfARevokedTokenEnd() throws Exception {
    String cookie = served.login(served.token("ann", "read"));
    served.send(by(served.post("/api/v1/tokens/ann/revoke", ""), served.admin()));
    assertRefused(served.send(with(served.to("/api/v1/status"), cookie)), 401);
    assertThat(session(cookie).get("name").isJsonNull()).isTrue();
  }

  @Test
  void theLiveFeedOfARevokedTokenEnds() throws Exception {
    String token = served.token("ann", "read");
    try (HttpClient http = HttpClient.newHttpClient();
        InputStream feed =
            http.send(
                    by(served.to("/api/v1/live"), token).build(),
                    HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
      await().until(() -> served.dashboard.liveClients() == 1);
      served.send(by(served.post("/api/v1/tokens/ann/revoke", ""), served.admin()));
      await().until(() -> served.dashboard.liveClients() == 0);
      assertThat(feed.readAllBytes()).isNotEmpty();
    }
  }

  @Test
  void theExportOfARevokedTokenEndsWithoutItsEnd() throws Exception {
    store(2_000);
    String token = served.token("bob", "read");
    AtomicInteger pages = new AtomicInteger();
    served.node.beforePage =
        () -> {
          if (pages.incrementAndGet() == 2) {
            revoke("bob");
          }
        };
    assertThatThrownBy(() -> served.send(by(served.to("/api/v1/events.ndjson"), token)))
        .isInstanceOf(IOException.class);
    assertThat(pages).hasValue(2);
  }

  @Test
  void whoIsRevokedWhileHeReadsUpGetsNoMore() throws Exception {
    store(2_000);
    String token = served.token("ann", "read");
    AtomicInteger pages = new AtomicInteger();
    ReentrantLock lock = new ReentrantLock();
    served.node.beforePage =
        () -> {
          lock.lock();
          try {
            if (pages.incrementAndGet() == 3) {
              revoke("ann");
            }
          } finally {
            lock.unlock();
          }
        };
    HttpResponse<String> feed = served.send(by(served.to("/api/v1/live?after=0"), token));
    assertThat(feed.body()).contains("connected").doesNotContain("id: 2000\n");
  }

  private void store(int count) {
    for (int i = 0; i < count; i++) {
      served.node.store("203.0.113." + i % 250, "port-scan");
    }
  }

  private void revoke(String name) {
    try {
      served.send(by(served.post("/api/v1/tokens/" + name + "/revoke", ""), served.admin()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aWrongTokenIsRefusedAlsoWhereReadingIsOpen() throws Exception {
    try (Served open = Served.on("127.0.0.1", folder, (InstantSource) now::get)) {
      String token = open.token("ann", "read");
      assertThat(open.send(by(open.to("/api/v1/status"), token)).statusCode()).isEqualTo(200);
      open.send(by(open.post("/api/v1/tokens/ann/revoke", ""), open.admin()));
      for (String wrong : List.of(token, "wrong", "")) {
        assertRefused(open.send(by(open.to("/api/v1/status"), wrong)), 401);
      }
      // Of a proxy before the node, or of a session that has ended.
      for (HttpRequest.Builder other :
          List.of(
              open.to("/api/v1/status").header("Authorization", "Basic YTpi"),
              open.to("/api/v1/status").header("Cookie", "cyphermesh-00000000=x"),
              open.to("/api/v1/status"))) {
        assertThat(open.send(other).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void tenThousandLoginsAreRationedAndCostNobodyElseHisLogin() throws Exception {
    String cookie = served.login(served.admin());
    List<Callable<Integer>> guesses = new ArrayList<>();
    for (int worker = 0; worker < 8; worker++) {
      guesses.add(
          () -> {
            int let = 0;
            try (HttpClient http = HttpClient.newHttpClient()) {
              for (int i = 0; i < 1_250; i++) {
                HttpResponse<String> answer =
                    http.send(
                        served.post("/api/v1/login", "{\"token\":\"guess\"}").build(),
                        HttpResponse.BodyHandlers.ofString());
                assertRefused(answer, 401, 429);
                if (answer.statusCode() == 401) {
                  let++;
                } else {
                  assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                }
              }
            }
            return let;
          });
    }
    int let = 0;
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> done : workers.invokeAll(guesses)) {
        let += done.get();
      }
    }
    // Ten at once, and one more every ten seconds while it lasted.
    assertThat(let).isBetween(10, 30);
    assertThat(served.login(served.admin())).isNotEmpty();
    assertThat(served.send(with(served.to("/api/v1/status"), cookie)).statusCode()).isEqualTo(200);
    assertThat(served.send(by(served.to("/api/v1/status"), served.admin())).statusCode())
        .isEqualTo(200);
    assertThat(Files.size(folder.resolve("audit.log"))).isLessThan(64 * 1024);
  }

  // The audit log

  @Test
  void aChangeThatIsRefusedForItsQueryStandsThereToo() throws Exception {
    served.send(by(served.post("/api/v1/peers?dry-run=true", PEER), served.admin()));
    assertThat(audit().getFirst().get("outcome").getAsInt()).isEqualTo(400);
    assertThat(audit().getFirst().get("detail").getAsString()).contains("'dry-run' is unknown");
  }

  @Test
  void everyChangeStandsInTheAuditLogWithWhoAndWhatAndFromWhere() throws Exception {
    String boss = served.token("boss", "admin");
    served.send(by(served.post("/api/v1/peers", PEER), boss));
    served.send(by(served.post("/api/v1/peers", "{\"address\": \"nonsense\"}"), boss));
    served.send(served.post("/api/v1/peers", PEER));
    String cookie = served.login(boss);
    served.send(with(served.post("/api/v1/plugins/x/disable", ""), cookie));
    assertThat(audit())
        .extracting(
            entry ->
                "%s %s %s %s %s %d"
                    .formatted(
                        entry.get("who").getAsString(),
                        entry.get("via").getAsString(),
                        entry.get("from").getAsString(),
                        entry.get("what").getAsString(),
                        entry.get("about").getAsString(),
                        entry.get("outcome").getAsInt()))
        .containsExactly(
            "boss session 127.0.0.1 POST /api/v1/plugins/x/disable  403",
            "boss session 127.0.0.1 POST /api/v1/login  200",
            "- - 127.0.0.1 POST /api/v1/peers  401",
            "boss token 127.0.0.1 POST /api/v1/peers  400",
            "boss token 127.0.0.1 POST /api/v1/peers 192.0.2.1:9001 201",
            "api-token token 127.0.0.1 POST /api/v1/tokens boss (admin) 201");
    assertThat(Files.readString(folder.resolve("audit.log"))).doesNotContain(boss);
  }

  @Test
  void aChangeThatAForeignPageOrNameAskedForStandsInTheAuditLogToo() throws Exception {
    String boss = served.token("boss", "admin");
    assertRefused(
        served.send(
            by(served.post("/api/v1/peers", PEER), boss).header("Origin", "http://evil.example")),
        403);
    assertThat(
            served.raw(
                "POST /api/v1/peers HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer "
                    + boss
                    + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                    + "Connection: close\r\n\r\n{}"))
        .startsWith("HTTP/1.1 421");
    // Nobody looked whose token it was.
    assertThat(audit().subList(0, 2))
        .extracting(
            entry ->
                "%s %s %d"
                    .formatted(
                        entry.get("who").getAsString(),
                        entry.get("what").getAsString(),
                        entry.get("outcome").getAsInt()))
        .containsExactly("- POST /api/v1/peers 421", "- POST /api/v1/peers 403");
  }

  @Test
  void aChangeWhoseBodyIsTooLargeToBeReadStandsInTheAuditLogToo() throws Exception {
    String huge = "{\"x\": \"" + "y".repeat(200_000) + "\"}";
    assertRefused(
        served.send(by(served.post("/api/v1/plugins/x/reload?y=z", huge), served.admin())), 413);
    assertRefused(served.send(by(served.post("/api/v1/verify", huge), served.admin())), 413);
    served.raw(
        "POST /api/v1/peers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + ("2000\r\n" + "x".repeat(0x2000) + "\r\n").repeat(12)
            + "0\r\n\r\n");
    await()
        .untilAsserted(
            () ->
                assertThat(audit())
                    .extracting(
                        entry ->
                            entry.get("what").getAsString() + " " + entry.get("outcome").getAsInt())
                    .containsExactlyInAnyOrder(
                        "POST /api/v1/plugins/x/reload 413", "POST /api/v1/peers 413"));
  }

  @Test
  void aReadersRefusalsAndLoginsDoNotMakeTheAuditLogForget() throws Exception {
    String reader = served.token("ann", "read");
    String path = "/api/v1/plugins/" + "%3C".repeat(1_000) + "/enable";
    for (int i = 0; i < 300; i++) {
      assertRefused(served.send(by(served.post(path, "{}"), reader)), 403);
      served.login(reader);
      served.send(by(served.post("/api/v1/logout", ""), reader));
    }
    assertThat(Files.size(folder.resolve("audit.log"))).isLessThan(128 * 1024);
    assertThat(Files.readString(folder.resolve("audit.log"))).contains("\"about\":\"ann (read)\"");
  }

  @Test
  void theAuditLogIsReadPageByPageByAdminsOnly() throws Exception {
    for (int i = 0; i < 5; i++) {
      served.token("t" + i, "read");
    }
    JsonObject first = json(served.send(by(served.to("/api/v1/audit?limit=3"), served.admin())));
    assertThat(first.getAsJsonArray("entries").asList()).hasSize(3);
    JsonObject second =
        json(
            served.send(
                by(
                    served.to("/api/v1/audit?limit=3&before=" + first.get("next")),
                    served.admin())));
    assertThat(second.getAsJsonArray("entries").asList()).hasSize(2);
    assertThat(second.get("next").isJsonNull()).isTrue();
    String report = served.token("sensor", "report");
    assertRefused(served.send(by(served.to("/api/v1/audit"), report)), 403);
    assertRefused(served.send(served.to("/api/v1/audit")), 401);
  }

  @Test
  void readingIsNoChangeAndVerifyingIsNoneEither() throws Exception {
    served.send(by(served.post("/api/v1/verify", "{}"), served.admin()));
    served.send(by(served.to("/api/v1/status"), served.admin()));
    assertThat(audit()).isEmpty();
  }

  // Verifying

  @Test
  void anEventIsVerifiedStepByStep() throws Exception {
    JsonObject check = json(served.send(by(served.post("/api/v1/verify", "{}"), served.admin())));
    assertThat(check.get("valid").getAsBoolean()).isFalse();
    assertThat(check.getAsJsonArray("checks").get(0))
        .hasToString(
            "{\"check\":\"form\",\"passed\":false,\"by\":\"wire protocol\","
                + "\"detail\":\"id is missing\"}");
    assertRefused(served.send(by(served.post("/api/v1/verify", "[]"), served.admin())), 400);
  }
}
