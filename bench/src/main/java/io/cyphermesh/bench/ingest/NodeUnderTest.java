package io.cyphermesh.bench.ingest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A node as the archive's launcher starts it, on loopback and free ports. */
final class NodeUnderTest implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final Path data;
  private final Process process;

  private NodeUnderTest(Path data, Process process) {
    this.data = data;
    this.process = process;
  }

  /**
   * What the node counts.
   *
   * @param verified examined and found valid
   * @param settled judged otherwise than stored: duplicate, ignored, rejected
   * @param stored committed
   */
  record Counts(long received, long verified, long settled, long stored) {}

  /**
   * Starts it and waits until it is up.
   *
   * @param settings its cyphermesh.conf
   * @param javaOptions further options of its JVM
   */
  static NodeUnderTest start(Path launcher, Path data, String settings, List<String> javaOptions)
      throws IOException, InterruptedException {
    Files.writeString(data.resolve("cyphermesh.conf"), settings);
    ProcessBuilder builder =
        new ProcessBuilder(
            launcher.toString(),
            "run",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-port",
            "0",
            "--no-discovery");
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(key -> key.startsWith("CYPHER_") || key.equals("JAVA_OPTS"));
    environment.put("CYPHER_JAVA", System.getProperty("java.home"));
    environment.put("CYPHER_DATA_DIR", data.toString());
    if (!javaOptions.isEmpty()) {
      environment.put("JAVA_OPTS", String.join(" ", javaOptions));
    }
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("output.txt").toFile())
            .start();
    NodeUnderTest node = new NodeUnderTest(data, process);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (node.url().isEmpty()) {
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        String output = node.lastOutput();
        node.close();
        throw new IOException("the node does not start:\n" + output);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return node;
  }

  /** Its URL once it is up: a file of another process may be left from before. */
  private Optional<URI> url() throws IOException {
    try {
      var file =
          JsonParser.parseString(Files.readString(data.resolve("run").resolve("node.json")))
              .getAsJsonObject();
      return file.get("pid").getAsLong() == process.pid()
          ? Optional.of(URI.create(file.get("url").getAsString()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  long pid() {
    return process.pid();
  }

  private String get(String path) throws IOException, InterruptedException {
    Optional<URI> up = url();
    if (up.isEmpty()) {
      throw new IOException("the node is gone:\n" + lastOutput());
    }
    URI url = up.get();
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(20)).build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode());
    }
    return answer.body();
  }

  /** The port for peers. */
  int port() throws IOException, InterruptedException {
    String listening =
        JsonParser.parseString(get("/api/v1/status"))
            .getAsJsonObject()
            .get("listening")
            .getAsString();
    return Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
  }

  /** Names a peer on loopback to it. */
  void addPeer(int peer) throws IOException, InterruptedException {
    String body = "{\"address\": \"127.0.0.1:" + peer + "\"}";
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url().orElseThrow() + "/api/v1/peers"))
                .header("Content-Type", "application/json")
                .header(
                    "Authorization",
                    "Bearer " + Files.readString(data.resolve("api-token")).strip())
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException("the peer is not added: " + answer.body());
    }
  }

  /** Bytes that went over its first link by now, both ways; 0 while there is none. */
  long linkBytes() throws IOException, InterruptedException {
    for (JsonElement peer :
        JsonParser.parseString(get("/api/v1/peers")).getAsJsonObject().getAsJsonArray("peers")) {
      if (peer.getAsJsonObject().get("link") instanceof JsonObject link) {
        return link.get("bytesIn").getAsLong() + link.get("bytesOut").getAsLong();
      }
    }
    return 0;
  }

  /** What lives on its heap, in bytes, counted by a full collection. */
  long liveHeapBytes() throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid()),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String total = "";
    try (BufferedReader lines = jcmd.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        total = line.startsWith("Total") ? line : total;
      }
    }
    String[] fields = total.strip().split(" +", -1);
    if (jcmd.waitFor() != 0 || fields.length != 3) {
      throw new IOException("the heap of the node cannot be counted");
    }
    return Long.parseLong(fields[2]);
  }

  /** All that it measures of itself. */
  Map<String, Double> metrics() throws IOException, InterruptedException {
    Map<String, Double> metrics = new HashMap<>();
    get("/metrics")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int blank = line.lastIndexOf(' ');
              metrics.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
            });
    return metrics;
  }

  Counts counts() throws IOException, InterruptedException {
    Map<String, Double> metrics = metrics();
    long settled = 0;
    for (String verdict : List.of("duplicate", "ignored", "rejected")) {
      settled +=
          number(
              metrics,
              "cyphermesh_events_judged_total{source=\"peer\",verdict=\"" + verdict + "\"}");
    }
    return new Counts(
        number(metrics, "cyphermesh_events_received_total"),
        number(metrics, "cyphermesh_events_verified_total"),
        settled,
        number(metrics, "cyphermesh_events_stored"));
  }

  static long number(Map<String, Double> metrics, String name) {
    Double value = metrics.get(name);
    return value == null ? 0 : value.longValue();
  }

  /** Size of the database's files, in bytes. */
  long databaseBytes() throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("cyphermesh.db")) {
          sum += Files.size(file);
        }
      }
    }
    return sum;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String lastOutput() throws IOException {
    List<String> lines = Files.readAllLines(data.resolve("output.txt"));
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  /** As {@code kill}; waits for its end. */
  void stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IOException("the node did not stop within 60 s");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
