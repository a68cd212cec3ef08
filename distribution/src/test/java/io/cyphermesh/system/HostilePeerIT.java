package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer that lies, against a whole node. */
@Tag("system")
class HostilePeerIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private Node node;

  @BeforeEach
  void startNode() throws IOException {
    node = Node.start(folder.resolve("node"), 0);
  }

  @AfterEach
  void stopNode() {
    node.close();
  }

  private long score(Stranger stranger) throws IOException, GeneralSecurityException {
    return peer(stranger).map(peer -> peer.get("reputation").getAsLong()).orElse(0L);
  }

  private boolean banned(Stranger stranger) throws IOException, GeneralSecurityException {
    return peer(stranger).map(peer -> peer.get("banned").getAsBoolean()).orElse(false);
  }

  private Optional<JsonObject> peer(Stranger stranger)
      throws IOException, GeneralSecurityException {
    String id = stranger.nodeId();
    return node.peers().stream()
        .filter(peer -> !peer.get("nodeId").isJsonNull())
        .filter(peer -> peer.get("nodeId").getAsString().equals(id))
        .findFirst();
  }

  @Test
  void aForgerIsBlamedAndBannedAndItsVictimIsNot() throws Exception {
    Stranger mallory = Stranger.fresh();
    Stranger victim = Stranger.fresh();
    try (Stranger.Line line = mallory.connect(node.port()).hello()) {
      line.await("HELLO");
      line.frame("event", victim.event("192.0.2.1"));
      await().atMost(SOON).until(() -> score(victim) == 1);
      assertThat(score(mallory)).isZero();

      for (int i = 1; i <= 3; i++) {
        line.frame("event", victim.forgedBy(mallory, "192.0.2.10" + i));
        long expected = -3L * i;
        await().atMost(SOON).until(() -> score(mallory) == expected);
      }
      assertThat(banned(mallory)).isFalse();
      line.roundTrip(7);

      line.frame("event", victim.forgedBy(mallory, "192.0.2.104"));
      assertThat(line.isClosedWithin(SOON)).isTrue();
    }
    await().atMost(SOON).until(() -> banned(mallory));
    assertThat(score(mallory)).isEqualTo(-12);
    assertThat(score(victim)).isEqualTo(1);
    assertThat(node.stored()).isEqualTo(1);
    assertRefused(mallory, victim);

    int port = node.port();
    node.stop();
    node = Node.start(node.data(), port);
    assertThat(banned(mallory)).isTrue();
    assertThat(node.status().get("peersBanned").getAsInt()).isEqualTo(1);
    assertRefused(mallory, victim);
    assertThat(score(mallory)).isEqualTo(-12);

    // Its victim, who was named in every forgery, is as welcome as anybody.
    try (Stranger.Line line = victim.connect(node.port()).hello()) {
      line.await("HELLO");
      line.frame("event", victim.event("192.0.2.2"));
      await().atMost(SOON).until(() -> score(victim) == 2);
    }
  }

  private void assertRefused(Stranger banned, Stranger reporter) throws Exception {
    long stored = node.stored();
    try (Stranger.Line line = banned.connect(node.port())) {
      try {
        line.hello().frame("event", reporter.event("192.0.2.66"));
      } catch (IOException e) {
        // Closed before we had said anything: refused as well.
      }
      assertThat(line.isClosedWithin(SOON)).isTrue();
    }
    assertThat(node.stored()).isEqualTo(stored);
  }

  @Test
  void aTorrentOfForgeriesEndsTheLinkAndIsNoTorrentInTheLog() throws Exception {
    Stranger mallory = Stranger.fresh();
    Stranger victim = Stranger.fresh();
    String forgery = victim.forgedBy(mallory, "192.0.2.1");
    try (Stranger.Line line = mallory.connect(node.port()).hello()) {
      line.await("HELLO");
      int before = node.logLines().size();
      try {
        for (int i = 0; i < 3_000; i++) {
          line.frame("event", forgery);
        }
      } catch (IOException e) {
        // Banned meanwhile.
      }
      assertThat(line.isClosedWithin(SOON)).isTrue();
      await().atMost(SOON).until(() -> banned(mallory));
      List<String> lines = node.logLines();
      // The first forgery, the ban, the end of the link.
      assertThat(lines.subList(before, lines.size())).hasSizeLessThanOrEqualTo(3);
    }
    assertThat(node.stored()).isZero();
  }

  @Test
  void redAndAmberNeverLeaveTheNode() throws Exception {
    Stranger early = Stranger.fresh();
    try (Stranger.Line line = early.connect(node.port()).hello()) {
      line.await("HELLO");
      for (String tlp : new String[] {"red", "amber", "green", "clear"}) {
        report(tlp);
      }
      report("last");
      assertThat(sourcesUntilLast(line)).containsExactlyInAnyOrder("green", "clear", "last");
    }
    // What is made up for is chosen in another place than what is passed on at once.
    Stranger late = Stranger.fresh();
    try (Stranger.Line line = late.connect(node.port()).hello()) {
      assertThat(sourcesUntilLast(line)).containsExactlyInAnyOrder("green", "clear", "last");
    }
    assertThat(node.stored()).isEqualTo(5);
  }

  private void report(String name) throws IOException {
    String tlp = name.equals("last") ? "clear" : name;
    assertThat(
            node.post(
                    "/api/v1/events",
                    "{\"source_ip\": \""
                        + name
                        + ".example\", \"threat_type\": \"t\", \"severity\": \"low\", \"details\":"
                        + " {\"tlp\": \""
                        + tlp
                        + "\"}}")
                .statusCode())
        .isEqualTo(201);
  }

  private static Set<String> sourcesUntilLast(Stranger.Line line) throws IOException {
    Set<String> sources = new HashSet<>();
    while (!sources.contains("last")) {
      String source = line.await("event").getAsJsonObject("payload").get("source_ip").getAsString();
      sources.add(source.replace(".example", ""));
    }
    return sources;
  }
}
