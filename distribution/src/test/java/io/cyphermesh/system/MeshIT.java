package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten nodes in two rings of five, each ring with a short cut, and two wires between the rings.
 * Nobody tells others of a loopback address, so that each has the neighbours that it was told of.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MeshIT {
  private static final int NODES = 10;
  private static final int HALF = NODES / 2;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The network's own, far above what it takes on an idle machine. */
  private static final Duration SPREAD = Duration.ofSeconds(10);

  /** Older events are compared, and no longer told of. */
  private static final Duration CUT = Duration.ofSeconds(33);

  /** Whoever was away for long is dialled again after as long; on a slow machine all is longer. */
  private static final Duration HEALING = PATIENCE.multipliedBy(3);

  private static final int HOUR_OF_EVENTS = 2_000;
  private static final int BATCH = 40;

  private final int[] ports = new int[NODES];
  private final List<Node> nodes = new ArrayList<>();
  private final List<CutLine> between = new ArrayList<>();
  private Path folder;

  @BeforeAll
  void startAll(@TempDir Path directory) throws IOException {
    folder = directory;
    for (int i = 0; i < NODES; i++) {
      ports[i] = Node.freePort();
    }
    between.add(CutLine.to(ports[0]));
    between.add(CutLine.to(ports[2]));
    // Two at a time: on two cores ten that start at once hold each other up.
    for (int i = 0; i < NODES; i += 2) {
      nodes.add(launch(i));
      nodes.add(launch(i + 1));
      nodes.get(i).awaitUp();
      nodes.get(i + 1).awaitUp();
    }
    addPeer(4, ports[0]);
    addPeer(1, ports[3]);
    addPeer(9, ports[5]);
    addPeer(6, ports[8]);
    addPeer(7, between.getLast().port());
    awaitLinks();
  }

  /** Each but the first knows the one before it; the first of the second ring, the wire. */
  private Node launch(int i) throws IOException {
    Path data = folder.resolve("node-" + i);
    if (i == 0) {
      return Node.launch(data, ports[0]);
    }
    int seed = i == HALF ? between.getFirst().port() : ports[i - 1];
    return Node.launch(
        data,
        ports[i],
        "--bootstrap",
        "CONNECT",
        "--seed-ip",
        "127.0.0.1",
        "--seed-port",
        "" + seed);
  }

  private void addPeer(int node, int port) throws IOException {
    HttpResponse<String> answer =
        nodes.get(node).post("/api/v1/peers", "{\"address\": \"127.0.0.1:" + port + "\"}");
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
  }

  private void awaitLinks() {
    await("all links").atMost(HEALING).until(() -> links() == 2 * (2 * HALF + 2 + between.size()));
  }

  /** The ends of links. */
  private int links() throws IOException {
    int links = 0;
    for (Node node : nodes) {
      links += node.status().get("peersConnected").getAsInt();
    }
    return links;
  }

  @AfterAll
  void stopAll() {
    nodes.forEach(Node::close);
    between.forEach(CutLine::close);
  }

  @Test
  void whatAnyOfTenNodesReportsReachesAllOfThem() throws IOException {
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      long begin = System.nanoTime();
      String id = nodes.get(i).report("spread-" + i);
      awaitAll("the event of node " + i, nodes, Set.of(id), SPREAD);
      took.add(Duration.ofNanos(System.nanoTime() - begin).toMillis());
    }
    took.sort(null);
    System.out.printf(
        "From the report to the last of ten nodes: median %d ms, greatest %d ms%n",
        took.get(NODES / 2), took.getLast());
    for (Node node : nodes) {
      assertThat(node.peers())
          .filteredOn(peer -> peer.get("state").getAsString().equals("CONNECTED"))
          .hasSizeGreaterThanOrEqualTo(2)
          .allSatisfy(peer -> assertThat(peer.get("role").getAsString()).isEqualTo("active"));
      // What changes without a link's coming or going is shown, too.
      await("a score and a round trip")
          .atMost(PATIENCE)
          .until(
              () ->
                  node.peers().stream()
                      .filter(peer -> peer.get("link").isJsonObject())
                      .map(peer -> peer.getAsJsonObject("link"))
                      .anyMatch(
                          link ->
                              link.get("score").getAsLong() > 0
                                  && !link.get("roundTripMillis").isJsonNull()));
    }
  }

  @Test
  void whatHappenedOnBothSidesOfACutIsEverywhereOnceItHealed() throws IOException {
    long links = links();
    for (CutLine line : between) {
      line.cut();
    }
    long cut = System.nanoTime();
    await("the links' end").atMost(PATIENCE).until(() -> links() == links - 2L * between.size());
    Set<String> one = new HashSet<>();
    Set<String> other = new HashSet<>();
    reportOnBothSides("early", one, other);
    passes(CUT, cut);
    reportOnBothSides("late", one, other);
    assertThat(nodes.getFirst().ids()).doesNotContainAnyElementsOf(other);
    assertThat(nodes.getLast().ids()).doesNotContainAnyElementsOf(one);
    long begin = System.nanoTime();
    for (CutLine line : between) {
      line.mend();
    }
    Set<String> all = new HashSet<>(one);
    all.addAll(other);
    awaitAll("the events of both sides", nodes, all, HEALING);
    System.out.printf(
        "From the end of the cut until all had all: %d ms%n",
        Duration.ofNanos(System.nanoTime() - begin).toMillis());
    awaitLinks();
  }

  private static void passes(Duration time, long since) {
    await("time")
        .atMost(time.multipliedBy(2))
        .until(() -> System.nanoTime() - since > time.toNanos());
  }

  private void reportOnBothSides(String what, Set<String> one, Set<String> other)
      throws IOException {
    for (int i = 0; i < NODES; i++) {
      (i < HALF ? one : other).add(nodes.get(i).report(what + "-" + i));
    }
    awaitAll("the events of one side", nodes.subList(0, HALF), one, SPREAD);
    awaitAll("the events of the other", nodes.subList(HALF, NODES), other, SPREAD);
  }

  @Test
  void aNodeThatWasDownForAnHourHasAllOfItWithinAMinute() throws Exception {
    int away = NODES - 1;
    nodes.get(away).stop();
    Set<String> passed = bringIn(away - 1);
    awaitAll("the hour elsewhere", nodes.subList(0, away), passed, PATIENCE);
    passes(CUT, System.nanoTime());
    Node back = launch(away).awaitUp();
    nodes.set(away, back);
    long begin = System.nanoTime();
    awaitAll("what it missed", List.of(back), passed, PATIENCE);
    System.out.printf(
        "From the start until it had the %d events that it missed: %d ms%n",
        passed.size(), Duration.ofNanos(System.nanoTime() - begin).toMillis());
    // The events of the last seconds are pushed or told of; an hour is compared.
    await("the report of the comparison")
        .atMost(PATIENCE)
        .until(() -> back.metric("cyphermesh_reconciled_events_total{direction=\"in\"}") >= 1_900);
    assertThat(back.logLines()).anyMatch(line -> line.contains("caught up with"));
    awaitLinks();
    awaitAll("all of it everywhere", nodes, passed, HEALING);
  }

  /** An hour of others' reports, as an operator would bring them along. */
  private Set<String> bringIn(int node) throws IOException {
    List<TestReporter> reporters =
        IntStream.range(0, 4).mapToObj(_ -> TestReporter.create()).toList();
    Instant start = Instant.now().minus(Duration.ofHours(1));
    List<String> events =
        IntStream.range(0, HOUR_OF_EVENTS)
            .parallel()
            .mapToObj(
                i ->
                    reporters
                        .get(i % reporters.size())
                        .event("198.51.100." + i % 250, start.plusMillis(i * 1_700L))
                        .canonical())
            .toList();
    for (int from = 0; from < HOUR_OF_EVENTS; from += BATCH) {
      HttpResponse<String> answer =
          nodes
              .get(node)
              .post(
                  "/api/v1/import",
                  "{\"events\": [" + String.join(", ", events.subList(from, from + BATCH)) + "]}");
      assertThat(answer.body()).contains("\"new\":" + BATCH);
    }
    return events.stream()
        .map(event -> JsonParser.parseString(event).getAsJsonObject().get("id").getAsString())
        .collect(Collectors.toSet());
  }

  private static void awaitAll(String what, List<Node> nodes, Set<String> ids, Duration patience) {
    for (Node node : nodes) {
      await(what)
          .atMost(patience)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(ids.size() > 100 ? 250 : 10))
          .until(() -> node.has(ids));
    }
  }
}
