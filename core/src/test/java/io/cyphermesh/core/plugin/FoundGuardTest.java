package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.testing.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FoundGuardTest {
  private static final HostPort ONE = new HostPort("192.0.2.1", 9001);

  private final FakeClock clock = new FakeClock("2026-01-01T00:00:00Z");
  private final FoundGuard guard = new FoundGuard(clock);

  @Test
  void anAddressIsTakenOnceAMinute() {
    assertThat(guard.admits(ONE)).isTrue();
    clock.advance(Duration.ofSeconds(59));
    assertThat(guard.admits(ONE)).isFalse();
    clock.advance(Duration.ofSeconds(1));
    assertThat(guard.admits(ONE)).isTrue();
  }

  @Test
  void onlySoManyDifferentAddressesAreTakenAMinute() {
    for (int i = 1; i <= FoundGuard.MOST; i++) {
      assertThat(guard.admits(new HostPort("192.0.2.1", i))).isTrue();
    }
    assertThat(guard.admits(ONE)).isFalse();
    clock.advance(Duration.ofMinutes(1));
    assertThat(guard.admits(ONE)).isTrue();
  }

  @Test
  void aClockThatIsSetBackKeepsNothingForLonger() {
    guard.admits(ONE);
    clock.advance(Duration.ofDays(-1));
    assertThat(guard.admits(ONE)).isTrue();
  }
}
