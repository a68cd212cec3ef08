package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RestartsTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Restarts restarts = new Restarts(() -> now, new SplittableRandom(1));

  @Test
  void pausesDoubleAndTheFifthFailureEndsIt() {
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      pauses.add(restarts.afterFailure().orElseThrow().toMillis());
    }
    assertThat(pauses.get(0)).isBetween(750L, 1_000L);
    assertThat(pauses.get(1)).isBetween(1_500L, 2_000L);
    assertThat(pauses.get(2)).isBetween(3_000L, 4_000L);
    assertThat(pauses.get(3)).isBetween(6_000L, 8_000L);
    assertThat(restarts.afterFailure()).isEmpty();
  }

  @Test
  void aPauseIsNeverLongerThanAMinute() {
    Duration last = Duration.ZERO;
    for (int i = 0; i < 40; i++) {
      now = now.plus(Duration.ofMinutes(4));
      last = restarts.afterFailure().orElseThrow();
      assertThat(last).isLessThanOrEqualTo(Duration.ofMinutes(1));
    }
    assertThat(last).isGreaterThan(Duration.ofSeconds(44));
  }

  @Test
  void whatFailsSeldomBeginsAgainWithAShortPause() {
    for (int i = 0; i < 20; i++) {
      now = now.plus(Duration.ofMinutes(11));
      assertThat(restarts.afterFailure())
          .hasValueSatisfying(
              pause -> assertThat(pause).isLessThanOrEqualTo(Duration.ofSeconds(1)));
    }
  }
}
