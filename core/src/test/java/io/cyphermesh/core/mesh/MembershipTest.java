package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.mesh.Net.Node;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.testing.TestReporter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final TestReporter REPORTER = TestReporter.create();

  private final Net net = new Net(42);

  private void seconds(long count) {
    net.run(Duration.ofSeconds(count));
  }

  private static LinkRole role(Node node, Node peer) {
    return node.links().stream()
        .filter(link -> link.peer().is(peer.id))
        .map(MeshSnapshot.LinkState::role)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aNewcomerJoinsWhomItDials() {
    Node a = net.full("a", "192.0.2.1");
    Node b = net.full("b", "192.0.2.2");
    a.knows(b);
    seconds(1);
    assertThat(a.sent(Message.Join.class)).isEqualTo(1);
    assertThat(role(a, b)).isEqualTo(LinkRole.ACTIVE);
    assertThat(role(b, a)).isEqualTo(LinkRole.ACTIVE);
  }

  @Test
  void whoHasJoinedAsksOthersAsANeighbour() {
    Node a = net.full("a", "192.0.2.1");
    a.knows(net.full("b", "192.0.2.2"));
    seconds(1);
    Node c = net.full("c", "192.0.2.3");
    a.knows(c);
    seconds(1);
    assertThat(a.sent(Message.Neighbor.class)).isEqualTo(1);
    assertThat(role(a, c)).isEqualTo(LinkRole.ACTIVE);
  }

  @Test
  void aNetworkFillsNoMoreThanItsShareOfTheNeighbours() {
    Node a = net.full("a", "192.0.2.1");
    for (int i = 1; i <= 4; i++) {
      net.full("%x".formatted(i), "198.51.100." + i).knows(a);
    }
    seconds(2);
    assertThat(a.links().stream().filter(l -> l.role() == LinkRole.ACTIVE)).hasSize(2);
    assertThat(a.links().stream().filter(l -> l.role() == LinkRole.SYNC)).hasSize(2);
  }

  @Test
  void whomTheOperatorNamedAndWhoHasNoRoomStaysLinkedToReconcile() {
    Node a = net.full("a", "192.0.2.1");
    Node one = net.full("1", "198.51.100.1");
    Node two = net.full("2", "198.51.100.2");
    Node three = net.full("3", "198.51.100.3");
    one.knows(a);
    two.knows(a);
    three.knows(a);
    seconds(30);
    assertThat(three.links()).hasSize(1);
    assertThat(role(three, a)).isEqualTo(LinkRole.SYNC);
  }

  @Test
  void privateAddressesAreNoNetwork() {
    Node a = net.full("a", "192.168.0.1");
    for (int i = 1; i <= 4; i++) {
      net.full("%x".formatted(i), "192.168.0." + (i + 1)).knows(a);
    }
    seconds(2);
    assertThat(a.links()).allSatisfy(l -> assertThat(l.role()).isEqualTo(LinkRole.ACTIVE));
  }

  @Test
  void aRequestOfHighPriorityEvictsOnlyOneAcceptedNeighbourInTenSeconds() {
    Node a = net.full("a", "192.168.0.1");
    for (int i = 0; i < 18; i++) {
      Node n = net.node(new NodeId("%064x".formatted(i + 1)), "192.168.2." + i, Net.SETTINGS);
      n.capabilities = Mesh.CAPABILITIES;
      n.knows(a);
      net.run(Duration.ofMillis(100));
    }
    // Sixteen have room, one evicts another, and one is refused.
    assertThat(a.links().stream().filter(l -> l.role() == LinkRole.ACTIVE)).hasSize(16);
    assertThat(a.sent(Message.Disconnect.class)).isEqualTo(1);
  }

  @Test
  void aNodeThatLacksTheCapabilityIsANeighbourAtOnce() {
    Node a = net.full("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(1);
    assertThat(role(a, b)).isEqualTo(LinkRole.ACTIVE);
    assertThat(a.sent(Message.Join.class) + a.sent(Message.Neighbor.class)).isZero();
  }

  @Test
  void nobodyIsDialledInANetworkThatHasItsShareOfTheNeighbours() {
    Node a = net.full("a", "192.0.2.1");
    net.full("1", "198.51.100.1").knows(a);
    net.full("2", "198.51.100.2").knows(a);
    seconds(1);
    Node third = net.full("3", "198.51.100.3");
    a.input(new Input.AddAddress(third.address, AddressOrigin.LEARNED, Optional.of(third.id)));
    seconds(20);
    assertThat(a.dialTimes).isEmpty();
    assertThat(active(a)).isEqualTo(2);
  }

  /** A node with two accepted neighbours in the network of a third, which it has just asked. */
  private Node askedAThird(AddressOrigin origin, Node third) {
    Node a = net.full("a", "192.0.2.1");
    a.input(new Input.AddAddress(third.address, origin, Optional.of(third.id)));
    net.run(Duration.ofMillis(15));
    Net.End link = a.ends.firstEntry().getValue();
    link.deaf = true;
    net.full("1", "198.51.100.1").knows(a);
    net.full("2", "198.51.100.2").knows(a);
    seconds(1);
    assertThat(active(a)).isEqualTo(2);
    a.input(new Input.Received(link.id, new Message.NeighborReply(true)));
    return a;
  }

  @Test
  void whoAcceptsWhenItsNetworkHasItsShareIsNoNeighbour() {
    Node third = net.full("3", "198.51.100.3");
    Node a = askedAThird(AddressOrigin.LEARNED, third);
    assertThat(active(a)).isEqualTo(2);
    assertThat(a.sent(Message.Disconnect.class)).isEqualTo(1);
    assertThat(closed(a)).contains("as many neighbours as are wanted in its network");
  }

  @Test
  void whomTheOperatorNamedTakesThePlaceOfAnAcceptedOneThere() {
    Node third = net.full("3", "198.51.100.3");
    Node a = askedAThird(AddressOrigin.OPERATOR, third);
    assertThat(active(a)).isEqualTo(2);
    assertThat(role(a, third)).isEqualTo(LinkRole.ACTIVE);
  }

  @Test
  void neighboursThatPartKeepTheLimitOfLinksThatServeReconciliationAlone() {
    MeshSettings s = Net.SETTINGS;
    MeshSettings settings =
        new MeshSettings(
            100,
            s.pingAfter(),
            s.deadAfter(),
            s.contest(),
            s.dialBackoffMin(),
            s.dialBackoffMax(),
            s.amberPeers(),
            s.membership(),
            s.broadcast(),
            s.reconciliation(),
            s.plain());
    Node a = net.node(new NodeId("f".repeat(64)), "192.0.2.1", settings);
    int most = MembershipSettings.DEFAULTS.syncLinks();
    for (int i = 1; i <= most + 1; i++) {
      a.input(
          new Input.LinkUp(
              new LinkId(i),
              new PeerId.Node(new NodeId("%064x".formatted(i))),
              Optional.empty(),
              "198.51.100." + i,
              9001,
              "v2",
              Mesh.CAPABILITIES));
      if (i == 1) {
        a.input(new Input.Received(new LinkId(1), new Message.Join()));
      }
    }
    assertThat(active(a)).isEqualTo(1);
    assertThat(a.links()).hasSize(most + 1);
    a.input(new Input.Received(new LinkId(1), new Message.Disconnect()));
    assertThat(a.links()).hasSize(most);
  }

  private static PeerRecord forged(int number) {
    byte[] der = REPORTER.key().der();
    der[100] = (byte) number;
    return new PeerRecord(
        new HostPort("203.0.113." + number, 9001),
        ReporterKey.ofDer(der).orElseThrow(),
        1,
        new byte[256]);
  }

  @Test
  void walksThatEndedWithAForgedRecordAreForgottenAfterFifteenSeconds() {
    Mesh mesh = new Mesh(Net.SETTINGS, new NodeId("a".repeat(64)), new SplittableRandom(1));
    long now = 1_000_000_000L;
    mesh.step(now, new Input.Tick(0));
    for (int link = 1; link <= 2; link++) {
      mesh.step(
          now,
          new Input.LinkUp(
              new LinkId(link),
              new PeerId.Node(new NodeId("%064x".formatted(link))),
              Optional.empty(),
              "192.168.0." + link,
              9001,
              "v2",
              Mesh.CAPABILITIES));
      mesh.step(now, new Input.Received(new LinkId(link), new Message.Join()));
    }
    for (int i = 1; i <= 40; i++) {
      mesh.step(
          now, new Input.Received(new LinkId(1 + i % 2), new Message.ForwardJoin(forged(i), 0)));
    }
    assertThat(mesh.sizes()).containsEntry("toDial", 32);
    now += Duration.ofSeconds(15).toNanos();
    mesh.step(now, new Input.Tick(15_000));
    assertThat(mesh.sizes()).containsEntry("toDial", 32);
    now += Duration.ofSeconds(1).toNanos();
    mesh.step(now, new Input.Tick(16_000));
    assertThat(mesh.sizes()).containsEntry("toDial", 0);
    mesh.step(now, new Input.Received(new LinkId(1), new Message.ForwardJoin(forged(50), 0)));
    assertThat(mesh.sizes()).containsEntry("toDial", 1);
  }

  private static long active(Node node) {
    return node.links().stream().filter(l -> l.role() == LinkRole.ACTIVE).count();
  }

  private static List<String> closed(Node node) {
    return node.outputs(Output.Close.class).stream().map(Output.Close::reason).toList();
  }

  @Test
  void onlyFourThatLackTheCapabilityAreNeighboursByTheirLinksAlone() {
    Node a = net.full("a", "192.168.0.1");
    for (int i = 1; i <= 6; i++) {
      net.link(net.node("%x".formatted(i), "192.168.1." + i), a, a.address);
    }
    net.run(Duration.ofMillis(15));
    assertThat(a.links()).hasSize(4).allMatch(l -> l.role() == LinkRole.ACTIVE);
    assertThat(closed(a)).containsOnly("no place for another neighbour").hasSize(2);
  }

  @Test
  void norAreThereMoreOfThemInANetworkThanOfOthers() {
    Node a = net.full("a", "192.0.2.1");
    for (int i = 1; i <= 3; i++) {
      net.link(net.node("%x".formatted(i), "198.51.100." + i), a, a.address);
    }
    net.run(Duration.ofMillis(15));
    assertThat(a.links()).hasSize(2).allMatch(l -> l.role() == LinkRole.ACTIVE);
    assertThat(closed(a)).containsExactly("no place for another neighbour");
  }

  @Test
  void whereAllPlacesAreTakenTheyFindNone() {
    Node a = net.full("a", "192.168.0.1");
    for (int i = 0; i < 16; i++) {
      Node n = net.node(new NodeId("%064x".formatted(i + 1)), "192.168.2." + i, Net.SETTINGS);
      n.capabilities = Mesh.CAPABILITIES;
      n.knows(a);
    }
    seconds(1);
    net.link(net.node("b", "192.168.1.1"), a, a.address);
    net.run(Duration.ofMillis(15));
    assertThat(active(a)).isEqualTo(16);
    assertThat(closed(a)).containsExactly("no place for another neighbour");
  }

  @Test
  void whoLacksTheCapabilityAndDialsAgainKeepsItsPlace() {
    Node a = net.full("a", "192.0.2.1");
    Node one = net.node("1", "198.51.100.1");
    net.link(one, a, a.address);
    net.link(net.node("2", "198.51.100.2"), a, a.address);
    seconds(1);
    Net.End fresh = net.link(one, a, a.address);
    seconds(5);
    assertThat(fresh.open).isTrue();
    assertThat(active(a)).isEqualTo(2);
  }

  @Test
  void whoeverWantsToPartIsReplaced() {
    Node a = net.full("a", "192.0.2.1");
    Node b = net.full("b", "192.0.2.2");
    a.input(new Input.AddAddress(b.address, AddressOrigin.LEARNED, Optional.of(b.id)));
    seconds(1);
    a.input(new Input.Received(a.ends.firstEntry().getKey(), new Message.Disconnect()));
    seconds(1);
    assertThat(a.outputs(Output.Close.class))
        .extracting(Output.Close::reason)
        .contains("no longer neighbours");
  }
}
