package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.mesh.Net.Node;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.testing.TestReporter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BroadcastTest {
  private static final Instant TIME = Instant.parse("2026-11-22T10:00:00Z");

  private static TestReporter reporter;

  private final Net net = new Net(42);

  @BeforeAll
  static void makeKeys() {
    reporter = TestReporter.create();
  }

  private static SignedEvent event(int number) {
    return reporter.event("203.0.113." + number, TIME);
  }

  private void seconds(long count) {
    net.run(Duration.ofSeconds(count));
  }

  private static long sent(List<Node> nodes, Class<? extends Message> type) {
    return nodes.stream().mapToLong(n -> n.sent(type)).sum();
  }

  /** A file of them would be more than the live rates let through. */
  @Test
  void whatAnOperatorBringsAlongIsAskedForAndJudgedAsLate() {
    List<Node> nodes = net.clique(4);
    long before = sent(nodes, Message.Event.class);
    for (int i = 0; i < 200; i++) {
      nodes.getFirst().imports(event(i));
    }
    seconds(5);
    assertThat(nodes).allSatisfy(n -> assertThat(n.stored).hasSize(200));
    assertThat(sent(nodes, Message.Event.class)).isEqualTo(before);
    assertThat(nodes.subList(1, 4))
        .allSatisfy(
            n ->
                assertThat(n.outputs)
                    .filteredOn(Output.Store.class::isInstance)
                    .allSatisfy(o -> assertThat(((Output.Store) o).route().late()).isTrue()));
  }

  @Test
  void ownEventsOfYesterdayAreOldOnes() {
    List<Node> nodes = net.clique(4);
    Instant now = net.wallTime();
    nodes.getFirst().report(reporter.event("203.0.113.1", now.minus(Duration.ofHours(25))));
    seconds(5);
    assertThat(nodes).allSatisfy(n -> assertThat(n.stored).hasSize(1));
    assertThat(sent(nodes, Message.Event.class)).isZero();
    nodes.getFirst().report(reporter.event("203.0.113.1", now.minus(Duration.ofHours(23))));
    seconds(5);
    assertThat(nodes).allSatisfy(n -> assertThat(n.stored).hasSize(2));
    assertThat(sent(nodes, Message.Event.class)).isEqualTo(3);
  }

  @Test
  void soAreThoseThatSomebodyPushed() {
    List<Node> nodes = net.clique(4);
    SignedEvent event = reporter.event("203.0.113.1", net.wallTime().minus(Duration.ofHours(25)));
    Node pushed = nodes.getLast();
    pushed.receive(nodes.getFirst(), new Message.Event(event, 1));
    seconds(5);
    assertThat(nodes).allSatisfy(n -> assertThat(n.stored).hasSize(1));
    assertThat(sent(nodes, Message.Event.class)).isZero();
    assertThat(pushed.links()).allSatisfy(link -> assertThat(link.score()).isZero());
  }

  @Test
  void whoPushesWhatIsFarTooOldIsLeft() {
    List<Node> nodes = net.clique(5);
    Node self = nodes.getFirst();
    Node ill = nodes.getLast();
    Instant old = net.wallTime().minus(Duration.ofDays(40));
    for (int i = 0; i < 6; i++) {
      assertThat(self.peers()).contains(ill.id);
      SignedEvent event = reporter.event("203.0.113." + i, old);
      self.receive(ill, new Message.Event(event, 1));
      seconds(1);
    }
    assertThat(self.peers()).doesNotContain(ill.id);
  }

  /** An operator may have imported them, and who may see them is not told in advance. */
  @Test
  void butNobodyIsToBlameForOldOnesThatOnlySomeMaySee() {
    List<Node> nodes = net.clique(5);
    Node self = nodes.getFirst();
    Instant old = net.wallTime().minus(Duration.ofDays(20));
    for (int i = 0; i < 10; i++) {
      self.receive(
          nodes.getLast(),
          new Message.Event(reporter.event("203.0.113." + i, old, "{\"tlp\": \"amber\"}"), 1));
    }
    assertThat(self.links()).allSatisfy(link -> assertThat(link.score()).isNotNegative());
  }

  @Test
  void onceTheTreeIsThereEachEventCrossesEachOfItsLinksOnce() {
    List<Node> nodes = net.clique(6);
    for (int i = 0; i < 10; i++) {
      nodes.getFirst().report(event(i));
      seconds(2);
    }
    long before = sent(nodes, Message.Event.class);
    nodes.getFirst().report(event(100));
    seconds(2);
    assertThat(nodes).allSatisfy(n -> assertThat(n.stored).hasSize(11));
    assertThat(sent(nodes, Message.Event.class) - before).isEqualTo(5);
  }

  @Test
  void whatTheTreeLosesIsAskedForAndTheTreeIsMended() {
    Node a = net.full("a", "192.0.2.1");
    Node b = net.full("b", "192.0.2.2");
    Node c = net.full("c", "192.0.2.3");
    b.knows(a);
    c.knows(a);
    c.knows(b);
    seconds(2);
    for (int i = 0; i < 3; i++) {
      a.report(event(i));
      seconds(2);
    }
    // All of the tree's links of c go away without a word.
    c.ends.values().forEach(end -> end.deaf = true);
    a.report(event(50));
    net.run(Duration.ofMillis(300));
    c.ends.values().forEach(end -> end.deaf = false);
    a.report(event(51));
    seconds(40);
    assertThat(c.stored).contains(event(51).claimedId());
  }

  @Test
  void aNewNeighbourIsToldOfTheNewestEventsAndAsksForThem() {
    Node a = net.full("a", "192.0.2.1");
    SignedEvent event = event(1);
    a.report(event);
    seconds(5);
    Node b = net.full("b", "192.0.2.2");
    b.knows(a);
    seconds(5);
    assertThat(b.stored).containsExactly(event.claimedId());
    assertThat(b.sent(Message.Want.class)).isEqualTo(1);
  }

  @Test
  void butNotOfThoseThatAreOlder() {
    Node a = net.full("a", "192.0.2.1");
    a.report(event(1));
    seconds(40);
    Node b = net.full("b", "192.0.2.2");
    b.knows(a);
    seconds(5);
    assertThat(a.sent(Message.IHave.class)).isZero();
    assertThat(b.stored).isEmpty();
  }

  @Test
  void whoKeepsAnnouncingWhatHeNeverDeliversIsLeft() {
    Node a = net.full("a", "192.0.2.1");
    Node liar = net.full("b", "192.0.2.2");
    a.knows(liar);
    seconds(2);
    // He is the only one there is: it takes more.
    for (int i = 0; i < 40; i++) {
      Net.End end = liar.ends.values().iterator().next();
      a.input(
          new Input.Received(
              end.other.id,
              new Message.IHave(
                  List.of(new Message.Announced(new EventId("%064x".formatted(i)), 1)), false)));
      seconds(1);
    }
    seconds(40);
    assertThat(a.links()).isEmpty();
    assertThat(a.outputs(Output.Close.class))
        .extracting(Output.Close::reason)
        .contains(Mesh.TOO_LOW);
  }

  @Test
  void anAnnouncedEventThatIsStoredIsNotAskedFor() {
    Node a = net.full("a", "192.0.2.1");
    Node b = net.full("b", "192.0.2.2");
    a.knows(b);
    seconds(2);
    SignedEvent event = event(1);
    a.report(event);
    seconds(60);
    a.input(
        new Input.Received(
            a.ends.firstEntry().getKey(),
            new Message.IHave(List.of(new Message.Announced(event.claimedId(), 1)), false)));
    seconds(5);
    assertThat(a.sent(Message.Graft.class)).isZero();
  }

  @Test
  void lateAnnouncementsAreAskedForAtOnceAndOfOnePeerAlone() {
    Node a = net.full("a", "192.0.2.1");
    Node b = net.full("b", "192.0.2.2");
    Node c = net.full("c", "192.0.2.3");
    a.knows(b);
    a.knows(c);
    seconds(2);
    SignedEvent event = event(1);
    for (Node holder : List.of(b, c)) {
      holder.stored.add(event.claimedId());
      holder.events.put(event.claimedId(), event);
      Net.End end = holder.ends.values().iterator().next();
      a.input(
          new Input.Received(
              end.other.id,
              new Message.IHave(List.of(new Message.Announced(event.claimedId(), 1)), true)));
    }
    seconds(1);
    assertThat(a.stored).containsExactly(event.claimedId());
    assertThat(a.sent(Message.Want.class)).isEqualTo(1);
    assertThat(b.outputs(Output.Deliver.class).size() + c.outputs(Output.Deliver.class).size())
        .isEqualTo(1);
  }

  @Test
  void amberGoesToThoseWhoMayHaveItAndIsNeverAnnounced() {
    List<Node> nodes = net.clique(3);
    nodes.getFirst().report(reporter.event("203.0.113.7", TIME, "{\"tlp\": \"amber\"}"));
    seconds(5);
    assertThat(sent(nodes, Message.IHave.class)).isZero();
    assertThat(nodes.get(1).stored).isEmpty();
  }
}
