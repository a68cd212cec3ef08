package io.cyphermesh.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.testing.FakeClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReporterRatesTest {
  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final ReporterRates rates =
      new ReporterRates(
          new ReporterRates.Settings(20, 200, 50, 500),
          new ReporterRates.Late(2_000, 20_000),
          clock);

  private static NodeId reporter(int n) {
    return new NodeId("%064x".formatted(n));
  }

  private int admitted(int reporters, int each, Instant firstSeen) {
    int admitted = 0;
    for (int i = 0; i < each; i++) {
      for (int n = 0; n < reporters; n++) {
        admitted += rates.admits(reporter(n), firstSeen, clock.instant()) ? 1 : 0;
      }
    }
    return admitted;
  }

  @Test
  void newcomersShareOneRate() {
    assertThat(admitted(1_000, 10, clock.instant())).isEqualTo(500);
    clock.advance(Duration.ofSeconds(1));
    assertThat(admitted(1_000, 1, clock.instant())).isEqualTo(50);
  }

  @Test
  void aThousandNewKeysDoNotSlowTheOldOnes() {
    admitted(1_000, 10, clock.instant());
    assertThat(
            rates.admits(
                reporter(5_000), clock.instant().minus(Duration.ofDays(2)), clock.instant()))
        .isTrue();
  }

  @Test
  void aNewcomerIsHeldToItsOwnRateToo() {
    assertThat(admitted(1, 300, clock.instant())).isEqualTo(200);
  }

  @Test
  void whatIsRefusedForTheNewcomersCostsTheReporterNothing() {
    admitted(1_000, 10, clock.instant());
    NodeId patient = reporter(7_000);
    assertThat(rates.admits(patient, clock.instant(), clock.instant())).isFalse();
    Instant longAgo = clock.instant().minus(Duration.ofDays(2));
    int later = 0;
    for (int i = 0; i < 201; i++) {
      later += rates.admits(patient, longAgo, clock.instant()) ? 1 : 0;
    }
    assertThat(later).isEqualTo(200);
  }

  @Test
  void afterADayOneIsNoNewcomer() {
    Instant first = clock.instant();
    clock.advance(Duration.ofHours(24));
    assertThat(admitted(10, 200, first)).isEqualTo(2_000);
  }

  private int admittedLate(int reporter, int events, Instant time) {
    int admitted = 0;
    for (int i = 0; i < events; i++) {
      admitted +=
          rates.admitsLate(reporter(reporter), clock.instant(), time, clock.instant()) ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void aNewcomersLateEventsAreNotHeldToTheRateOfThoseThatSpread() {
    Instant yesterday = clock.instant().minus(Duration.ofDays(1));
    assertThat(admittedLate(1, 15_000, yesterday)).isEqualTo(15_000);
    assertThat(admitted(1, 300, clock.instant())).isEqualTo(200);
  }

  @Test
  void allLateEventsShareOneRate() {
    Instant yesterday = clock.instant().minus(Duration.ofDays(1));
    assertThat(admittedLate(1, 15_000, yesterday) + admittedLate(2, 15_000, yesterday))
        .isEqualTo(20_000);
    clock.advance(Duration.ofSeconds(1));
    assertThat(admittedLate(3, 5_000, yesterday)).isEqualTo(2_000);
  }

  @Test
  void ofOneReportersHourNoMoreIsTakenThanCouldHaveBeenAdmittedThen() {
    Instant hour = Instant.parse("2026-11-20T04:00:00Z");
    int admitted = 0;
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofSeconds(10));
      admitted += admittedLate(1, 20_000, hour.plus(Duration.ofMinutes(59)));
    }
    assertThat(admitted).isEqualTo(20 * 3_600 + 200);
    clock.advance(Duration.ofSeconds(10));
    assertThat(admittedLate(1, 1_000, hour)).isZero();
    assertThat(admittedLate(1, 1_000, hour.minusSeconds(1))).isEqualTo(1_000);
    assertThat(admittedLate(2, 19_000, hour)).isEqualTo(19_000);
  }

  @Test
  void aBucketFillsToItsBurstAndNoFurther() {
    TokenBucket bucket = new TokenBucket(10, 5, 5, 0);
    assertThat(bucket.take(5, 3_600_000_000_000L)).isZero();
    assertThat(bucket.take(1, 3_600_000_000_000L)).isEqualTo(100_000_000L);
    assertThat(bucket.tryTake(1, 3_600_150_000_000L)).isFalse();
    assertThat(bucket.nanosUntil(1, 3_600_150_000_000L)).isEqualTo(50_000_000L);
    assertThat(bucket.tryTake(1, 3_600_200_000_000L)).isTrue();
  }

  @Test
  void aClockThatGoesBackGivesNothing() {
    TokenBucket bucket = new TokenBucket(10, 5, 0, 1_000_000_000L);
    assertThat(bucket.tryTake(1, 0)).isFalse();
    assertThat(bucket.tryTake(1, 1_100_000_000L)).isTrue();
  }
}
