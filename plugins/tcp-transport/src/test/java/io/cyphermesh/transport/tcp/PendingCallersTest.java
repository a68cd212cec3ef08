package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PendingCallersTest {
  private final PendingCallers<String> pending = new PendingCallers<>(2);

  @Test
  void theOldestSilentOneGivesWay() {
    assertThat(pending.add("a")).isEmpty();
    assertThat(pending.add("b")).isEmpty();
    assertThat(pending.add("c")).hasValue("a");
    assertThat(pending.add("d")).hasValue("b");
  }

  @Test
  void silentOnesDoNotCrowdOutTheOneThatShakesHands() {
    pending.add("shaking");
    pending.spoke("shaking");
    pending.add("b");
    assertThat(pending.add("c")).hasValue("b");
    assertThat(pending.add("d")).hasValue("c");
    assertThat(pending.remove("shaking")).isTrue();
  }

  @Test
  void thoseThatOnlyBeginHandshakesDoNotCrowdOutTheNewcomer() {
    pending.add("a");
    pending.spoke("a");
    pending.add("b");
    pending.spoke("b");
    assertThat(pending.add("newcomer")).hasValue("a");
    assertThat(pending.spoke("newcomer")).isTrue();
  }

  @Test
  void whoWasCrowdedOutLearnsIt() {
    pending.add("a");
    pending.add("b");
    pending.add("c");
    assertThat(pending.spoke("a")).isFalse();
    assertThat(pending.remove("a")).isFalse();
  }

  @Test
  void afterTheCloseNobodyGetsIn() {
    pending.add("a");
    assertThat(pending.close()).containsExactly("a");
    assertThat(pending.add("b")).hasValue("b");
    assertThat(pending.size()).isZero();
  }
}
