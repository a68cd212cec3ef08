package io.cyphermesh.original;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.PeerView;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of this build and original ones in one network. */
@Timeout(120)
class MixedNetworkTest {
  private static final Duration NEVER_HERE = Duration.ofMinutes(10);

  @TempDir Path folder;
  private static OriginalKey key;

  @BeforeAll
  static void makeKey() {
    key = OriginalKey.of(2048);
  }

  private static Map<String, String> event(String sourceIp) {
    return key.event(sourceIp, local());
  }

  /** A stamp as an original node two hours ahead of UTC writes it. */
  private static String local() {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss")
        .withZone(ZoneOffset.ofHours(2))
        .format(Instant.now());
  }

  private static void awaitPlain(OurNode node) {
    await().until(() -> !node.plainLinks().isEmpty());
  }

  @Test
  void anOriginalNodeThatDialsUsAndSaysNothingExchangesEventsWithUs() throws Exception {
    try (OurNode ours = OurNode.start(folder.resolve("a"));
        OriginalNode original = new OriginalNode(NEVER_HERE)) {
      OriginalNode.Line line = original.dial(ours.address());
      awaitPlain(ours);

      original.report(event("203.0.113.1"));
      await().until(() -> ours.has("203.0.113.1"));
      EventView received = ours.event("203.0.113.1").orElseThrow();
      assertThat(received.timeApproximate()).isTrue();
      assertThat(received.bare()).isFalse();

      String id = ours.report("203.0.113.2", "{\"count\": 3}");
      await().until(() -> original.seen().contains(id));
      assertThat(original.refused()).isEmpty();
      await().until(() -> line.heartbeats() > 1);
      assertThat(ours.plainScore()).isZero();
    }
  }

  @Test
  void anOriginalNodeThatWeDialExchangesEventsWithUs() throws Exception {
    try (OurNode ours = OurNode.start(folder.resolve("a"));
        OriginalNode original = new OriginalNode(NEVER_HERE)) {
      ours.dial(original.address());
      awaitPlain(ours);
      PeerView peer = ours.plainLinks().getFirst();
      assertThat(peer.nodeId()).isEmpty();
      assertThat(peer.address()).contains(original.address().toString());
      assertThat(peer.direction()).contains("outbound");

      original.report(event("203.0.113.1"));
      await().until(() -> ours.has("203.0.113.1"));
      String id = ours.report("203.0.113.2", "");
      await().until(() -> original.seen().contains(id));
    }
  }

  @Test
  void anOriginalNodeThatAnswersAClientHelloWithItsHeartbeatIsDialledPlain() throws Exception {
    try (OurNode ours = OurNode.start(folder.resolve("a"), true, "limits.transport.answer = 30s");
        OriginalNode original = new OriginalNode(Duration.ofMillis(500))) {
      ours.dial(original.address());
      awaitPlain(ours);
    }
  }

  @Test
  void anOriginalNodeBetweenTwoOfOursDeliversBothWays() throws Exception {
    try (OurNode a = OurNode.start(folder.resolve("a"));
        OurNode b = OurNode.start(folder.resolve("b"));
        OriginalNode middle = new OriginalNode(Duration.ofSeconds(30))) {
      a.dial(middle.address());
      middle.dial(b.address());
      awaitPlain(a);
      awaitPlain(b);

      String withDetails = a.report("203.0.113.1", "{\"count\": 3}");
      a.report("203.0.113.2", "");
      b.report("203.0.113.3", "{\"confidence\": 90}");
      await().until(() -> b.has("203.0.113.1") && b.has("203.0.113.2") && a.has("203.0.113.3"));

      EventView bare = b.event("203.0.113.1").orElseThrow();
      assertThat(bare.bare()).isTrue();
      assertThat(bare.id()).isEqualTo(withDetails).isNotEqualTo(bare.key());
      assertThat(b.event("203.0.113.2").orElseThrow().bare()).isFalse();
      assertThat(a.rejected() + b.rejected()).isZero();
      assertThat(middle.refused()).isEmpty();

      // Once they meet, the full event takes the place of the bare one.
      a.dial(b.address());
      await().until(() -> b.event("203.0.113.1").filter(event -> !event.bare()).isPresent());
      assertThat(b.events()).hasSize(3);
    }
  }

  @Test
  void whatComesOverPlainLinksGoesOnOverTls() throws Exception {
    try (OurNode a = OurNode.start(folder.resolve("a"));
        OurNode b = OurNode.start(folder.resolve("b"));
        OriginalNode original = new OriginalNode(Duration.ofSeconds(30))) {
      b.dial(a.address());
      original.dial(a.address());
      awaitPlain(a);
      await().until(() -> !b.securedLinks().isEmpty());

      original.report(event("203.0.113.1"));
      await().until(() -> b.has("203.0.113.1"));
      String id = b.report("203.0.113.2", "{\"tlp\": \"clear\"}");
      await().until(() -> original.seen().contains(id));
    }
  }

  @Test
  void onlyClearEventsGoOverPlainLinksAndNoRetractions() throws Exception {
    try (OurNode ours = OurNode.start(folder.resolve("a"));
        OriginalNode original = new OriginalNode(NEVER_HERE)) {
      original.dial(ours.address());
      awaitPlain(ours);

      String green = ours.report("203.0.113.1", "{\"tlp\": \"green\"}");
      String retraction = ours.report("203.0.113.2", "{\"retracts\": \"" + "a".repeat(64) + "\"}");
      String clear = ours.report("203.0.113.3", "");
      await().until(() -> original.seen().contains(clear));

      assertThat(original.seen()).doesNotContain(green, retraction);
      assertThat(original.refused()).isEmpty();
    }
  }

  @Test
  void whatWasStoredBeforeTheLinkIsMadeUpForWithItsMarkingsKept() throws Exception {
    try (OurNode ours = OurNode.start(folder.resolve("a"));
        OriginalNode original = new OriginalNode(NEVER_HERE)) {
      String green = ours.report("203.0.113.1", "{\"tlp\": \"green\"}");
      String clear = ours.report("203.0.113.2", "");
      original.dial(ours.address());
      await().until(() -> original.seen().contains(clear));
      assertThat(original.seen()).doesNotContain(green);
    }
  }

  @Test
  void aSilentLinkEnds() throws Exception {
    try (OurNode ours = OurNode.start(folder.resolve("a"), true, "limits.plain.silence = 2s");
        OriginalNode original = new OriginalNode(NEVER_HERE)) {
      OriginalNode.Line line = original.dial(ours.address());
      awaitPlain(ours);
      await().until(() -> !line.isOpen());
    }
  }

  @Test
  void oneAddressHasOnlySoManyLinks() throws Exception {
    try (OurNode ours =
            OurNode.start(folder.resolve("a"), true, "limits.plain.links-per-address = 2");
        OriginalNode original = new OriginalNode(Duration.ofMillis(200))) {
      for (int i = 0; i < 4; i++) {
        original.dial(ours.address());
      }
      await().until(() -> ours.plainLinks().size() == 2 && original.open() == 2);
    }
  }

  @Test
  void whereVersionOneIsNotAcceptedNeitherSideLinks() throws Exception {
    try (OurNode ours = OurNode.start(folder.resolve("a"), false, "");
        OriginalNode original = new OriginalNode(Duration.ofMillis(100))) {
      OriginalNode.Line line = original.dial(ours.address());
      await().until(() -> !line.isOpen());

      ours.dial(original.address());
      await()
          .until(
              () ->
                  ours.peers().stream().anyMatch(peer -> peer.lastError().isPresent())
                      && original.everyone().size() > 2);
      assertThat(ours.plainLinks()).isEmpty();
    }
  }

  @Test
  void whereTlsHasSucceededPlainIsNeverTried() throws Exception {
    int port;
    try (OurNode a = OurNode.start(folder.resolve("a"))) {
      try (OurNode b = OurNode.start(folder.resolve("b"))) {
        a.dial(b.address());
        await().until(() -> !a.securedLinks().isEmpty());
        port = b.address().port();
      }
      // Whoever has the address now knows no TLS.
      try (Impostor impostor = new Impostor(port)) {
        await().until(() -> impostor.callers() >= 3);
        assertThat(impostor.plainCallers()).isZero();
        assertThat(a.plainLinks()).isEmpty();
      }
    }
  }
}
