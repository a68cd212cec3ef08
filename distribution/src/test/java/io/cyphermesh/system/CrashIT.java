package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments under load. {@code -Dsystem.kills=100} for the long form,
 * {@code -Dsystem.seed=} to repeat a run as far as processes can be repeated.
 */
@Tag("system")
class CrashIT {
  private static final int DETECTIONS_PER_SECOND = 10;
  private static final int KILLS_BETWEEN_ROTATIONS = 7;
  private static final int ADMITTED_PER_SECOND = 15;
  private static final Duration CATCH_UP = Duration.ofMinutes(2);

  @TempDir private Path folder;

  @Test
  void noDetectionIsLostOrDoubledWhenNodesAreKilled() throws Exception {
    int kills = Integer.getInteger("system.kills", 10);
    long seed = Long.getLong("system.seed", System.nanoTime());
    System.out.println("Seed of the crashes: -Dsystem.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);

    SshLog log = new SshLog(folder.resolve("auth.log"));
    Files.createFile(log.file());
    Path dataA = Files.createDirectories(folder.resolve("a"));
    Files.writeString(dataA.resolve("cyphermesh.conf"), log.settings());
    int portA = Node.freePort();
    int portB = Node.freePort();
    Attacks attacks = new Attacks(log, DETECTIONS_PER_SECOND, random.split());

    Node a = Node.start(dataA, portA);
    Node b = startB(portA, portB);
    try {
      String identityA = a.nodeId();
      String identityB = b.nodeId();
      attacks.start();
      int whileStarting = 0;
      long rotations = 0;
      for (int kill = 1; kill <= kills; kill++) {
        boolean killA = random.nextInt(3) < 2;
        // Some die before they are up.
        boolean early = random.nextInt(4) == 0;
        if (!early) {
          (killA ? a : b).awaitUp();
        } else {
          whileStarting++;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(2_000)));
        (killA ? a : b).kill();
        // Nobody keeps track of two: the rotated file has to be read before there is another.
        if (kill % KILLS_BETWEEN_ROTATIONS == 0 && rotationsRead(a) == rotations) {
          attacks.rotate();
          rotations++;
        }
        if (killA) {
          a = Node.launch(dataA, portA);
        } else {
          b = launchB(portA, portB);
        }
      }
      a.awaitUp();
      b.awaitUp();
      attacks.finish();
      System.out.printf(
          "%d kills, %d of them while starting; %d rotations; %d sources to be reported, %d"
              + " half-filled%n",
          kills, whileStarting, rotations, attacks.tipped().size(), attacks.halfFilled());

      assertThat(a.nodeId()).isEqualTo(identityA);
      assertThat(b.nodeId()).isEqualTo(identityB);
      assertExactlyOnce(a, attacks.tipped());
      assertAllAt(b, a);

      // The follower stands at the end: what comes now counts once, and nothing else comes.
      String last = "2001:db8:ffff::1";
      long before = a.stored();
      for (int attempt = 0; attempt < Attacks.ATTEMPTS; attempt++) {
        log.append(SshLog.preciseFailure(Instant.now(), last, 50_000 + attempt));
      }
      Node readerA = a;
      await().atMost(Duration.ofSeconds(10)).until(() -> readerA.stored() > before);
      assertThat(a.stored()).isEqualTo(before + 1);
      assertThat(a.newestEvents(1).getFirst().get("source_ip").getAsString()).isEqualTo(last);
    } finally {
      a.close();
      b.close();
      keepLogs();
    }
  }

  private Node startB(int portA, int portB) throws IOException {
    return launchB(portA, portB).awaitUp();
  }

  private Node launchB(int portA, int portB) throws IOException {
    return Node.launch(
        folder.resolve("b"),
        portB,
        "--bootstrap",
        "CONNECT",
        "--seed-ip",
        "127.0.0.1",
        "--seed-port",
        Integer.toString(portA));
  }

  private static long rotationsRead(Node a) throws IOException {
    return a.logLines().stream()
        .filter(line -> line.endsWith("going on with the new file"))
        .count();
  }

  private static void assertExactlyOnce(Node a, Map<String, List<Instant>> tipped) {
    await("all detections")
        .atMost(CATCH_UP)
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(() -> assertThat(wrong(a, tipped)).isEmpty());
  }

  private static List<String> wrong(Node a, Map<String, List<Instant>> tipped) throws IOException {
    Map<String, List<JsonObject>> bySource =
        a.allEvents().stream()
            .collect(Collectors.groupingBy(event -> event.get("source_ip").getAsString()));
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, List<Instant>> source : tipped.entrySet()) {
      List<JsonObject> events = bySource.getOrDefault(source.getKey(), List.of());
      if (events.size() != 1) {
        wrong.add(events.size() + " events of " + source);
        continue;
      }
      JsonObject details = events.getFirst().getAsJsonObject("details");
      // A line counted twice would tip the bucket before the last one.
      if (details.get("count").getAsInt() != Attacks.ATTEMPTS
          || !time(details, "first_seen").equals(source.getValue().getFirst())
          || !time(details, "last_seen").equals(source.getValue().getLast())) {
        wrong.add(source + " was reported as " + details);
      }
    }
    Map<String, List<JsonObject>> unasked = new HashMap<>(bySource);
    unasked.keySet().removeAll(tipped.keySet());
    unasked.forEach((source, events) -> wrong.add(source + " was reported: " + events));
    return wrong;
  }

  private static Instant time(JsonObject details, String field) {
    return Instant.parse(details.get(field).getAsString());
  }

  private static void assertAllAt(Node b, Node a) throws IOException {
    Set<String> ids = ids(a);
    int behind = missing(ids, b).size();
    long begin = System.nanoTime();
    // What a node admits of one reporter bounds how soon a backlog can be made up for.
    await("all events at the other node")
        .atMost(CATCH_UP.plusSeconds(behind / ADMITTED_PER_SECOND))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> missing(ids, b).isEmpty());
    System.out.printf(
        "All %d events at the other node, %d of them within the last %d ms%n",
        ids.size(), behind, (System.nanoTime() - begin) / 1_000_000);
    assertThat(b.allEvents()).hasSize(ids.size());
  }

  private static Set<String> missing(Set<String> ids, Node node) throws IOException {
    Set<String> missing = new HashSet<>(ids);
    missing.removeAll(ids(node));
    return missing;
  }

  private static Set<String> ids(Node node) throws IOException {
    return node.allEvents().stream()
        .map(event -> event.get("id").getAsString())
        .collect(Collectors.toSet());
  }

  /** For who has to find out: the folder itself goes with the test. */
  private void keepLogs() throws IOException {
    Path target = Files.createDirectories(Path.of("target", "crash"));
    for (String node : List.of("a", "b")) {
      Path output = Node.output(folder.resolve(node));
      if (Files.exists(output)) {
        Files.copy(
            output,
            target.resolve(node + ".txt"),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
