package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.mesh.LinkRole;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.mesh.MeshSnapshot.AddressState;
import io.cyphermesh.core.mesh.MeshSnapshot.LinkState;
import io.cyphermesh.core.peer.LinkTraffic;
import io.cyphermesh.core.view.LinkView;
import io.cyphermesh.core.view.PeerView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerListTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final NodeId SELF = node(0);

  private final PeerList peers =
      new PeerList(
          List.of(),
          SELF,
          NOW,
          nanos -> NOW.minusNanos(nanos),
          link ->
              link.number() == 1
                  ? Optional.of(new LinkTraffic(2_048, 512, 5, 4, 3, 1, 7))
                  : Optional.empty());

  private static NodeId node(int number) {
    return new NodeId("%064x".formatted(number));
  }

  private static HostPort address(int number) {
    return new HostPort("192.0.2." + number, 9001);
  }

  private static LinkState link(int number, PeerId peer, LinkRole role) {
    return new LinkState(
        new LinkId(number),
        peer,
        true,
        address(number),
        "cyphermesh/0.1.0",
        5,
        role,
        role == LinkRole.ACTIVE,
        number == 1 ? OptionalLong.of(23_500_000) : OptionalLong.empty(),
        -4);
  }

  private static AddressState address(int number, Optional<NodeId> node, boolean dialling) {
    return new AddressState(
        address(number), node, AddressOrigin.OPERATOR, dialling, Optional.empty());
  }

  private List<PeerView> of(
      List<LinkState> links, List<AddressState> addresses, List<NodeId> reserve) {
    return peers.of(new MeshSnapshot(links, addresses, reserve), 500);
  }

  @Test
  void aLinkIsShownWithItsRoleRoundTripTrafficAndScore() {
    List<PeerView> shown =
        of(
            List.of(
                link(1, new PeerId.Node(node(1)), LinkRole.ACTIVE),
                link(2, new PeerId.Node(node(2)), LinkRole.SYNC),
                link(3, new PeerId.PlainHost("192.0.2.3"), LinkRole.PLAIN)),
            List.of(),
            List.of());

    assertThat(shown.getFirst().link())
        .contains(new LinkView("active", true, Optional.of(23.5), 2_048, 512, 3, 1, -4));
    assertThat(shown.get(1).link())
        .contains(new LinkView("sync", false, Optional.empty(), 0, 0, 0, 0, -4));
    assertThat(shown)
        .flatExtracting(peer -> peer.role().stream().toList())
        .containsExactly("active", "sync", "v1");
  }

  @Test
  void theReserveIsPassiveWithOrWithoutAnAddress() {
    List<PeerView> shown =
        of(
            List.of(),
            List.of(address(1, Optional.of(node(1)), false), address(2, Optional.empty(), false)),
            List.of(node(3), node(1), SELF));

    assertThat(shown)
        .extracting(PeerView::nodeId)
        .containsExactly(Optional.of(node(1).hex()), Optional.of(node(3).hex()), Optional.empty());
    assertThat(shown)
        .extracting(PeerView::role)
        .containsExactly(Optional.of("passive"), Optional.of("passive"), Optional.empty());
  }

  @Test
  void whoIsLinkedIsNotInReserveAsWell() {
    List<PeerView> shown =
        of(List.of(link(1, new PeerId.Node(node(1)), LinkRole.SYNC)), List.of(), List.of(node(1)));

    assertThat(shown).singleElement().extracting(PeerView::role).isEqualTo(Optional.of("sync"));
  }

  @Test
  void whoIsDialledStandsBeforeTheReserveAndNoMoreAreShownThanFit() {
    List<PeerView> shown =
        peers.of(
            new MeshSnapshot(
                List.of(link(1, new PeerId.Node(node(1)), LinkRole.ACTIVE)),
                List.of(address(2, Optional.empty(), false), address(3, Optional.empty(), true)),
                IntStream.range(10, 40).mapToObj(PeerListTest::node).toList()),
            20);

    assertThat(shown).hasSize(20);
    assertThat(shown.subList(0, 3))
        .extracting(PeerView::state)
        .containsExactly(
            PeerView.State.CONNECTED, PeerView.State.CONNECTING, PeerView.State.DISCONNECTED);
    assertThat(shown.subList(2, 20)).allMatch(PeerView::reserve);
  }
}
