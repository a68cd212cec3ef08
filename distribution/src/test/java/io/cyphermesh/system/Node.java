package io.cyphermesh.system;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code cyphermesh run} in a process of its own, on loopback and free ports or a host. */
final class Node implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofSeconds(60);
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final Path data;
  private final Process process;

  private Node(Path data, Process process) {
    this.data = data;
    this.process = process;
  }

  /** Starts a node; does not wait until it is up. */
  static Node launch(Path data, int port, String... arguments) throws IOException {
    return launch(data, port, 0, arguments);
  }

  /** As {@link #launch(Path, int, String...)}, with the dashboard at a port of one's own. */
  static Node launch(Path data, int port, int dashboardPort, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("run", "--host", "127.0.0.1"));
    all.addAll(List.of("--port", Integer.toString(port), "--dashboard-port"));
    all.add(Integer.toString(dashboardPort));
    all.add("--no-discovery");
    all.addAll(List.of(arguments));
    return launch(data, Program.command(data, all));
  }

  /** Starts a node on a host of its own, which everybody there may ask. */
  static Node launch(Hosts hosts, int host, Path data, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("run", "--host", hosts.address(host)));
    all.addAll(List.of("--dashboard-host", Hosts.askedAt(host), "--no-discovery"));
    all.addAll(List.of(arguments));
    ProcessBuilder builder = Program.command(data, all);
    builder.environment().put("CYPHER_DASHBOARD_PUBLIC_READ", "true");
    builder.command().addAll(0, hosts.on(host));
    return launch(data, builder);
  }

  private static Node launch(Path data, ProcessBuilder builder) throws IOException {
    Files.createDirectories(data);
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output(data).toFile()))
            .start();
    return new Node(data, process);
  }

  /** Starts a node and waits until its REST interface answers. */
  static Node start(Path data, int port, String... arguments) throws IOException {
    return launch(data, port, arguments).awaitUp();
  }

  /** A port that was free a moment ago. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  Node awaitUp() {
    Awaitility.await("a node that is up")
        .atMost(START_PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(this::isUpOrOver);
    if (!process.isAlive()) {
      throw new IllegalStateException("the node ended by itself:\n" + lastOutput());
    }
    return this;
  }

  private boolean isUpOrOver() throws IOException {
    // A killed node's file stays behind; the launcher becomes the node, so the process is the same.
    return !process.isAlive() || nodeFile("pid").equals(Long.toString(process.pid()));
  }

  private String nodeFile(String field) throws IOException {
    try {
      return JsonParser.parseString(Files.readString(data.resolve("run").resolve("node.json")))
          .getAsJsonObject()
          .get(field)
          .getAsString();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  Path data() {
    return data;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Of a process that has ended. */
  int exitCode() {
    return process.exitValue();
  }

  URI url() throws IOException {
    return URI.create(nodeFile("url"));
  }

  /** The port for peers. */
  int port() throws IOException {
    String listening = status().get("listening").getAsString();
    return Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
  }

  String nodeId() throws IOException {
    return status().get("nodeId").getAsString();
  }

  /** Where its standard output and standard error go, over all its lives. */
  static Path output(Path data) {
    return data.resolve("output.txt");
  }

  /** The lines that it logged, over all its lives. */
  List<String> logLines() throws IOException {
    return Files.readAllLines(data.resolve("logs").resolve("cyphermesh.log"));
  }

  private String lastOutput() {
    try (Stream<String> lines = Files.lines(output(data))) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpResponse<String> get(String path) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(url() + path)));
  }

  HttpResponse<String> post(String path, String body) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Content-Type", "application/json")
            .header(
                "Authorization", "Bearer " + Files.readString(data.resolve("api-token")).strip())
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /** Reports an event of a type, and gives its id. */
  String report(String type) throws IOException {
    HttpResponse<String> answer =
        post(
            "/api/v1/events",
            "{\"source_ip\": \"203.0.113.7\", \"threat_type\": \"%s\", \"severity\": \"low\"}"
                .formatted(type));
    if (answer.statusCode() / 100 != 2) {
      throw new IOException("a report was answered " + answer.statusCode() + ": " + answer.body());
    }
    return JsonParser.parseString(answer.body()).getAsJsonObject().get("id").getAsString();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return HTTP.send(
          request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** A document of the REST interface. */
  JsonObject json(String path) throws IOException {
    HttpResponse<String> answer = get(path);
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  JsonObject status() throws IOException {
    return json("/api/v1/status");
  }

  List<JsonObject> peers() throws IOException {
    return objects(json("/api/v1/peers"), "peers");
  }

  List<JsonObject> plugins() throws IOException {
    return objects(json("/api/v1/plugins"), "plugins");
  }

  List<JsonObject> newestEvents(int limit) throws IOException {
    return objects(json("/api/v1/events?limit=" + limit), "events");
  }

  /** Every event that it has, page by page. */
  List<JsonObject> allEvents() throws IOException {
    List<JsonObject> events = new ArrayList<>();
    String before = "";
    while (true) {
      JsonObject page = json("/api/v1/events?limit=500" + before);
      events.addAll(objects(page, "events"));
      if (page.get("next").isJsonNull()) {
        return events;
      }
      before = "&before=" + page.get("next").getAsLong();
    }
  }

  /** The ids of all that it has. */
  Set<String> ids() throws IOException {
    return ids(allEvents());
  }

  private static Set<String> ids(List<JsonObject> events) {
    return events.stream().map(event -> event.get("id").getAsString()).collect(Collectors.toSet());
  }

  /** Whether it has these; reading all of them is nothing to be done all the time. */
  boolean has(Set<String> ids) throws IOException {
    return stored() >= ids.size()
        && (ids(newestEvents(100)).containsAll(ids) || ids().containsAll(ids));
  }

  /** How many events it has. */
  long stored() throws IOException {
    return status().getAsJsonObject("events").get("stored").getAsLong();
  }

  /** A number of /metrics, labels and all; 0 where there is none of that name. */
  double metric(String name) throws IOException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  private static List<JsonObject> objects(JsonObject document, String list) {
    return document.getAsJsonArray(list).asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  boolean healthy() {
    try {
      return get("/health").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** A number that Linux tells of the process, such as {@code Threads} or {@code VmRSS}. */
  long procStatus(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }

  long threads() throws IOException {
    return procStatus("Threads");
  }

  /** Resident memory, in MiB. */
  long rssMebibytes() throws IOException {
    return procStatus("VmRSS") / 1024;
  }

  long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
      return files.count();
    }
  }

  /** How many virtual threads it has, as the JDK's own tool tells. */
  long virtualThreads() throws IOException {
    Path dump = Files.createTempFile("cyphermesh-threads", ".txt");
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(pid()),
                  "Thread.dump_to_file",
                  "-overwrite",
                  dump.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (jcmd.waitFor() != 0) {
        throw new IOException("jcmd failed");
      }
      try (Stream<String> lines = Files.lines(dump)) {
        return lines.filter(line -> line.startsWith("#") && line.contains("virtual")).count();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.delete(dump);
    }
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("a killed process does not end");
    }
  }

  /** As {@code kill}; waits for its end. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the node did not stop within 20 s");
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
