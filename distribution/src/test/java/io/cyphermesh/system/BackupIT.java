package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's safety: backup, restore, check, import, as an operator meets them. */
@Tag("system")
class BackupIT {
  private static final int BATCH = 40;
  private static final int EVENTS = 8_000;

  @TempDir private Path folder;

  /** Feeds a node with about 1,000 events a second, and knows what it confirmed. */
  private static final class Load implements AutoCloseable {
    private final Node node;
    private final List<String> batches;
    private final ConcurrentLinkedQueue<String> confirmed = new ConcurrentLinkedQueue<>();
    private volatile String failure = "";
    private final AtomicBoolean over = new AtomicBoolean();
    private final Thread thread;

    Load(Node node) {
      this.node = node;
      this.batches = batches();
      this.thread = Thread.ofPlatform().start(this::run);
    }

    private static List<String> batches() {
      List<TestReporter> reporters =
          IntStream.range(0, 4).mapToObj(i -> TestReporter.create()).toList();
      Instant now = Instant.now();
      List<String> events =
          IntStream.range(0, EVENTS)
              .parallel()
              .mapToObj(
                  i ->
                      reporters.get(i % 4).event("198.51.100." + i, now.minusMillis(i)).canonical())
              .toList();
      return IntStream.range(0, EVENTS / BATCH)
          .mapToObj(
              i ->
                  "{\"events\": ["
                      + String.join(", ", events.subList(i * BATCH, (i + 1) * BATCH))
                      + "]}")
          .toList();
    }

    private void run() {
      long next = System.nanoTime();
      try {
        for (String batch : batches) {
          if (over.get()) {
            return;
          }
          HttpResponse<String> imported = node.post("/api/v1/import", batch);
          assertThat(imported.statusCode()).as(imported.body()).isEqualTo(200);
          assertThat(imported.body()).contains("\"new\":" + BATCH);
          JsonParser.parseString(batch)
              .getAsJsonObject()
              .getAsJsonArray("events")
              .forEach(event -> confirmed.add(event.getAsJsonObject().get("id").getAsString()));
          confirmed.add(report(node, "own"));
          next += TimeUnit.MILLISECONDS.toNanos(BATCH);
          LockSupport.parkNanos(next - System.nanoTime());
        }
      } catch (IOException | AssertionError e) {
        failure = e.toString();
      }
    }

    @Override
    public void close() {
      over.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      assertThat(failure).isEmpty();
    }
  }

  private static String report(Node node, String type) throws IOException {
    HttpResponse<String> answer =
        node.post(
            "/api/v1/events",
            "{\"source_ip\": \"203.0.113.7\", \"threat_type\": \"%s\", \"severity\": \"low\"}"
                .formatted(type));
    return answer.statusCode() == 429
        ? ""
        : JsonParser.parseString(answer.body()).getAsJsonObject().get("id").getAsString();
  }

  private static Program.Result sound(Program.Result result) {
    assertThat(result.code()).as(result.out() + result.err()).isZero();
    assertThat(result.err()).isEmpty();
    return result;
  }

  private static JsonObject json(Program.Result result) {
    return JsonParser.parseString(sound(result).out()).getAsJsonObject();
  }

  private static Set<String> ids(Path data) throws IOException, InterruptedException {
    return sound(Program.run(data, "events", "--limit", "100000", "--json"))
        .out()
        .lines()
        .map(line -> JsonParser.parseString(line).getAsJsonObject().get("id").getAsString())
        .collect(Collectors.toSet());
  }

  @Test
  void aBackupUnderLoadRestoresToAConsistentNode() throws Exception {
    Path data = folder.resolve("node");
    Path restored = folder.resolve("restored");
    Path file = folder.resolve("node.zip");
    String nodeId;
    long lastSeq;
    Set<String> before;
    try (Node node = Node.start(data, 0);
        Load load = new Load(node)) {
      nodeId = node.nodeId();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> load.confirmed.size() > 1_000 || !load.failure.isEmpty());
      before = new HashSet<>(load.confirmed);
      JsonObject backup = json(Program.run(data, "backup", file.toString(), "--json"));
      int after = load.confirmed.size();
      System.out.printf(
          "backup of %d events; %d were confirmed before, %d more meanwhile%n",
          backup.get("events").getAsInt(), before.size(), after - before.size());
      assertThat(backup.get("nodeId").getAsString()).isEqualTo(nodeId);
      assertThat(Files.getPosixFilePermissions(file))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));

      // Checked while it runs and is written to.
      assertThat(json(Program.run(data, "check", "--json")).get("ok").getAsBoolean()).isTrue();
      Program.Result beside = Program.run(data, "restore", "--force", file.toString());
      assertThat(beside.code()).isEqualTo(1);
      assertThat(beside.err().lines()).singleElement().asString().contains("stop it first");
      report(node, "after-the-backup");
      lastSeq = node.newestEvents(1).getFirst().get("seq").getAsLong();
    }
    before.remove("");

    json(Program.run(restored, "restore", file.toString(), "--json"));
    JsonObject check = json(Program.run(restored, "check", "--json"));
    assertThat(check.get("ok").getAsBoolean()).isTrue();
    assertThat(check.get("problemCount").getAsInt()).isZero();
    assertThat(ids(restored)).containsAll(before);
    try (Node node = Node.start(restored, 0)) {
      assertThat(node.nodeId()).isEqualTo(nodeId);
      report(node, "after-the-restore");
      assertThat(node.newestEvents(1).getFirst().get("seq").getAsLong())
          .isGreaterThan(lastSeq + 1_000_000);
      // What came after the backup comes back from the old node's events.
      Path events = folder.resolve("events.jsonl");
      Files.writeString(
          events, sound(Program.run(data, "events", "--limit", "100000", "--json")).out());
      JsonObject imported = json(Program.run(restored, "import", events.toString(), "--json"));
      assertThat(imported.get("new").getAsInt()).isPositive();
      assertThat(imported.get("refused").getAsInt()).isZero();
      assertThat(node.stored()).isEqualTo(ids(data).size() + 1);
    }
  }

  @Test
  void whatEventsPrintsIsImportedIntoAnyNodeWhetherItRunsOrNot() throws Exception {
    Path a = folder.resolve("a");
    try (Node node = Node.start(a, 0);
        Load load = new Load(node)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> load.confirmed.size() > 500 || !load.failure.isEmpty());
    }
    Path events = folder.resolve("events.jsonl");
    Files.writeString(events, sound(Program.run(a, "events", "--limit", "100000", "--json")).out());
    int all = ids(a).size();

    Path stopped = folder.resolve("stopped");
    assertThat(sound(Program.run(stopped, "import", events.toString())).out())
        .contains(" 0 duplicates, 0 refused");
    assertThat(ids(stopped)).isEqualTo(ids(a));
    assertThat(Program.run(stopped, "check").code()).isZero();

    try (Node b = Node.start(folder.resolve("b"), 0)) {
      JsonObject first = json(Program.run(b.data(), "import", events.toString(), "--json"));
      assertThat(first.get("new").getAsInt()).isEqualTo(all);
      JsonObject again = json(Program.run(b.data(), "import", events.toString(), "--json"));
      assertThat(again.get("duplicates").getAsInt()).isEqualTo(all);
      assertThat(ids(b.data())).isEqualTo(ids(a));
      // Nobody earned anything by it.
      assertThat(b.peers()).allMatch(peer -> peer.get("reputation").getAsLong() == 0);
    }
  }

  @Test
  void aDamagedDatabaseIsToldInClearWords() throws Exception {
    Path data = folder.resolve("node");
    try (Node node = Node.start(data, 0);
        Load load = new Load(node)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> load.confirmed.size() > 1_000 || !load.failure.isEmpty());
    }
    Path database = data.resolve("cyphermesh.db");
    byte[] whole = Files.readAllBytes(database);
    SplittableRandom random = new SplittableRandom(5);

    List<String> clear = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      Files.write(database, whole);
      try (RandomAccessFile out = new RandomAccessFile(database.toFile(), "rw")) {
        switch (round) {
          case 0 -> out.write("no database any more".getBytes(StandardCharsets.US_ASCII));
          case 1 -> out.setLength(whole.length / 3);
          case 2 -> {
            byte[] garbage = new byte[64 * 1024];
            random.split().nextBytes(garbage);
            out.seek(whole.length / 2);
            out.write(garbage);
          }
          default -> out.setLength(0);
        }
      }
      Program.Result check = Program.run(data, "check");
      assertThat(check.code()).as("round " + round).isEqualTo(1);
      String text = check.out() + check.err();
      assertThat(text).isNotBlank().doesNotContain("Exception", "\tat ");
      clear.add(text.lines().findFirst().orElse(""));
    }
    clear.forEach(System.out::println);

    Files.write(database, whole);
    try (RandomAccessFile out = new RandomAccessFile(database.toFile(), "rw")) {
      out.write("no database any more".getBytes(StandardCharsets.US_ASCII));
    }
    Program.Result run =
        Program.run(
            data,
            "run",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-port",
            "0",
            "--no-discovery");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("cyphermesh: ")))
        .singleElement()
        .asString()
        .contains("cyphermesh check", "cyphermesh restore");
    assertThat(run.err()).doesNotContain("\tat ");
  }

  @Test
  void aNewerDatabaseIsRefusedWithBothVersions() throws Exception {
    Path data = folder.resolve("node");
    Node.start(data, 0).stop();
    try (var connection =
            java.sql.DriverManager.getConnection("jdbc:sqlite:" + data.resolve("cyphermesh.db"));
        var statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA user_version = 99");
    }
    Program.Result run =
        Program.run(
            data,
            "run",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-port",
            "0",
            "--no-discovery");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .containsPattern("written by a newer CypherMesh \\(schema 99, this one knows \\d+\\)")
        .contains("run that version or a later one")
        .doesNotContain("\tat ");
  }
}
