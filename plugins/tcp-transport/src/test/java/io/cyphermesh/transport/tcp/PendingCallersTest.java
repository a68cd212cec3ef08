package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PendingCallersTest {
  private final PendingCallers<Caller> pending = new PendingCallers<>(2);
  private final Caller a = new Caller("a", 1, false);
  private final Caller b = new Caller("b", 1, false);
  private final Caller c = new Caller("c", 1, false);
  private final Caller d = new Caller("d", 1, false);

  private record Caller(String name, int prefix, boolean hasSpoken)
      implements PendingCallers.Pending {
    @Override
    public Network network() {
      return new Network(true, prefix);
    }
  }

  @Test
  void theOldestSilentOneGivesWay() {
    assertThat(pending.add(a)).isEmpty();
    assertThat(pending.add(b)).isEmpty();
    assertThat(pending.add(c)).hasValue(a);
    assertThat(pending.add(d)).hasValue(b);
  }

  @Test
  void silentOnesDoNotCrowdOutTheOneThatShakesHands() {
    pending.add(a);
    pending.spoke(a);
    pending.add(b);
    assertThat(pending.add(c)).hasValue(b);
    assertThat(pending.add(d)).hasValue(c);
    assertThat(pending.remove(a)).isTrue();
  }

  @Test
  void thoseThatOnlyBeginHandshakesDoNotCrowdOutTheNewcomer() {
    pending.add(a);
    pending.spoke(a);
    pending.add(b);
    pending.spoke(b);
    assertThat(pending.add(c)).hasValue(a);
    assertThat(pending.spoke(c)).isTrue();
  }

  @Test
  void oneNetworkDoesNotCrowdOutTheCallersOfOthers() {
    Caller stranger = new Caller("stranger", 2, false);
    pending.add(stranger);
    pending.add(a);
    assertThat(pending.add(b)).hasValue(a);
    assertThat(pending.add(c)).hasValue(b);
    assertThat(pending.spoke(stranger)).isTrue();
  }

  @Test
  void amongNetworksWithOneCallerEachTheOldestGivesWay() {
    Caller first = new Caller("first", 2, false);
    pending.add(first);
    pending.add(a);
    assertThat(pending.add(new Caller("third", 3, false))).hasValue(first);
  }

  @Test
  void whoHasSpokenUnreadIsNotTakenForSilent() {
    Caller unread = new Caller("unread", 1, true);
    pending.add(unread);
    pending.add(b);
    assertThat(pending.add(c)).hasValue(b);
    assertThat(pending.spoke(unread)).isTrue();
  }

  @Test
  void whoWasCrowdedOutLearnsIt() {
    pending.add(a);
    pending.add(b);
    pending.add(c);
    assertThat(pending.spoke(a)).isFalse();
    assertThat(pending.remove(a)).isFalse();
  }

  @Test
  void afterTheCloseNobodyGetsIn() {
    pending.add(a);
    assertThat(pending.close()).containsExactly(a);
    assertThat(pending.add(b)).hasValue(b);
    assertThat(pending.size()).isZero();
  }
}
