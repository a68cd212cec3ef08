package io.cyphermesh.dashboard.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RationTest {
  private static final long SECOND = 1_000_000_000L;

  private final Ration ration = new Ration(0.5, 3, 0);

  private int taken(long now) {
    int taken = 0;
    while (ration.tryTake(now)) {
      taken++;
    }
    return taken;
  }

  @Test
  void itIsFullAtFirstAndAgainAfterALongTime() {
    assertThat(taken(0)).isEqualTo(3);
    assertThat(ration.untilOne(0)).contains(Duration.ofSeconds(2));
    assertThat(taken(2 * SECOND)).isEqualTo(1);
    assertThat(taken(2_000 * SECOND)).isEqualTo(3);
    assertThat(ration.untilOne(2_002 * SECOND)).isEmpty();
  }

  @Test
  void aClockThatIsSetBackGrantsNothingAndGoesOnFromThere() {
    assertThat(taken(1_000 * SECOND)).isEqualTo(3);
    assertThat(taken(0)).isZero();
    assertThat(taken(4 * SECOND)).isEqualTo(2);
  }
}
