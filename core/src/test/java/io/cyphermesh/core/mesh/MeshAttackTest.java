package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.mesh.Net.Node;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.testing.TestReporter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What one peer that means ill, or one that is only slow, must not do to the others. */
class MeshAttackTest {
  private static final int SOME = 60;

  private static TestReporter reporter;

  private final Net net = new Net(42);

  @BeforeAll
  static void makeKeys() {
    reporter = TestReporter.create();
  }

  private void seconds(long count) {
    net.run(Duration.ofSeconds(count));
  }

  private static List<SignedEvent> events(String network, Instant from, int count) {
    List<SignedEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(reporter.event(network + i % 250, from.plusSeconds(i)));
    }
    return events;
  }

  /** Six nodes, the last of which compares nothing with those from index {@code from} on. */
  private List<Node> sixOfWhichOneIsIll(int from) {
    net.setAhead(Duration.ofDays(20_000));
    List<Node> nodes = net.clique(6);
    Node ill = nodes.getLast();
    for (Node node : nodes.subList(from, 5)) {
      node.end(ill).aloof = true;
      ill.end(node).aloof = true;
    }
    return nodes;
  }

  private static long had(Node node, List<SignedEvent> events) {
    return events.stream().filter(e -> node.stored.contains(e.claimedId())).count();
  }

  private static long scoreOf(Node peer, Node at) {
    return at.links().stream()
        .filter(link -> link.peer().is(peer.id))
        .mapToLong(MeshSnapshot.LinkState::score)
        .findFirst()
        .orElseThrow();
  }

  // ---- what is kept from a node

  @Test
  void anEventUnderAnothersIdDoesNotKeepThatOneAway() {
    // Whoever makes up ids could else say of any event that it is not to be asked for.
    net.setAhead(Duration.ofDays(20_000));
    List<Node> nodes = net.clique(6);
    Node victim = nodes.getFirst();
    List<SignedEvent> common =
        events("198.51.100.", net.wallTime().minus(Duration.ofHours(2)), SOME);
    SignedEvent ahead =
        TestReporter.forged(reporter.event("192.0.2.1", net.wallTime().plus(Duration.ofDays(1))));
    victim.refuses =
        event ->
            event.time().orElseThrow().instant().isAfter(net.wallTime())
                ? Optional.of(Input.Refusal.IGNORED)
                : Optional.empty();
    for (SignedEvent event : common) {
      victim.receive(nodes.getLast(), new Message.Event(ahead.withId(event.claimedId()), 1));
    }
    nodes.forEach(node -> node.has(node == victim ? List.of() : common));
    seconds(300);
    assertThat(had(victim, common)).isEqualTo(SOME);
  }

  @Test
  void whoAnnouncesWithoutEndKeepsNobodyFromCatchingUp() {
    // It has nothing of the others, and so announces nothing of theirs to the victim.
    List<Node> nodes = sixOfWhichOneIsIll(0);
    Node victim = nodes.getFirst();
    Node ill = nodes.getLast();
    Instant at = net.wallTime().minus(Duration.ofHours(2));
    List<SignedEvent> common = events("198.51.100.", at, SOME);
    for (Node node : nodes) {
      node.has(node == victim || node == ill ? List.of() : common);
    }
    SignedEvent last = reporter.event("192.0.2.1", at);
    for (int i = 0; i < 25; i++) {
      SignedEvent next = reporter.event("192.0.2.1", at.plusSeconds(i + 1));
      victim.receive(
          ill, new Message.IHave(List.of(new Message.Announced(next.claimedId(), 0)), true));
      seconds(5);
      victim.receive(ill, new Message.Events(List.of(new Message.Event(last, 1))));
      last = next;
      seconds(7);
    }
    assertThat(had(victim, common)).isEqualTo(SOME);
  }

  @Test
  void whoServesHardlyAnythingKeepsNobodyFromCatchingUp() {
    // A peer that sends one event each 25 s of many that it offered, and to the victim alone.
    List<Node> nodes = sixOfWhichOneIsIll(1);
    Node victim = nodes.getFirst();
    Node ill = nodes.getLast();
    Instant at = net.wallTime().minus(Duration.ofHours(2));
    List<SignedEvent> common = events("198.51.100.", at, SOME);
    ill.dripNanos = Duration.ofSeconds(25).toNanos();
    nodes.forEach(node -> node.has(node == ill ? events("203.0.113.", at, 200) : List.of()));
    seconds(180);
    assertThat(victim.stored).isNotEmpty();
    nodes.subList(1, 5).forEach(node -> node.has(common));
    seconds(300);
    assertThat(had(victim, common)).isEqualTo(SOME);
  }

  // ---- what is fetched in vain

  @Test
  void whatIsIgnoredIsNotFetchedFromEachThatAnnouncesIt() {
    List<Node> nodes = net.clique(12);
    Node self = nodes.get(5);
    self.refuses = _ -> Optional.of(Input.Refusal.IGNORED);
    for (int i = 0; i < 30; i++) {
      nodes.getFirst().report(reporter.event("203.0.113." + i, net.wallTime()));
      seconds(2);
    }
    assertThat(self.outputs(Output.Verify.class)).hasSizeLessThan(2 * 30);
  }

  @Test
  void norWhatIsNotTakenForNow() {
    List<Node> nodes = net.clique(12);
    Node self = nodes.get(5);
    self.refuses = _ -> Optional.of(Input.Refusal.LATER);
    for (int i = 0; i < 30; i++) {
      nodes
          .getFirst()
          .report(reporter.event("203.0.113." + i, net.wallTime().minus(Duration.ofDays(2))));
      seconds(2);
    }
    assertThat(self.outputs(Output.Verify.class)).hasSize(30);
  }

  // ---- who is blamed

  @Test
  void bareEventsKeepThePromisesOfThoseWhoAnnouncedThem() {
    // They are announced under another id than they have.
    List<Node> nodes = net.clique(7);
    Instant old = net.wallTime().minus(Duration.ofHours(25));
    for (int i = 0; i < 40; i++) {
      SignedEvent bare =
          reporter.bare(new EventId("%064x".formatted(1_000_000 + i)), "203.0.113." + i, old);
      nodes.getFirst().receive(nodes.getLast(), new Message.Event(bare, 1));
    }
    seconds(90);
    for (Node node : nodes) {
      assertThat(node.stored).hasSize(40);
      assertThat(node.links()).hasSize(6).allSatisfy(l -> assertThat(l.score()).isNotNegative());
      assertThat(node.outputs(Output.Store.class))
          .filteredOn(store -> node != nodes.getFirst())
          .allSatisfy(store -> assertThat(store.route().late()).isTrue());
    }
  }

  @Test
  void whoHasMuchToSendIsGivenTheTime() {
    List<Node> nodes = net.clique(14);
    // All that 13 neighbours ask for at first takes it two minutes.
    net.limitUploads(55);
    for (SignedEvent event :
        events("203.0.113.", net.wallTime().minus(Duration.ofHours(30)), 1_000)) {
      nodes.getFirst().imports(event);
    }
    seconds(600);
    assertThat(nodes)
        .allSatisfy(node -> assertThat(node.stored).hasSize(1_000))
        .allSatisfy(node -> assertThat(node.links()).hasSize(13));
  }

  @Test
  void nobodyIsMadeToPushWhatHeAnnouncedAsOld() {
    // Who announced an event as an old one is asked for it as for an old one.
    List<Node> nodes = net.clique(7);
    Node victim = nodes.getFirst();
    Node ill = nodes.getLast();
    ill.ends.values().forEach(end -> end.deaf = true);
    Instant old = net.wallTime().minus(Duration.ofDays(40));
    for (int i = 0; i < 12; i++) {
      SignedEvent event = reporter.event("203.0.113." + i, old);
      victim.receive(
          ill, new Message.IHave(List.of(new Message.Announced(event.claimedId(), 0)), false));
      nodes.get(2).imports(event);
      seconds(1);
    }
    seconds(20);
    assertThat(victim.stored).hasSize(12);
    for (Node honest : nodes.subList(1, 6)) {
      assertThat(scoreOf(honest, victim)).isNotNegative();
    }
  }

  @Test
  void oldEventsThatNobodyAskedForCostTheLinkHoweverTheyCome() {
    List<Node> nodes = net.clique(6);
    Node victim = nodes.getFirst();
    Node ill = nodes.getLast();
    Instant old = net.wallTime().minus(Duration.ofDays(40));
    for (int part = 0; part < 11 && victim.peers().contains(ill.id); part++) {
      List<Message> many = new ArrayList<>();
      for (SignedEvent event : events("203.0.113.", old.plusSeconds(100L * part), 50)) {
        many.add(new Message.Event(event, 1));
      }
      victim.receive(ill, new Message.Events(many));
      seconds(1);
    }
    assertThat(victim.peers()).doesNotContain(ill.id);
  }

  @Test
  void alsoOverALinkThatIsForCatchUpAlone() {
    List<Node> nodes = net.clique(5);
    Node victim = nodes.getFirst();
    Node ill = net.node(new NodeId("9".repeat(64)), "192.168.0.99", Net.SETTINGS);
    ill.capabilities = Mesh.CAPABILITIES;
    net.link(ill, victim, victim.address);
    seconds(1);
    victim.receive(ill, new Message.Disconnect());
    Instant old = net.wallTime().minus(Duration.ofDays(40));
    for (SignedEvent event : events("203.0.113.", old, 6)) {
      victim.receive(ill, new Message.Event(event, 1));
    }
    seconds(1);
    assertThat(victim.peers()).doesNotContain(ill.id);
  }

  @Test
  void nobodyIsToBlameForWhatWeTake() {
    // A peer whose clock is wrong by weeks, or ours.
    List<Node> nodes = net.clique(6);
    Node self = nodes.getFirst();
    Instant old = net.wallTime().minus(ReconciliationSettings.DEFAULTS.retention()).plusSeconds(60);
    for (SignedEvent event : events("203.0.113.", old, 30)) {
      self.receive(nodes.getLast(), new Message.Event(event, 1));
    }
    assertThat(scoreOf(nodes.getLast(), self)).isNotNegative();
  }

  @Test
  void whereThereAreFewOthersWhoPushesOldOnesIsKept() {
    List<Node> nodes = net.clique(3);
    Node self = nodes.getFirst();
    Node ill = nodes.getLast();
    for (SignedEvent event : events("203.0.113.", net.wallTime().minus(Duration.ofDays(40)), 30)) {
      self.receive(ill, new Message.Event(event, 1));
    }
    seconds(2);
    assertThat(scoreOf(ill, self)).isEqualTo(Scores.WORST);
  }

  @Test
  void whoDoesNotCompareMayPushOldOnes() {
    // Whoever does not compare is sent what he may have missed, and sends it so himself.
    List<Node> nodes = net.clique(5);
    Node self = nodes.getFirst();
    Node other = net.node(new NodeId("9".repeat(64)), "192.168.0.99", Net.SETTINGS);
    other.capabilities = java.util.Set.of(Link.HYPARVIEW, Link.PLUMTREE);
    net.link(other, self, self.address);
    seconds(1);
    for (SignedEvent event : events("203.0.113.", net.wallTime().minus(Duration.ofDays(40)), 30)) {
      self.receive(other, new Message.Event(event, 1));
    }
    assertThat(scoreOf(other, self)).isNotNegative();
  }
}
