package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight nodes on hosts of their own, of which all but the first know only that one: the others'
 * addresses come by the mesh.
 */
@Tag("system")
class NamespacesIT {
  private static final int NODES = 8;
  private static final int HALF = NODES / 2;

  /** Half of the others, and less than the mesh aims at. */
  private static final int ENOUGH = 4;

  private static final Duration SPREAD = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final List<Node> nodes = new ArrayList<>();
  private Hosts hosts;

  @TempDir Path directory;

  @BeforeEach
  void startAll() throws Exception {
    assumeTrue(Hosts.allowed(), "network namespaces cannot be made here");
    hosts = Hosts.make(NODES);
    // Two at a time: on two cores eight that start at once hold each other up.
    for (int i = 0; i < NODES; i += 2) {
      nodes.add(i == 0 ? launch(i) : launch(i, "--seed-ip", hosts.address(0)));
      nodes.add(launch(i + 1, "--seed-ip", hosts.address(0)));
      nodes.get(i).awaitUp();
      nodes.get(i + 1).awaitUp();
    }
    awaitNeighbours(nodes, ENOUGH);
  }

  private Node launch(int i, String... arguments) throws IOException {
    return Node.launch(hosts, i, directory.resolve("node-" + i), arguments);
  }

  @AfterEach
  void stopAll() {
    nodes.forEach(Node::close);
    if (hosts != null) {
      hosts.close();
    }
  }

  @Test
  void theyFindEachOtherAndStandCrashesAndCuts() throws Exception {
    Set<String> all = new HashSet<>();
    for (int i = 0; i < NODES; i++) {
      all.add(nodes.get(i).report("spread-" + i));
    }
    awaitAll(nodes, all, SPREAD);

    // The one that all were told of is among those that crash.
    for (Node node : nodes.subList(0, HALF + 1)) {
      node.kill();
    }
    List<Node> left = nodes.subList(HALF + 1, NODES);
    all.add(left.getFirst().report("crashed"));
    awaitAll(left, all, SPREAD);

    for (int i = 0; i <= HALF; i++) {
      nodes.set(i, launch(i));
    }
    for (Node node : nodes) {
      node.awaitUp();
    }
    awaitAll(nodes, all, PATIENCE);
    awaitNeighbours(nodes, ENOUGH);

    hosts.part(HALF);
    List<Node> one = nodes.subList(0, HALF);
    List<Node> other = nodes.subList(HALF, NODES);
    await("the links' end")
        .atMost(PATIENCE)
        .until(() -> mostNeighbours(one) < HALF && mostNeighbours(other) < HALF);
    Set<String> ones = Set.of(one.getFirst().report("one"), one.getLast().report("one"));
    Set<String> others = Set.of(other.getFirst().report("other"), other.getLast().report("other"));
    awaitAll(one, ones, SPREAD);
    awaitAll(other, others, SPREAD);
    assertThat(one.getFirst().ids()).doesNotContainAnyElementsOf(others);

    hosts.join();
    long begin = System.nanoTime();
    all.addAll(ones);
    all.addAll(others);
    awaitAll(nodes, all, PATIENCE);
    System.out.printf(
        "From the end of the cut until all had all: %d ms%n",
        Duration.ofNanos(System.nanoTime() - begin).toMillis());
    awaitNeighbours(nodes, ENOUGH);
  }

  private static void awaitNeighbours(List<Node> nodes, int least) {
    for (Node node : nodes) {
      await("neighbours").atMost(PATIENCE).until(() -> neighbours(node) >= least);
    }
  }

  private static int mostNeighbours(List<Node> nodes) throws IOException {
    int most = 0;
    for (Node node : nodes) {
      most = Math.max(most, neighbours(node));
    }
    return most;
  }

  private static int neighbours(Node node) throws IOException {
    int neighbours = 0;
    for (JsonObject peer : node.peers()) {
      if (peer.get("state").getAsString().equals("CONNECTED")
          && peer.get("role").getAsString().equals("active")) {
        neighbours++;
      }
    }
    return neighbours;
  }

  private static void awaitAll(List<Node> nodes, Set<String> ids, Duration patience) {
    for (Node node : nodes) {
      await("these events").atMost(patience).until(() -> node.has(ids));
    }
  }
}
