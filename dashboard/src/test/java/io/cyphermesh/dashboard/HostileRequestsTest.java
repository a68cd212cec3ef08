package io.cyphermesh.dashboard;

import static io.cyphermesh.dashboard.Served.assertRefused;
import static io.cyphermesh.dashboard.Served.assertSafe;
import static io.cyphermesh.dashboard.Served.by;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.dashboard.access.Role;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks the table of endpoints itself, so that none can be forgotten. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsTest {
  private static final List<String> NASTY =
      List.of(
          "'; DROP TABLE events; --",
          "1' OR '1'='1",
          "<script>alert(1)</script>",
          "\"><img src=x onerror=alert(1)>",
          "${jndi:ldap://evil.example/x}",
          "../../../../etc/passwd",
          "\u0000\u001b[2J\u202e",
          "x".repeat(3_000));

  private Served served;
  private final Map<Role, String> tokens = new EnumMap<>(Role.class);

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    served = Served.on("0.0.0.0", folder, InstantSource.system());
    for (Role role : Role.values()) {
      tokens.put(role, served.token(role.term() + "er", role.term()));
    }
  }

  @AfterAll
  void stop() {
    served.close();
  }

  Stream<Named<Endpoint>> endpoints() {
    return served.dashboard.endpoints().stream()
        .map(endpoint -> Named.of(endpoint.method() + " " + endpoint.path(), endpoint));
  }

  Stream<Named<Endpoint>> guarded() {
    return endpoints().filter(named -> named.getPayload().access().role().isPresent());
  }

  Stream<Named<Endpoint>> posts() {
    return endpoints().filter(named -> named.getPayload().method().equals("POST"));
  }

  Stream<Named<Endpoint>> withBody() {
    return endpoints().filter(named -> named.getPayload().body().isPresent());
  }

  private String token(Role role) {
    return Objects.requireNonNull(tokens.get(role));
  }

  private static String path(Endpoint endpoint, String id) {
    return endpoint.path().replaceAll("\\{\\w+}", id);
  }

  private static String path(Endpoint endpoint) {
    return path(endpoint, "0".repeat(64));
  }

  private HttpRequest.Builder request(Endpoint endpoint, String path) {
    if (endpoint.method().equals("POST")) {
      return served.post(path, "{}");
    }
    // The feed would last.
    return path.startsWith("/api/v1/live") ? served.to(path).HEAD() : served.to(path);
  }

  private HttpResponse<String> asAdmin(HttpRequest.Builder request) throws Exception {
    return served.send(by(request, token(Role.ADMIN)));
  }

  @ParameterizedTest
  @MethodSource("guarded")
  void withoutATokenItIsRefused(Endpoint endpoint) throws Exception {
    HttpResponse<String> answer = served.send(bodied(endpoint));
    assertRefused(answer, 401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Bearer");
    for (String wrong : List.of("wrong", "", "api-token", "0".repeat(64))) {
      assertRefused(served.send(by(bodied(endpoint), wrong)), 401);
    }
    assertRefused(
        served.send(bodied(endpoint).header("Cookie", "cyphermesh-00000000=" + "x".repeat(43))),
        401);
  }

  /** HEAD has no body to tell the problem by. */
  private HttpRequest.Builder bodied(Endpoint endpoint) {
    return endpoint.method().equals("POST")
        ? served.post(path(endpoint), "{}")
        : served.to(path(endpoint));
  }

  @ParameterizedTest
  @MethodSource("guarded")
  void withALesserRoleItIsRefusedAndAChangeStandsInTheAuditLog(Endpoint endpoint) throws Exception {
    for (Role role : Role.values()) {
      if (role.includes(endpoint.access().role().orElseThrow())) {
        HttpResponse<String> answer =
            served.send(by(request(endpoint, path(endpoint)), token(role)));
        assertThat(answer.statusCode()).as(answer.body()).isNotIn(401, 403, 500);
      } else {
        assertRefused(served.send(by(bodied(endpoint), token(role))), 403);
        if (endpoint.changes()) {
          String newest = asAdmin(served.to("/api/v1/audit?limit=1")).body();
          assertThat(newest)
              .contains("\"who\":\"" + role.term() + "er\"")
              .contains(path(endpoint))
              .contains("\"outcome\":403");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aPageOfAnotherSiteIsRefused(Endpoint endpoint) throws Exception {
    for (String origin :
        List.of(
            "http://evil.example",
            "null",
            "http://127.0.0.1:1",
            served.origin() + ".evil.example",
            "http://evil.example#" + served.origin())) {
      assertRefused(asAdmin(bodied(endpoint).header("Origin", origin)), 403);
    }
    if (endpoint.access().role().isPresent()) {
      assertRefused(asAdmin(bodied(endpoint).header("Sec-Fetch-Site", "cross-site")), 403);
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aNameThatIsNotTheNodesIsRefused(Endpoint endpoint) throws IOException {
    assertThat(
            served.raw(
                "OPTIONS %s HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                    .formatted(path(endpoint))))
        .startsWith("HTTP/1.1 421");
    for (String host :
        List.of("evil.example", "127.0.0.1.evil.example", "localhost@evil.example")) {
      assertThat(
              served.raw(
                  """
                  %s %s HTTP/1.1\r
                  Host: %s\r
                  Authorization: Bearer %s\r
                  Content-Type: application/json\r
                  Content-Length: 2\r
                  Connection: close\r
                  \r
                  {}"""
                      .formatted(endpoint.method(), path(endpoint), host, token(Role.ADMIN))))
          .startsWith("HTTP/1.1 421")
          .contains("application/problem+json")
          .doesNotContain(FakeNode.NODE_ID);
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aHugeBodyIsRefused(Endpoint endpoint) throws Exception {
    String huge = "{\"x\":\"" + "y".repeat(200 * 1024) + "\"}";
    HttpRequest.Builder request =
        served
            .to(path(endpoint))
            .header("Content-Type", "application/json")
            .method(endpoint.method(), HttpRequest.BodyPublishers.ofString(huge));
    assertRefused(asAdmin(request), 413);
  }

  @ParameterizedTest
  @MethodSource("posts")
  void aHugeBodyWithoutALengthIsRefused(Endpoint endpoint) throws IOException {
    StringBuilder request =
        new StringBuilder(
            """
            POST %s HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            Content-Type: application/json\r
            Transfer-Encoding: chunked\r
            Connection: close\r
            \r
            """
                .formatted(path(endpoint), token(Role.ADMIN)));
    for (int i = 0; i < 12; i++) {
      request.append("2000\r\n").append("x".repeat(0x2000)).append("\r\n");
    }
    assertThat(served.raw(request.append("0\r\n\r\n").toString()))
        .startsWith("HTTP/1.1 413")
        .contains("application/problem+json");
  }

  @ParameterizedTest
  @MethodSource("withBody")
  void aBodyThatIsNoJsonIsRefused(Endpoint endpoint) throws Exception {
    for (String body :
        List.of("", "{", "[]", "null", "{'a':1}", "{\"a\":1}x", "{\"a\":".repeat(500), "\u0000")) {
      assertRefused(asAdmin(served.post(path(endpoint), body)), 400, 401, 429);
    }
    assertRefused(
        asAdmin(
            served
                .to(path(endpoint))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))),
        415,
        429);
  }

  @ParameterizedTest
  @MethodSource("withBody")
  void sqlAndMarkupInAFieldStayText(Endpoint endpoint) throws Exception {
    JsonObject schemas =
        JsonParser.parseString(asAdmin(served.to("/api/v1/openapi.json")).body())
            .getAsJsonObject()
            .getAsJsonObject("components")
            .getAsJsonObject("schemas");
    JsonObject fields =
        schemas.getAsJsonObject(endpoint.body().orElseThrow()).getAsJsonObject("properties");
    for (String field : fields.keySet()) {
      for (String nasty : NASTY) {
        JsonObject body = example(endpoint.body().get());
        body.addProperty(field, nasty);
        assertNothingHappens(asAdmin(served.post(path(endpoint), body.toString())));
      }
    }
  }

  /** As right as it can be, but for what a test puts in. */
  private static JsonObject example(String schema) {
    return JsonParser.parseString(
            switch (schema) {
              case "Report" ->
                  "{\"source_ip\":\"203.0.113.9\",\"threat_type\":\"x\",\"severity\":\"low\"}";
              case "NewToken" -> "{\"name\":\"readerer\",\"role\":\"read\"}";
              default -> "{}";
            })
        .getAsJsonObject();
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void sqlAndMarkupInAParameterStayText(Endpoint endpoint) throws Exception {
    for (Endpoint.Parameter parameter : endpoint.parameters()) {
      for (String nasty : NASTY) {
        String encoded = URLEncoder.encode(nasty, StandardCharsets.UTF_8).replace("+", "%20");
        switch (parameter.in()) {
          case "path" -> assertNothingHappens(asAdmin(request(endpoint, path(endpoint, encoded))));
          case "query" ->
              assertNothingHappens(
                  asAdmin(
                      bodied(endpoint, path(endpoint) + "?" + parameter.name() + "=" + encoded)));
          default -> {
            String header = nasty.replaceAll("[^ -~]", "");
            assertNothingHappens(
                asAdmin(bodied(endpoint, path(endpoint)).header(parameter.name(), header)));
          }
        }
      }
    }
  }

  private HttpRequest.Builder bodied(Endpoint endpoint, String path) {
    return endpoint.method().equals("POST") ? served.post(path, "{}") : served.to(path);
  }

  private static void assertNothingHappens(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isNotEqualTo(500);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .doesNotContain("text/html");
    assertSafe(answer);
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aPathThatLeadsElsewhereLeadsNowhere(Endpoint endpoint) throws Exception {
    String base = path(endpoint).equals("/") ? "" : path(endpoint);
    for (String way :
        List.of(
            "/../../../../etc/passwd",
            "/..%2f..%2f..%2f..%2fetc%2fpasswd",
            "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "/..\\..\\..\\windows\\win.ini",
            "/%00",
            "//etc/passwd",
            ";/../api-token",
            "/../api-token")) {
      String answer =
          served.raw(
              "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                  .formatted(base + way, token(Role.ADMIN)));
      assertThat(answer)
          .as(base + way)
          .matches("(?s)HTTP/1.1 (400|404|405|414) .*")
          .contains("application/problem+json")
          .doesNotContain("root:")
          .doesNotContain(served.admin());
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void whatIsNotUtf8IsRefused(Endpoint endpoint) throws Exception {
    List<String> queries = new ArrayList<>(List.of("?%ff=1", "?x=%ff"));
    for (Endpoint.Parameter parameter : endpoint.parameters()) {
      switch (parameter.in()) {
        case "query" -> queries.add("?" + parameter.name() + "=%ff%e4");
        case "path" ->
            assertRefused(asAdmin(bodied(endpoint, path(endpoint, "%ff"))), 400, 404, 409);
        default -> {}
      }
    }
    for (String query : queries) {
      // Who does not look at his query does not mind.
      HttpResponse<String> answer = asAdmin(request(endpoint, path(endpoint) + query));
      assertThat(answer.statusCode()).as(answer.body()).isNotEqualTo(500);
      if (endpoint.isStrict()) {
        assertRefused(asAdmin(bodied(endpoint, path(endpoint) + query)), 400);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aQueryNameThatTheDescriptionDoesNotHaveIsRefusedByTheApiAlone(Endpoint endpoint)
      throws Exception {
    String path = path(endpoint);
    HttpResponse<String> answer = asAdmin(request(endpoint, path + "?job=mesh"));
    if (!path.startsWith("/api/v1/")) {
      assertThat(answer.statusCode()).isNotEqualTo(400);
      return;
    }
    assertThat(answer.statusCode()).isEqualTo(400);
    if (endpoint.method().equals("GET")) {
      assertThat(asAdmin(served.to(path + "?job=mesh").HEAD()).statusCode()).isEqualTo(400);
    }
    JsonObject problem =
        JsonParser.parseString(asAdmin(bodied(endpoint, path + "?job=mesh")).body())
            .getAsJsonObject();
    assertThat(problem.get("field").getAsString()).isEqualTo("job");
    assertThat(problem.get("detail").getAsString()).startsWith("'job' is unknown here; ");
    for (Endpoint.Parameter each : endpoint.parameters()) {
      if (each.in().equals("query")) {
        assertThat(problem.get("detail").getAsString()).contains(each.name());
        assertThat(asAdmin(bodied(endpoint, path + "?" + each.name() + "=%01")).body())
            .doesNotContain("unknown here");
      }
    }
    if (endpoint.access().role().isPresent()) {
      assertRefused(served.send(bodied(endpoint, path + "?job=mesh")), 401);
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void theDescriptionNamesWhatItRefusesAndThatItIsTagged(Endpoint endpoint) throws Exception {
    if (endpoint.isPage()) {
      return;
    }
    JsonObject paths =
        JsonParser.parseString(asAdmin(served.to("/api/v1/openapi.json")).body())
            .getAsJsonObject()
            .getAsJsonObject("paths");
    Set<String> named =
        paths
            .getAsJsonObject(endpoint.path())
            .getAsJsonObject(endpoint.method().toLowerCase(Locale.ROOT))
            .getAsJsonObject("responses")
            .keySet();
    assertThat(named).contains("403", "421");
    if (endpoint.access().role().isPresent()) {
      assertThat(named).contains("401");
    }
    if (endpoint.isStrict()) {
      assertThat(named).contains("400");
    }
    if (endpoint.body().isPresent()) {
      assertThat(named).contains("413", "415");
    }
    HttpResponse<String> answer = asAdmin(request(endpoint, path(endpoint)));
    assertThat(named).contains(Integer.toString(answer.statusCode()));
    boolean tagged = answer.headers().firstValue("ETag").isPresent();
    assertThat(named.contains("304") && answer.statusCode() == 200).isEqualTo(tagged);
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void anotherMethodIsRefused(Endpoint endpoint) throws Exception {
    for (String method : List.of("PUT", "DELETE", "PATCH", "TRACE")) {
      HttpRequest.Builder request =
          served.to(path(endpoint)).method(method, HttpRequest.BodyPublishers.noBody());
      assertRefused(asAdmin(request), 405);
    }
  }
}
