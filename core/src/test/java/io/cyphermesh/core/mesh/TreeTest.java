package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TreeTest {
  private static final NodeId ROOT = id("0");
  private static final NodeId SELF = id("5");
  private static final long SECOND = 1_000_000_000L;

  private final Outbox out = new Outbox();
  private final Links links = new Links(out);
  private final Tree tree = new Tree(SELF, links, out, new SplittableRandom(1));
  private final Link near = link(1, "1");
  private final Link other = link(2, "2");
  private final Link far = link(3, "f");
  private long now = 100 * SECOND;

  private static NodeId id(String digit) {
    return new NodeId(digit.repeat(64));
  }

  private Link link(long number, String digit) {
    Link link =
        new Link(
            new Input.LinkUp(
                new LinkId(number),
                new PeerId.Node(id(digit)),
                Optional.empty(),
                "192.0.2." + number,
                7_337,
                "test",
                Set.of(Link.HYPARVIEW, Link.PLUMTREE)),
            Netgroup.ofPrefix(0, number),
            100 * SECOND);
    link.role = LinkRole.ACTIVE;
    links.add(link);
    return link;
  }

  @BeforeEach
  void hearOfTheRoot() {
    hear(near, 1, 2);
    hear(other, 1, 3);
    hear(far, 1, 3);
    sent(near, Message.Graft.class);
  }

  private void hear(Link link, long seq, int depth) {
    tree.beacon(now, link, new Message.Beacon(ROOT, seq, depth, false));
  }

  private void seconds(int count) {
    for (int i = 0; i < 2 * count; i++) {
      now += SECOND / 2;
      tree.tick(now, 0);
    }
  }

  /** What was sent over a link since this was asked for last. */
  private <T extends Message> List<T> sent(Link link, Class<T> type) {
    List<T> found = new ArrayList<>();
    for (Output output : out.take()) {
      if (output instanceof Output.Send send
          && send.links().contains(link.id)
          && type.isInstance(send.message())) {
        found.add(type.cast(send.message()));
      }
    }
    return found;
  }

  @Test
  void aBeaconFarAheadOfTheClockIsMadeUp() {
    tree.tick(now, 1_800_000_000_000L);
    sent(other, Message.Beacon.class);
    hear(near, 1_800_003_601L, 2);
    hear(near, (1L << 53) - 1, 2);
    assertThat(sent(other, Message.Beacon.class)).isEmpty();
    hear(near, 1_800_003_600L, 2);
    assertThat(sent(other, Message.Beacon.class))
        .extracting(Message.Beacon::seq)
        .containsExactly(1_800_003_600L);
  }

  @Test
  void aRootDoesNotCountOnFromWhatIsMadeUpOfIt() {
    tree.tick(now, 1_800_000_000_000L);
    while (!isRoot(SELF)) {
      now += SECOND / 2;
      tree.tick(now, 1_800_000_000_000L);
    }
    tree.beacon(now, near, new Message.Beacon(SELF, (1L << 53) - 1, 3, false));
    now += 20 * SECOND;
    tree.tick(now, 1_800_000_020_000L);
    assertThat(sent(near, Message.Beacon.class))
        .extracting(Message.Beacon::seq)
        .last()
        .isEqualTo(1_800_000_001L);
  }

  /** Whether a node is the root by what is sent. */
  private boolean isRoot(NodeId root) {
    return sent(near, Message.Beacon.class).stream().anyMatch(b -> b.root().equals(root));
  }

  @Test
  void theNearestNeighbourIsTheParent() {
    assertThat(tree.holds(near)).isTrue();
    assertThat(tree.holds(other)).isFalse();
    assertThat(tree.holds(far)).isFalse();
  }

  @Test
  void whoseParentIsGoneTakesANeighbourAsFarAwayOnlyIfItsIdIsSmaller() {
    links.remove(near.id);
    tree.deactivated(near);
    assertThat(tree.holds(other)).isTrue();
    links.remove(other.id);
    tree.deactivated(other);
    assertThat(tree.holds(far)).isFalse();
  }

  @Test
  void aParentThatIsBelowUsInTheNewBeaconIsLeft() {
    hear(other, 2, 3);
    assertThat(tree.holds(near)).isTrue();
    hear(near, 2, 4);
    assertThat(tree.holds(near)).isFalse();
    assertThat(tree.holds(other)).isTrue();
  }

  @Test
  void theFormerParentIsKeptUntilTheNewOneHasHadTime() {
    hear(other, 2, 1);
    assertThat(other.eager).isTrue();
    assertThat(near.eager).isTrue();
    assertThat(sent(near, Message.Prune.class)).isEmpty();
    seconds(4);
    assertThat(near.eager).isFalse();
    assertThat(sent(near, Message.Prune.class)).hasSize(1);
  }

  @Test
  void theParentIsToldThatItIsOneWithEachBeacon() {
    hear(near, 2, 2);
    assertThat(sent(near, Message.Beacon.class))
        .containsExactly(new Message.Beacon(ROOT, 2, 3, true));
    assertThat(near.child).isFalse();
  }

  @Test
  void aBeaconThatSaysOtherwiseEndsWhatAChildForgotToEnd() {
    tree.grafted(now, far, true);
    assertThat(tree.holds(far)).isTrue();
    hear(far, 2, 3);
    assertThat(tree.holds(far)).isFalse();
    tree.beacon(now, far, new Message.Beacon(ROOT, 2, 3, true));
    assertThat(tree.holds(far)).isTrue();
  }

  @Test
  void aLinkThatHelpedOutEndsByItselfAndHelpsLongerTheNextTime() {
    tree.helps(now, far);
    seconds(4);
    assertThat(far.eager).isFalse();
    tree.helps(now, far);
    seconds(4);
    assertThat(far.eager).isTrue();
    seconds(3);
    assertThat(far.eager).isFalse();
  }

  @Test
  void withoutAParentItGoesOnHelping() {
    List.of(near, other).forEach(link -> links.remove(link.id));
    List.of(near, other).forEach(tree::deactivated);
    tree.helps(now, far);
    seconds(10);
    assertThat(far.eager).isTrue();
  }

  @Test
  void aParentThatPrunesIsToldOnceMoreAndThenLeft() {
    tree.pruned(now, near);
    assertThat(tree.holds(near)).isTrue();
    assertThat(sent(near, Message.Graft.class)).hasSize(1);
    now += SECOND;
    tree.pruned(now, near);
    assertThat(tree.holds(near)).isFalse();
    assertThat(tree.holds(other)).isTrue();
  }
}
