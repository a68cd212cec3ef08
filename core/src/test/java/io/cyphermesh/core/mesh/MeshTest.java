package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.Net.Node;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.testing.TestReporter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MeshTest {
  private static final Instant TIME = Instant.parse("2026-11-22T10:00:00Z");

  private static TestReporter reporter;
  private static TestReporter other;

  private final Net net = new Net(42);

  @BeforeAll
  static void makeKeys() {
    reporter = TestReporter.create();
    other = TestReporter.create();
  }

  private static SignedEvent event(String details) {
    return details.isEmpty()
        ? reporter.event("203.0.113.7", TIME)
        : reporter.event("203.0.113.7", TIME, details);
  }

  private void seconds(long count) {
    net.run(Duration.ofSeconds(count));
  }

  /** Nodes in a ring with a chord, all links dialled by the former. */
  private static List<Node> ring(Net net, int size) {
    List<Node> ring = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      ring.add(net.node("%x".formatted(i), "10.0.0." + (i + 1)));
    }
    for (int i = 0; i < size; i++) {
      ring.get(i).knows(ring.get((i + 1) % size));
      ring.get(i).knows(ring.get((i + 3) % size));
    }
    net.run(Duration.ofSeconds(3));
    return ring;
  }

  @Test
  void aFloodReachesAllAndEachStoresItOnce() {
    List<Node> ring = ring(net, 9);
    SignedEvent event = event("");
    ring.getFirst().report(event);
    seconds(2);
    assertThat(ring).allSatisfy(n -> assertThat(n.stored).containsExactly(event.claimedId()));
  }

  @Test
  void anEventNeverGoesBackToWhoeverDeliveredIt() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(1);
    a.report(event(""));
    seconds(1);
    assertThat(b.stored).hasSize(1);
    assertThat(b.sent(Message.Event.class)).isZero();
  }

  @Test
  void norOverASecondLinkToTheSameNode() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    Net.End first = net.link(a, b, b.address);
    net.link(b, a, a.address);
    net.run(Duration.ofMillis(15));
    b.input(
        new Input.EventStored(
            Optional.of(first.other.id), event("").claimedId(), event(""), Route.pushed(1)));
    assertThat(b.sent(Message.Event.class)).isZero();
  }

  @Test
  void hopsAreCountedOnTheWay() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    Node c = net.node("c", "192.0.2.3");
    a.knows(b);
    b.knows(c);
    seconds(1);
    a.report(event(""));
    seconds(1);
    assertThat(c.outputs(Output.Verify.class)).extracting(v -> v.route().hops()).containsExactly(2);
  }

  @Test
  void itsReporterIsNotToldOfItsOwnEvent() {
    Node a = net.node("a", "192.0.2.1");
    Node r = net.node(reporter.id(), "192.0.2.2", Net.SETTINGS);
    a.knows(r);
    seconds(1);
    a.report(event(""));
    assertThat(a.sent(Message.Event.class)).isZero();
  }

  private List<Integer> reach(String details) {
    MeshSettings amber =
        new MeshSettings(
            64,
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Set.of(new NodeId("b".repeat(64)), new NodeId("d".repeat(64))),
            MembershipSettings.DEFAULTS,
            BroadcastSettings.DEFAULTS,
            ReconciliationSettings.DEFAULTS,
            Net.PLAIN);
    Node a = net.node(new NodeId("a".repeat(64)), "192.0.2.1", amber);
    Node b = net.node(new NodeId("b".repeat(64)), "192.0.2.2", amber);
    Node c = net.node(new NodeId("c".repeat(64)), "192.0.2.3", amber);
    Node d = net.node(new NodeId("d".repeat(64)), "192.0.2.4", amber);
    a.knows(b);
    a.knows(c);
    b.knows(d);
    seconds(1);
    a.report(event(details));
    seconds(1);
    return List.of(b.stored.size(), c.stored.size(), d.stored.size());
  }

  @Test
  void clearEventsGoEverywhere() {
    assertThat(reach("{\"tlp\": \"clear\"}")).containsExactly(1, 1, 1);
  }

  @Test
  void greenEventsGoEverywhereOnAuthenticatedLinks() {
    assertThat(reach("{\"tlp\": \"green\"}")).containsExactly(1, 1, 1);
  }

  @Test
  void amberEventsGoToListedPeersAndAreNotRelayed() {
    assertThat(reach("{\"tlp\": \"amber\"}")).containsExactly(1, 0, 0);
  }

  @Test
  void redEventsAndThoseOfUnknownMarkingNeverLeave() {
    assertThat(reach("{\"tlp\": \"red\"}")).containsExactly(0, 0, 0);
  }

  @Test
  void unknownMarkingsNeverLeave() {
    assertThat(reach("{\"tlp\": \"white\"}")).containsExactly(0, 0, 0);
  }

  @Test
  void aMalformedEventCostsItsDeliverer() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(1);
    LinkId link = a.links().getFirst().link();
    a.input(new Input.Received(link, new Message.MalformedEvent("no id")));
    assertThat(a.outputs(Output.Penalise.class))
        .containsExactly(new Output.Penalise(link, b.peer(), "no id"));
  }

  @Test
  void anIdleLinkIsPingedAfterTenSecondsAndLives() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(9);
    assertThat(a.sent(Message.Ping.class) + b.sent(Message.Ping.class)).isZero();
    seconds(2);
    assertThat(a.sent(Message.Ping.class) + b.sent(Message.Ping.class)).isPositive();
    seconds(120);
    assertThat(a.peers()).containsExactly(b.id);
    assertThat(b.peers()).containsExactly(a.id);
  }

  @Test
  void aLinkThatSaysNothingIsDeadAfterTwentyFiveSeconds() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    net.link(a, b, b.address).deaf = true;
    b.answers = false;
    seconds(24);
    assertThat(a.peers()).containsExactly(b.id);
    seconds(2);
    assertThat(a.peers()).isEmpty();
    assertThat(a.outputs(Output.Close.class))
        .singleElement()
        .satisfies(close -> assertThat(close.reason()).contains("25 s"));
  }

  @Test
  void ofTwoLinksByEitherSideTheSmallerIdsDialStays() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    b.knows(a);
    seconds(5);
    assertThat(a.links()).singleElement().matches(MeshSnapshot.LinkState::dialled);
    assertThat(b.links()).singleElement().matches(link -> !link.dialled());
    assertThat(a.ends).hasSize(1);
    seconds(600);
    assertThat(a.dialTimes).hasSize(1);
    assertThat(b.dialTimes).hasSize(1);
  }

  @Test
  void ofTwoLinksByTheSameDiallerTheNewerStays() {
    Node a = net.node("b", "192.0.2.1");
    Node b = net.node("a", "192.0.2.2");
    Net.End old = net.link(a, b, b.address);
    net.run(Duration.ofMillis(100));
    Net.End fresh = net.link(a, b, new HostPort("2001:db8::2", 9001));
    seconds(3);
    assertThat(old.open).isFalse();
    assertThat(fresh.open).isTrue();
    assertThat(a.links()).extracting(MeshSnapshot.LinkState::link).containsExactly(fresh.id);
  }

  @Test
  void ofTwoLinksByTheSameDiallerAtTheSameTimeOneStays() {
    Node a = net.node("b", "192.0.2.1");
    Node b = net.node("a", "192.0.2.2");
    List<Net.End> ends = net.crossed(a, b, b.address, new HostPort("2001:db8::2", 9001));
    seconds(5);
    assertThat(ends).extracting(end -> end.open).containsExactly(false, true);
    assertThat(a.links()).hasSize(1);
    assertThat(b.links()).hasSize(1);
  }

  @Test
  void anOldLinkThatItsDiallerForgotEndsSoonAfterTheNewOneCameUp() {
    Node a = net.node("b", "192.0.2.1");
    Node b = net.node("a", "192.0.2.2");
    Net.End old = net.link(a, b, b.address);
    seconds(1);
    a.input(new Input.LinkDown(old.id, "it was a dream"));
    net.link(a, b, new HostPort("2001:db8::2", 9001));
    seconds(3);
    assertThat(old.open).isFalse();
    assertThat(b.links()).hasSize(1);
  }

  @Test
  void thePreferredLinkThatDoesNotAnswerWithinTwoSecondsLoses() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    Net.End preferred = net.link(a, b, b.address);
    preferred.deaf = true;
    preferred.other.deaf = true;
    Net.End spare = net.link(b, a, a.address);
    seconds(1);
    assertThat(preferred.open).isTrue();
    assertThat(spare.open).isTrue();
    seconds(2);
    assertThat(preferred.open).isFalse();
    assertThat(spare.open).isTrue();
    assertThat(a.peers()).containsExactly(b.id);
  }

  @Test
  void ofThreeLinksByTheSameDiallerOneStaysAlsoWhereTheNewestEndsFirst() {
    Node a = net.node("b", "192.0.2.1");
    Node b = net.node("a", "192.0.2.2");
    for (int link = 1; link <= 3; link++) {
      b.input(
          new Input.LinkUp(
              new LinkId(link), a.peer(), Optional.empty(), "192.0.2.1", 9001, "v2", Set.of()));
    }
    b.input(new Input.LinkDown(new LinkId(3), "gone"));
    seconds(3);
    assertThat(b.links()).hasSize(1);
  }

  @Test
  void aLinkToOneselfIsClosedAndNeverDialledAgain() {
    Node a = net.node("a", "192.0.2.1");
    a.knows(a);
    seconds(1_000);
    assertThat(a.dialTimes).hasSize(1);
    assertThat(a.links()).isEmpty();
    assertThat(a.ends).isEmpty();
    assertThat(a.outputs(Output.Close.class))
        .extracting(Output.Close::reason)
        .anyMatch(reason -> reason.contains("cloned"));
  }

  @Test
  void anAddressThatIsForgottenIsDialledNoMore() {
    Node a = net.node("a", "192.0.2.1");
    HostPort nobody = new HostPort("192.0.2.99", 9001);
    a.input(new Input.AddAddress(nobody, AddressOrigin.OPERATOR, Optional.empty()));
    seconds(100);
    assertThat(a.dialTimes).isNotEmpty();
    a.input(new Input.ForgetAddress(nobody));
    int dials = a.dialTimes.size();
    seconds(10_000);
    assertThat(a.dialTimes).hasSize(dials);
    assertThat(a.mesh.snapshot().addresses()).isEmpty();
  }

  @Test
  void anAddressWithALinkIsNotForgotten() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(3);
    a.input(new Input.ForgetAddress(b.address));
    assertThat(a.links()).hasSize(1);
    a.input(new Input.LinkDown(a.mesh.snapshot().links().getFirst().link(), "gone"));
    assertThat(a.mesh.snapshot().addresses())
        .extracting(MeshSnapshot.AddressState::address)
        .containsExactly(b.address);
  }

  private static PeerRecord record(TestReporter who, String host, long seq) {
    return PeerRecord.sign(new HostPort(host, 9001), seq, who.identity());
  }

  private Node told(String selfHost, String peerHost, PeerRecord... records) {
    Node a = net.node("a", selfHost);
    Node b = net.node("b", peerHost);
    a.knows(b);
    seconds(1);
    a.input(new Input.PeersVerified(a.links().getFirst().link(), List.of(records)));
    return a;
  }

  private static List<String> addresses(Node node) {
    return node.mesh.snapshot().addresses().stream().map(s -> s.address().host()).toList();
  }

  @Test
  void aNodeLearnsOfOthersAndDialsThem() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node(reporter.id(), "192.0.2.2", Net.SETTINGS);
    Node c = net.node("c", "192.0.2.3");
    b.input(new Input.OwnRecord(record(reporter, "192.0.2.2", 1)));
    b.knows(c);
    seconds(1);
    a.knows(c);
    seconds(301);
    assertThat(a.peers()).containsExactlyInAnyOrder(b.id, c.id);
  }

  @Test
  void privateAddressesAreLearnedOverPrivateLinksOnly() {
    Node outside =
        told(
            "192.0.2.1", "192.0.2.2", record(reporter, "10.0.0.9", 1), record(other, "fd00::9", 1));
    assertThat(addresses(outside)).isEmpty();
  }

  @Test
  void privateAddressesAreLearnedOverPrivateLinks() {
    assertThat(addresses(told("10.0.0.1", "10.0.0.2", record(reporter, "10.0.0.9", 1))))
        .containsExactly("10.0.0.9");
  }

  @Test
  void loopbackAndItsKindAreNeverLearned() {
    assertThat(
            addresses(
                told(
                    "10.0.0.1",
                    "10.0.0.2",
                    record(reporter, "127.0.0.1", 1),
                    record(reporter, "::1", 1),
                    record(reporter, "169.254.0.1", 1),
                    record(reporter, "fe80::1", 1),
                    record(reporter, "224.0.0.1", 1))))
        .isEmpty();
  }

  @Test
  void privateAddressesAreToldOverPrivateLinksOnly() {
    Node a = net.node(reporter.id(), "10.0.0.1", Net.SETTINGS);
    a.input(new Input.OwnRecord(record(reporter, "10.0.0.1", 1)));
    a.input(new Input.OwnRecord(record(reporter, "192.0.2.1", 1)));
    Node near = net.node("b", "10.0.0.2");
    Node far = net.node("c", "192.0.2.3");
    near.knows(a);
    far.knows(a);
    seconds(1);
    assertThat(near.outputs(Output.VerifyPeers.class).getFirst().records())
        .extracting(r -> r.address().host())
        .containsExactly("10.0.0.1", "192.0.2.1");
    assertThat(far.outputs(Output.VerifyPeers.class).getFirst().records())
        .extracting(r -> r.address().host())
        .containsExactly("192.0.2.1");
  }

  @Test
  void peersThatNobodyAskedForAreNotLookedAt() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(1);
    int looked = a.outputs(Output.VerifyPeers.class).size();
    a.input(
        new Input.Received(
            a.links().getFirst().link(),
            new Message.Peers(List.of(record(reporter, "192.0.2.9", 1)))));
    assertThat(a.outputs(Output.VerifyPeers.class)).hasSize(looked);
  }

  @Test
  void whoeverAsksForPeersAgainAndAgainIsAnsweredOnceAMinute() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(1);
    long answered = a.sent(Message.Peers.class);
    LinkId link = a.links().getFirst().link();
    for (int i = 0; i < 100; i++) {
      a.input(new Input.Received(link, new Message.PeersWanted(100)));
    }
    assertThat(a.sent(Message.Peers.class)).isEqualTo(answered);
    seconds(60);
    a.input(new Input.Received(link, new Message.PeersWanted(100)));
    assertThat(a.sent(Message.Peers.class)).isEqualTo(answered + 1);
  }

  @Test
  void nobodyTakesOverTheAddressOfANodeThatIsThere() {
    TestReporter victim = reporter;
    Node a = told("192.0.2.1", "192.0.2.2", record(victim, "192.0.2.9", 1));
    a.input(
        new Input.PeersVerified(
            a.links().getFirst().link(), List.of(record(other, "192.0.2.9", 1_000))));
    assertThat(a.mesh.snapshot().addresses())
        .singleElement()
        .satisfies(state -> assertThat(state.nodeId()).contains(victim.id()));
  }

  @Test
  void whereNobodyAnswersAnotherNodeMayMoveIn() {
    Node a = told("192.0.2.1", "192.0.2.2", record(reporter, "198.51.100.9", 1_000));
    seconds(5);
    a.input(
        new Input.PeersVerified(
            a.links().getFirst().link(), List.of(record(other, "198.51.100.9", 1))));
    assertThat(a.mesh.snapshot().addresses())
        .singleElement()
        .satisfies(state -> assertThat(state.nodeId()).contains(other.id()));
  }

  @Test
  void failedDialsBackOffFromASecondToFiveMinutes() {
    Node a = net.node("a", "192.0.2.1");
    a.input(
        new Input.AddAddress(
            new HostPort("192.0.2.99", 9001), AddressOrigin.OPERATOR, Optional.empty()));
    net.run(Duration.ofHours(2));
    List<Long> times = a.dialTimes;
    assertThat(times).hasSizeGreaterThan(25);
    long tick = 510_000_000L;
    for (int i = 1; i < times.size(); i++) {
      long pause = times.get(i) - times.get(i - 1);
      long full = Math.min(300_000_000_000L, 2_000_000_000L << Math.min(i - 1, 10));
      assertThat(pause).as("pause %d", i).isBetween(full / 2, full + tick);
    }
    long late = times.stream().skip(10).distinct().count();
    assertThat(late).isEqualTo(times.size() - 10L);
  }

  @Test
  void aPeerThatHangsUpAtOnceIsNotDialledAtFullSpeed() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    b.input(new Input.Ignore(a.peer(), "banned"));
    a.knows(b);
    net.run(Duration.ofMinutes(10));
    assertThat(a.dialTimes).hasSizeLessThan(15);
  }

  @Test
  void anIgnoredPeersLinkIsClosedAndItIsNotDialled() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(6);
    a.input(new Input.Ignore(b.peer(), "banned"));
    seconds(600);
    assertThat(a.links()).isEmpty();
    assertThat(a.dialTimes).hasSize(1);
    net.link(b, a, a.address);
    seconds(1);
    assertThat(a.links()).isEmpty();
    a.input(new Input.Restore(b.peer()));
    seconds(300);
    assertThat(a.peers()).containsExactly(b.id);
  }

  @Test
  void aPassingBlockPasses() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.knows(b);
    seconds(6);
    a.input(new Input.Ignore(b.peer(), "too many", Optional.of(Duration.ofHours(1))));
    net.run(Duration.ofMinutes(59));
    assertThat(a.links()).isEmpty();
    assertThat(a.dialTimes).hasSize(1);
    net.run(Duration.ofMinutes(2));
    assertThat(a.peers()).containsExactly(b.id);
  }

  @Test
  void anOperatorsAddressIsDialledWhoeverIsThere() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.input(
        new Input.AddAddress(
            b.address, AddressOrigin.OPERATOR, Optional.of(new NodeId("9".repeat(64)))));
    seconds(1);
    assertThat(a.outputs(Output.Dial.class))
        .containsExactly(new Output.Dial(b.address, new DialPolicy.AnyNode()));
    assertThat(a.peers()).containsExactly(b.id);
    assertThat(a.outputs(Output.Remember.class))
        .containsExactly(new Output.Remember(b.address, b.id, AddressOrigin.OPERATOR));
  }

  @Test
  void aLearnedAddressIsDialledForTheNodeThatIsSaidToBeThere() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.input(
        new Input.AddAddress(
            b.address, AddressOrigin.LEARNED, Optional.of(new NodeId("9".repeat(64)))));
    seconds(1);
    assertThat(a.outputs(Output.Dial.class).getFirst().policy())
        .isEqualTo(new DialPolicy.OnlyNode(new NodeId("9".repeat(64))));
    assertThat(a.peers()).isEmpty();
  }

  @Test
  void aNewIdAtALearnedAddressCountsWhereTheOldOneCannotBeReached() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.input(
        new Input.AddAddress(
            b.address, AddressOrigin.LEARNED, Optional.of(new NodeId("9".repeat(64)))));
    seconds(1);
    a.input(new Input.AddAddress(b.address, AddressOrigin.LEARNED, Optional.of(b.id)));
    seconds(1);
    assertThat(a.peers()).containsExactly(b.id);
  }

  @Test
  void addressesThatNobodyNamedDoNotFillTheMemory() {
    Node a = net.node("a", "192.0.2.1");
    for (int port = 1; port <= 3_000; port++) {
      a.input(
          new Input.AddAddress(
              new HostPort("192.0.2.9", port), AddressOrigin.LEARNED, Optional.empty()));
    }
    int kept = a.mesh.snapshot().addresses().size();
    assertThat(kept).isLessThanOrEqualTo(1_000);
    a.input(
        new Input.AddAddress(
            new HostPort("192.0.2.9", 9001), AddressOrigin.OPERATOR, Optional.empty()));
    assertThat(a.mesh.snapshot().addresses()).hasSize(kept + 1);
  }

  @Test
  void onlySoManyLearnedAddressesAreDialled() {
    Node a = net.node("0", "192.0.2.1");
    for (int i = 1; i < 12; i++) {
      Node peer = net.node("%x".formatted(i), "192.168.0." + i);
      a.input(new Input.AddAddress(peer.address, AddressOrigin.LEARNED, Optional.of(peer.id)));
    }
    seconds(30);
    assertThat(a.links()).hasSize(MembershipSettings.DEFAULTS.dialledMost());
  }

  @Test
  void beyondTheMostLinksAcceptedOnesAreClosed() {
    MeshSettings few =
        new MeshSettings(
            2,
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Set.of(),
            MembershipSettings.DEFAULTS,
            BroadcastSettings.DEFAULTS,
            ReconciliationSettings.DEFAULTS,
            Net.PLAIN);
    Node a = net.node(new NodeId("0".repeat(64)), "192.0.2.1", few);
    for (int i = 1; i < 4; i++) {
      net.link(net.node("%x".formatted(i), "198.51.100." + i), a, a.address);
    }
    seconds(1);
    assertThat(a.links()).hasSize(2);
  }

  private static LinkId comes(Node node, int number, String host) {
    LinkId link = new LinkId(number);
    node.input(
        new Input.LinkUp(
            link,
            new PeerId.Node(new NodeId("%064x".formatted(number))),
            Optional.empty(),
            host,
            9001,
            "v2",
            Mesh.CAPABILITIES));
    return link;
  }

  @Test
  void whereAllLinksAreTakenTheMostCrowdedNetworkGivesOneUpToOthers() {
    Node a = net.node(new NodeId("f".repeat(64)), "192.0.2.1", Net.SETTINGS);
    for (int i = 1; i <= Net.SETTINGS.maxLinks(); i++) {
      comes(a, i, "198.51.100." + i);
    }
    LinkId another = comes(a, 100, "203.0.113.1");
    assertThat(closed(a, another)).isFalse();
    assertThat(a.links()).hasSize(Net.SETTINGS.maxLinks());
    assertThat(closed(a, comes(a, 101, "198.51.100.101"))).isTrue();
    assertThat(a.links()).hasSize(Net.SETTINGS.maxLinks());
    assertThat(closed(a, another)).isFalse();
  }

  @Test
  void noneIsGivenUpToOneThatFindsNoPlaceThen() {
    Node a = net.node(new NodeId("f".repeat(64)), "192.0.2.1", Net.SETTINGS);
    for (int i = 1; i <= 4; i++) {
      net.link(net.node("%x".formatted(i), "192.168.0." + i), a, a.address);
    }
    net.run(Duration.ofMillis(15));
    for (int i = 5; i <= Net.SETTINGS.maxLinks(); i++) {
      comes(a, 100 + i, "198.51.100." + i);
    }
    net.link(net.node("5", "192.168.0.5"), a, a.address);
    net.run(Duration.ofMillis(15));
    assertThat(a.outputs(Output.Close.class))
        .singleElement()
        .matches(close -> close.reason().equals("as many links as are allowed"));
    assertThat(a.links()).hasSize(Net.SETTINGS.maxLinks());
  }

  @Test
  void onlySoManyBansAreRememberedAndTheOneThatEndsFirstIsForgotten() {
    Node a = net.node("a", "192.0.2.1");
    Node brief = net.node("b", "192.0.2.2");
    Node lasting = net.node("c", "192.0.2.3");
    a.input(new Input.Ignore(lasting.peer(), "banned"));
    a.input(new Input.Ignore(brief.peer(), "too many", Optional.of(Duration.ofHours(1))));
    for (int i = 2; i <= Blocks.MOST; i++) {
      a.input(new Input.Ignore(new PeerId.Node(new NodeId("%064x".formatted(i))), "banned"));
    }
    assertThat(a.mesh.sizes()).containsEntry("banned", Blocks.MOST);
    net.link(brief, a, a.address);
    net.link(lasting, a, a.address);
    seconds(1);
    assertThat(a.peers()).containsExactly(brief.id);
  }

  @Test
  void theSameSeedGivesTheSameTrace() {
    assertThat(traceOf(7)).isEqualTo(traceOf(7)).isNotEqualTo(traceOf(8));
  }

  private static List<String> traceOf(long seed) {
    Net net = new Net(seed);
    List<Node> ring = ring(net, 6);
    ring.getFirst()
        .input(
            new Input.AddAddress(
                new HostPort("192.0.2.77", 1), AddressOrigin.OPERATOR, Optional.empty()));
    ring.getFirst().report(event(""));
    net.run(Duration.ofMinutes(2));
    ring.get(2).input(new Input.Ignore(ring.get(3).peer(), "banned"));
    net.run(Duration.ofMinutes(2));
    return net.trace;
  }

  // ---- plain links

  private static final PeerId HOST = new PeerId.PlainHost("192.0.2.50");

  private LinkId plainLink(Node node, int number, Optional<HostPort> dialled) {
    LinkId link = new LinkId(100 + number);
    node.input(new Input.LinkUp(link, HOST, dialled, "192.0.2.50", 0, "v1", Set.of()));
    return link;
  }

  private List<LinkId> beaten(Node node) {
    return node.outputs(Output.Send.class).stream()
        .filter(send -> send.message() instanceof Message.Heartbeat)
        .flatMap(send -> send.links().stream())
        .toList();
  }

  private boolean closed(Node node, LinkId link) {
    return node.outputs(Output.Close.class).stream().anyMatch(close -> close.link().equals(link));
  }

  @Test
  void aPlainLinkGetsAHeartbeatAtOnceAndEveryThirtySecondsAndNothingElse() {
    Node a = net.node("a", "192.0.2.1");
    LinkId link = plainLink(a, 1, Optional.empty());
    for (int i = 0; i < 9; i++) {
      seconds(10);
      a.input(new Input.Received(link, new Message.Heartbeat()));
    }
    assertThat(beaten(a)).hasSize(1 + 3);
    assertThat(a.sent(Message.Ping.class)).isZero();
    assertThat(a.sent(Message.PeersWanted.class)).isZero();
  }

  @Test
  void ninetyFiveSecondsOfSilenceEndAPlainLink() {
    Node a = net.node("a", "192.0.2.1");
    LinkId link = plainLink(a, 1, Optional.empty());
    seconds(94);
    assertThat(closed(a, link)).isFalse();
    seconds(2);
    assertThat(closed(a, link)).isTrue();
  }

  @Test
  void anEventFromOnePlainLinkGoesToTheOthersOfItsAddress() {
    Node a = net.node("a", "192.0.2.1");
    LinkId from = plainLink(a, 1, Optional.empty());
    LinkId other = plainLink(a, 2, Optional.empty());
    SignedEvent event = event("");
    a.input(new Input.EventStored(Optional.of(from), event.claimedId(), event, Route.pushed(1)));
    assertThat(
            a.outputs(Output.Send.class).stream().filter(s -> s.message() instanceof Message.Event))
        .singleElement()
        .satisfies(send -> assertThat(send.links()).containsExactly(other));
  }

  @Test
  void onlyClearEventsWithoutASignedDetailGoOverPlainLinks() {
    Mesh mesh = net.node("a", "192.0.2.1").mesh;
    assertThat(mesh.maySee(HOST, event(""), true)).isTrue();
    assertThat(mesh.maySee(HOST, event("{\"tlp\": \"clear\", \"count\": 1}"), true)).isTrue();
    assertThat(mesh.maySee(HOST, event("{\"tlp\": \"green\"}"), true)).isFalse();
    assertThat(mesh.maySee(HOST, event("{\"tlp\": \"amber\"}"), true)).isFalse();
    assertThat(mesh.maySee(HOST, event("{\"tlp\": \"odd\"}"), true)).isFalse();
    assertThat(mesh.maySee(HOST, event("{\"retracts\": \"x\"}"), true)).isFalse();
  }

  @Test
  void anIgnoredAddressLosesItsPlainLinksAndNoOthers() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.50");
    b.knows(a);
    seconds(1);
    LinkId plain = plainLink(a, 1, Optional.empty());
    a.input(new Input.Ignore(HOST, "banned", Optional.of(Duration.ofHours(24))));
    assertThat(closed(a, plain)).isTrue();
    assertThat(closed(a, plainLink(a, 2, Optional.empty()))).isTrue();
    seconds(1);
    assertThat(a.peers()).containsExactly(b.id);
    net.run(Duration.ofHours(24));
    assertThat(closed(a, plainLink(a, 3, Optional.empty()))).isFalse();
  }

  private DialPolicy policy(AddressOrigin origin, Optional<NodeId> nodeId, boolean v1) {
    MeshSettings s = Net.SETTINGS;
    MeshSettings settings =
        new MeshSettings(
            s.maxLinks(),
            s.pingAfter(),
            s.deadAfter(),
            s.contest(),
            s.dialBackoffMin(),
            s.dialBackoffMax(),
            s.amberPeers(),
            MembershipSettings.DEFAULTS,
            BroadcastSettings.DEFAULTS,
            ReconciliationSettings.DEFAULTS,
            new PlainSettings(v1, Net.PLAIN.heartbeat(), Net.PLAIN.silence()));
    Node a = net.node(new NodeId("a".repeat(64)), "192.0.2.1", settings);
    a.input(new Input.AddAddress(new HostPort("192.0.2.99", 9001), origin, nodeId));
    return a.outputs(Output.Dial.class).getFirst().policy();
  }

  @Test
  void plainIsTriedOnlyWhereTheOperatorOrTheLanNamedAPlaceWithoutANode() {
    Optional<NodeId> id = Optional.of(new NodeId("9".repeat(64)));
    DialPolicy plainToo = new DialPolicy.AnyNodeElsePlain();
    DialPolicy only = new DialPolicy.OnlyNode(id.get());
    assertThat(policy(AddressOrigin.OPERATOR, Optional.empty(), true)).isEqualTo(plainToo);
    assertThat(policy(AddressOrigin.LAN, Optional.empty(), true)).isEqualTo(plainToo);
    assertThat(policy(AddressOrigin.LEARNED, Optional.empty(), true))
        .isEqualTo(new DialPolicy.AnyNode());
    assertThat(policy(AddressOrigin.OPERATOR, id, true)).isEqualTo(new DialPolicy.AnyNode());
    assertThat(policy(AddressOrigin.LAN, id, true)).isEqualTo(only);
    assertThat(policy(AddressOrigin.OPERATOR, Optional.empty(), false))
        .isEqualTo(new DialPolicy.AnyNode());
  }

  @Test
  void anAddressWhoseNodeIsSaidLaterIsNotDialledPlainAgain() {
    Node a = net.node("a", "192.0.2.1");
    HostPort address = new HostPort("192.0.2.99", 9001);
    a.input(new Input.AddAddress(address, AddressOrigin.LAN, Optional.empty()));
    seconds(10);
    NodeId id = new NodeId("9".repeat(64));
    a.input(new Input.AddAddress(address, AddressOrigin.LAN, Optional.of(id)));
    a.input(new Input.AddAddress(address, AddressOrigin.LAN, Optional.empty()));
    seconds(10);
    assertThat(a.outputs(Output.Dial.class).getLast().policy())
        .isEqualTo(new DialPolicy.OnlyNode(id));
  }

  @Test
  void whereAPlainLinkWasDialledTlsIsTriedAgainAndTakesItsPlace() {
    Node a = net.node("a", "192.0.2.1");
    HostPort address = new HostPort("192.0.2.50", 9001);
    LinkId dialled = plainLink(a, 1, Optional.of(address));
    LinkId accepted = plainLink(a, 2, Optional.empty());
    for (int i = 0; i < 59; i++) {
      seconds(10);
      a.input(new Input.Received(dialled, new Message.Heartbeat()));
      a.input(new Input.Received(accepted, new Message.Heartbeat()));
    }
    assertThat(a.outputs(Output.Dial.class)).isEmpty();
    seconds(11);
    assertThat(a.outputs(Output.Dial.class))
        .containsExactly(new Output.Dial(address, new DialPolicy.AnyNode()));
    assertThat(closed(a, dialled)).isFalse();
    a.input(
        new Input.LinkUp(
            new LinkId(103),
            new PeerId.Node(new NodeId("9".repeat(64))),
            Optional.of(address),
            "192.0.2.50",
            9001,
            "v2",
            Set.of()));
    assertThat(closed(a, dialled)).isTrue();
    assertThat(closed(a, accepted)).isFalse();
  }

  @Test
  void packetsOfTheLanDoNotFillTheBookWithoutEnd() {
    Node a = net.node("a", "192.0.2.1");
    for (int port = 1; port < 3_000; port++) {
      a.input(
          new Input.AddAddress(
              new HostPort("192.0.2.99", port), AddressOrigin.LAN, Optional.empty()));
    }
    assertThat(a.mesh.snapshot().addresses()).hasSizeLessThanOrEqualTo(1_000);
  }

  @Test
  void theBookIsRememberedEveryFiveMinutesAndAtTheEndOnceItWasRecalled() {
    Node a = net.node("a", "192.0.2.1");
    a.input(new Input.Stopping());
    net.run(Duration.ofMinutes(20));
    assertThat(a.outputs(Output.RememberAll.class)).isEmpty();
    a.input(new Input.Recall(List.of()));
    Node b = net.node("b", "192.0.2.2");
    a.input(new Input.AddAddress(b.address, AddressOrigin.LAN, Optional.empty()));
    net.run(Duration.ofMinutes(11));
    a.input(new Input.Stopping());
    assertThat(a.outputs(Output.RememberAll.class)).hasSize(3);
    assertThat(a.outputs(Output.RememberAll.class).getLast().addresses())
        .singleElement()
        .matches(each -> each.address().equals(b.address) && each.tried());
  }

  @Test
  void whatIsRecalledIsDialled() {
    Node a = net.node("a", "192.0.2.1");
    Node b = net.node("b", "192.0.2.2");
    a.input(
        new Input.Recall(
            List.of(
                new Remembered(
                    b.address,
                    AddressOrigin.LEARNED,
                    Optional.of(b.id),
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    false,
                    true,
                    0))));
    seconds(1);
    assertThat(a.peers()).containsExactly(b.id);
  }
}
