package io.cyphermesh.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplayTest {
  private static Outcome steady(long seed) {
    return Scenario.catalogue().getFirst().run(new Setup(Variant.DESIGN, 20, 5, seed, "test"));
  }

  @Test
  void theSameSeedGivesTheSameRunAndAnotherSeedAnother() {
    Outcome once = steady(7);
    assertThat(steady(7).trace()).isEqualTo(once.trace());
    assertThat(steady(8).trace()).isNotEqualTo(once.trace());
    assertThat(once.value("delivered")).isEqualTo(1);
  }
}
