package io.cyphermesh.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A dashboard that is served over a node in memory, and who asks it. */
final class Served implements AutoCloseable {
  final FakeNode node;
  final Dashboard dashboard;
  private final Described described;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Path folder;

  private Served(FakeNode node, Dashboard dashboard, Path folder) throws IOException {
    this.described = new Described(dashboard.endpoints());
    this.node = node;
    this.dashboard = dashboard;
    this.folder = folder;
  }

  /** On all addresses, where reading needs a token, or on loopback. */
  static Served on(String host, Path folder, InstantSource clock) throws IOException {
    return on(host, folder, clock, ProcessView.NONE);
  }

  static Served on(String host, Path folder, InstantSource clock, ProcessView process)
      throws IOException {
    FakeNode node = new FakeNode(clock);
    return new Served(
        node,
        Dashboard.start(
            new DashboardSettings(
                new HostPort(host, 0),
                false,
                folder.resolve("api-token"),
                List.of("mesh.example"),
                Optional.empty(),
                List.of()),
            node,
            node,
            process,
            () -> "cyphermesh_events 1\n",
            clock,
            Dashboard.Patience.USUAL),
        folder);
  }

  String origin() {
    return "http://127.0.0.1:" + dashboard.address().port();
  }

  /** The local token, which may do everything. */
  String admin() throws IOException {
    return Files.readString(folder.resolve("api-token")).strip();
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(origin() + path)).timeout(Duration.ofSeconds(10));
  }

  HttpRequest.Builder post(String path, String body) {
    return to(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  static HttpRequest.Builder by(HttpRequest.Builder request, String token) {
    return request.header("Authorization", "Bearer " + token);
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return described.check(http.send(request.build(), HttpResponse.BodyHandlers.ofString()));
  }

  /** Makes a token; the answer is its secret. */
  String token(String name, String role) throws Exception {
    HttpResponse<String> made =
        send(
            by(
                post(
                    "/api/v1/tokens", "{\"name\": \"%s\", \"role\": \"%s\"}".formatted(name, role)),
                admin()));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return json(made).get("secret").getAsString();
  }

  /** Logs in; the answer is the cookie. */
  String login(String token) throws Exception {
    HttpResponse<String> begun =
        send(post("/api/v1/login", "{\"token\": \"%s\"}".formatted(token)));
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(200);
    String cookie = begun.headers().firstValue("Set-Cookie").orElseThrow();
    return cookie.substring(0, cookie.indexOf(';'));
  }

  /** Speaks HTTP by hand, for what a proper client would never send. */
  String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  /** A problem document that tells nothing of the inside. */
  static void assertRefused(HttpResponse<String> response, int... statuses) {
    assertThat(statuses).as(response.body()).contains(response.statusCode());
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonObject problem = json(response);
    assertThat(problem.keySet())
        .containsExactlyInAnyOrder("type", "title", "status", "detail", "instance");
    assertThat(problem.get("status").getAsInt()).isEqualTo(response.statusCode());
    assertSafe(response);
  }

  static void assertSafe(HttpResponse<String> response) {
    assertThat(response.body())
        .doesNotContain("Exception")
        .doesNotContain("\tat ")
        .doesNotContain("SQLITE")
        .doesNotContain("io.cyphermesh.")
        .doesNotContain("root:");
    assertThat(response.headers().map())
        .containsKeys("content-security-policy", "referrer-policy")
        .doesNotContainKey("access-control-allow-origin");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "frame-ancestors 'none'")
        .doesNotContain("unsafe-inline");
  }

  @Override
  public void close() {
    http.close();
    dashboard.close();
  }
}
