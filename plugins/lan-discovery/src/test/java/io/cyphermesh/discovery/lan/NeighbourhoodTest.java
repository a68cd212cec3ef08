package io.cyphermesh.discovery.lan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NeighbourhoodTest {
  private final FakeNode node = new FakeNode("5", 9001, "").at("2026-01-01T00:00:00Z");
  private final List<Subnet> networks =
      new ArrayList<>(List.of(new Subnet(address("192.0.2.5"), 24)));
  private final Neighbourhood neighbours =
      new Neighbourhood(node, now -> networks, new SplittableRandom(7));

  @Test
  void aPingIsDueAtTheStartAlsoWithLinks() {
    node.alone = false;
    assertThat(said(Duration.ofMinutes(2))).containsExactly("0 PING");
  }

  @Test
  void whileAloneAPingIsDueEvery30Seconds() {
    assertThat(said(Duration.ofSeconds(95)))
        .containsExactly("0 PING", "30 PING", "60 PING", "90 PING");
  }

  @Test
  void whoIsAloneAgainPingsAtOnce() {
    said(Duration.ofSeconds(10));
    node.alone = false;
    assertThat(said(Duration.ofSeconds(50))).isEmpty();
    node.alone = true;
    assertThat(said(Duration.ofSeconds(3))).containsExactly("0 PING");
  }

  @Test
  void aPingThatReachedNobodyIsTriedAgainSoon() {
    neighbours.said(neighbours.due().orElseThrow(), false);
    node.alone = false;
    assertThat(said(Duration.ofSeconds(40))).containsExactly("2 PING");
  }

  @Test
  void aPingIsAnsweredWithinTheJitter() {
    said(Duration.ofSeconds(10));
    hear("192.0.2.9", "PING", "other", 9001);
    assertThat(said(Duration.ofSeconds(5))).containsExactly("0 PONG");
    assertThat(node.found).containsExactly("192.0.2.9:9001");
  }

  @Test
  void aPongIsBelievedAndNotAnswered() {
    said(Duration.ofSeconds(10));
    hear("192.0.2.9", "PONG", "other", 9001);
    assertThat(said(Duration.ofSeconds(10))).isEmpty();
    assertThat(node.found).containsExactly("192.0.2.9:9001");
  }

  @Test
  void howeverManyPingOneAnswerIn5SecondsIsAllTheyGet() {
    said(Duration.ofSeconds(1));
    node.alone = false;
    List<Duration> pongs = new ArrayList<>();
    for (Duration t = Duration.ZERO; t.compareTo(Duration.ofMinutes(1)) < 0; t = t.plusMillis(50)) {
      hear("192.0.2." + (6 + t.toMillis() / 50 % 200), "PING", "other", 9001);
      Optional<Packet> due = neighbours.due();
      if (due.isPresent()) {
        pongs.add(t);
        neighbours.said(due.get(), true);
      }
      node.advance(Duration.ofMillis(50));
    }
    assertThat(pongs).hasSizeBetween(10, 12);
    for (int i = 1; i < pongs.size(); i++) {
      assertThat(pongs.get(i).minus(pongs.get(i - 1)))
          .isBetween(Duration.ofSeconds(5), Duration.ofMillis(5_550));
    }
  }

  @Test
  void aPingInTheQuietTimeIsAnsweredAfterIt() {
    said(Duration.ofSeconds(10));
    hear("192.0.2.9", "PING", "other", 9001);
    said(Duration.ofSeconds(2));
    hear("192.0.2.10", "PING", "another", 9001);
    assertThat(said(Duration.ofSeconds(9))).containsExactly("3 PONG");
  }

  @Test
  void aNodeOfOursIsFoundWithItsId() {
    hear("192.0.2.9", Packet.ours(Packet.Type.PONG, new FakeNode("7", 1, "").self(), 9002));
    assertThat(node.found).containsExactly("192.0.2.9:9002 7");
  }

  @Test
  void ourOwnPacketsAreNobodys() {
    hear("192.0.2.5", Packet.ours(Packet.Type.PING, node.self(), 9001));
    hear("192.0.2.9", "PING", node.self().hex(), 9002);
    hear("192.0.2.9", new Packet(Packet.Type.PING, "x", 9003, Optional.of(node.self())));
    hear("192.0.2.5", "PING", "somebody", 9001);
    assertThat(node.found).isEmpty();
    assertThat(said(Duration.ofSeconds(10))).containsExactly("0 PING");
  }

  @Test
  void anotherNodeOfThisHostIsANeighbour() {
    hear("192.0.2.5", "PING", "other", 9002);
    assertThat(node.found).containsExactly("192.0.2.5:9002");
  }

  @Test
  void onlySourcesOnOurNetworksAreHeard() {
    for (String source :
        List.of(
            "198.51.100.9",
            "192.0.2.0",
            "192.0.2.255",
            "255.255.255.255",
            "127.0.0.1",
            "224.0.0.251",
            "0.0.0.0")) {
      hear(source, "PING", "other", 9001);
    }
    assertThat(node.found).isEmpty();
    networks.add(new Subnet(address("198.51.100.1"), 24));
    hear("198.51.100.9", "PING", "other", 9001);
    assertThat(node.found).containsExactly("198.51.100.9:9001");
  }

  @Test
  void aSourceIsBelievedOnceAMinuteWhateverPortItNames() {
    for (int port = 1; port <= 100; port++) {
      hear("192.0.2.9", "PING", "other", port);
    }
    assertThat(node.found).containsExactly("192.0.2.9:1");
    node.advance(Duration.ofMinutes(1));
    hear("192.0.2.9", "PING", "other", 7);
    assertThat(node.found).containsExactly("192.0.2.9:1", "192.0.2.9:7");
  }

  @Test
  void aFloodOfForgedSourcesIsBounded() {
    networks.add(new Subnet(address("10.0.0.1"), 8));
    for (int i = 0; i < 10_000; i++) {
      hear("10.1.%d.%d".formatted(i / 200, 1 + i % 200), "PONG", "n" + i, 9001);
      node.advance(Duration.ofMillis(5));
    }
    assertThat(node.found).hasSize(Neighbourhood.MOST_SOURCES);
    assertThat(node.lines()).hasSize(Neighbourhood.MOST_SOURCES);
    node.advance(Duration.ofMinutes(1));
    hear("192.0.2.9", "PONG", "honest", 9001);
    assertThat(node.found).last().isEqualTo("192.0.2.9:9001");
  }

  @Test
  void beyondSoManyPacketsASecondNoneIsLookedInto() {
    for (int i = 0; i < Neighbourhood.MOST_PACKETS; i++) {
      hear("192.0.2.9", "garbage".getBytes(StandardCharsets.UTF_8));
    }
    hear("192.0.2.9", "PONG", "other", 9001);
    assertThat(node.found).isEmpty();
    node.advance(Duration.ofSeconds(1));
    hear("192.0.2.9", "PONG", "other", 9001);
    assertThat(node.found).hasSize(1);
  }

  @Test
  void aNeighbourIsLoggedOnce() {
    for (int i = 0; i < 5; i++) {
      hear("192.0.2.9", "PONG", "other", 9001);
      node.advance(Duration.ofMinutes(1));
    }
    assertThat(node.found).hasSize(5);
    assertThat(node.lines())
        .containsExactly("a neighbour at 192.0.2.9:9001: perhaps an original node");
  }

  @Test
  void aClockThatIsSetBackSilencesNobody() {
    said(Duration.ofSeconds(1));
    hear("192.0.2.9", "PING", "other", 9001);
    node.advance(Duration.ofDays(-1));
    assertThat(said(Duration.ofSeconds(2))).containsExactly("0 PONG", "0 PING");
    hear("192.0.2.9", "PING", "other", 9001);
    assertThat(node.found).hasSize(2);
  }

  /** What is broadcast within {@code time}, with the seconds since now. */
  private List<String> said(Duration time) {
    List<String> said = new ArrayList<>();
    for (Duration t = Duration.ZERO; t.compareTo(time) < 0; t = t.plusMillis(50)) {
      for (Optional<Packet> due = neighbours.due(); due.isPresent(); due = neighbours.due()) {
        said.add(t.toSeconds() + " " + due.get().type());
        neighbours.said(due.get(), true);
      }
      assertThat(neighbours.quiet()).isBetween(Duration.ZERO, Duration.ofSeconds(1));
      node.advance(Duration.ofMillis(50));
    }
    return said;
  }

  private void hear(String source, String type, String sender, int port) {
    hear(
        source,
        "{\"type\": \"%s\", \"node_id\": \"%s\", \"tcp_port\": %d}"
            .formatted(type, sender, port)
            .getBytes(StandardCharsets.UTF_8));
  }

  private void hear(String source, Packet packet) {
    hear(source, packet.bytes());
  }

  private void hear(String source, byte[] datagram) {
    neighbours.heard(address(source), ByteBuffer.wrap(datagram));
  }

  private static Inet4Address address(String text) {
    return Inet4Address.ofLiteral(text);
  }
}
