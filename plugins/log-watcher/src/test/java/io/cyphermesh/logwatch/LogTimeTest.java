package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LogTimeTest {

  private static Instant read(String stamp, String now, String zone) {
    Instant clock = Instant.parse(now);
    LogTime time = new LogTime(ZoneId.of(zone), () -> clock);
    return Instant.ofEpochMilli(time.millis(stamp + " rest", 0, stamp.length()));
  }

  @ParameterizedTest
  @CsvSource({
    "Nov 22 09:59:58, 2026-11-22T10:00:00Z, 2026-11-22T09:59:58Z",
    "Nov  2 09:59:58, 2026-11-22T10:00:00Z, 2026-11-02T09:59:58Z",
    // December read in January, and the first minutes of a year on a clock that is behind.
    "Dec 31 23:59:59, 2027-01-03T10:00:00Z, 2026-12-31T23:59:59Z",
    "Jan  1 00:00:05, 2026-12-31T23:59:00Z, 2027-01-01T00:00:05Z",
    "Jan  3 00:00:05, 2026-12-31T23:59:00Z, 2026-01-03T00:00:05Z",
    // Up to a day ahead is a clock that is wrong, more is last year.
    "Nov 23 09:00:00, 2026-11-22T10:00:00Z, 2026-11-23T09:00:00Z",
    "Nov 23 11:00:00, 2026-11-22T10:00:00Z, 2025-11-23T11:00:00Z",
    // The last year that had such a day.
    "Feb 29 12:00:00, 2026-11-22T10:00:00Z, 2024-02-29T12:00:00Z",
    "Feb 29 12:00:00, 2028-03-01T10:00:00Z, 2028-02-29T12:00:00Z",
    "Feb 29 12:00:00, 2103-03-01T10:00:00Z, 2096-02-29T12:00:00Z",
    "Nov 22 09:59:58.250, 2026-11-22T10:00:00Z, 2026-11-22T09:59:58.250Z"
  })
  void aStampWithoutAYearIsTheMostRecentOne(String stamp, String now, String expected) {
    assertThat(read(stamp, now, "UTC")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-22T10:00:00.123456+01:00, 2026-11-22T09:00:00.123Z",
    "2026-11-22T10:00:00+0100, 2026-11-22T09:00:00Z",
    "2026-11-22T10:00:00+01, 2026-11-22T09:00:00Z",
    "2026-11-22T10:00:00-03:30, 2026-11-22T13:30:00Z",
    "2026-11-22T10:00:00Z, 2026-11-22T10:00:00Z",
    "2026-11-22T10:00:00.5Z, 2026-11-22T10:00:00.500Z",
    "2026-11-22T10:00:00.123456789Z, 2026-11-22T10:00:00.123Z",
    "2026-11-22 10:00:00, 2026-11-22T09:00:00Z",
    "2026-11-22 10:00:00.250, 2026-11-22T09:00:00.250Z",
    "2026-11-22T10:00:00, 2026-11-22T09:00:00Z",
    "2020-02-29T00:00:00Z, 2020-02-29T00:00:00Z",
    "2026-11-22T23:59:60Z, 2026-11-22T23:59:59Z"
  })
  void aFullStampIsReadAsItStands(String stamp, String expected) {
    assertThat(read(stamp, "2026-11-22T10:00:00Z", "Europe/Berlin")).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Foo 22 10:00:00",
        "anF 22 10:00:00",
        "Nov 31 10:00:00",
        "Nov  0 10:00:00",
        "Feb 30 10:00:00",
        "Nov 22 24:00:00",
        "Nov 22 10:60:00",
        "Nov 22 10-00-00",
        "Nov 2x 10:00:00",
        "Nov 22 10:00:00.x",
        "Nov 22",
        "2026-13-22T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-11-22X10:00:00Z",
        "2026-11-22T10:00:00+1:00",
        "2026-11-22T10:00:00+99:00",
        "2026-11-22T10:00:00Zulu",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10",
        "1795341600",
        "2126-11-22T10:00:00Z"
      })
  void anUnreadableStampIsTheClocksTime(String stamp) {
    assertThat(read(stamp, "2026-11-22T10:00:00Z", "UTC")).isEqualTo("2026-11-22T10:00:00Z");
  }

  @Test
  void anHourThatSummerTimeSkipsIsReadBehindTheGap() {
    assertThat(read("Mar 29 02:30:00", "2026-04-01T00:00:00Z", "Europe/Berlin"))
        .isEqualTo("2026-03-29T01:30:00Z");
  }

  @Test
  void anHourThatComesTwiceIsTheFirst() {
    assertThat(read("Oct 25 02:30:00", "2026-11-01T00:00:00Z", "Europe/Berlin"))
        .isEqualTo("2026-10-25T00:30:00Z");
  }

  @Test
  void theSameStampAgainIsTheSameTimeAndAnotherOneIsNot() {
    LogTime time = new LogTime(ZoneId.of("UTC"), () -> Instant.parse("2026-11-22T10:00:00Z"));
    long first = time.millis("Nov 22 09:00:00 a", 0, 15);

    assertThat(time.millis("Nov 22 09:00:00 b", 0, 15)).isEqualTo(first);
    assertThat(time.millis("Nov 22 09:00:01 b", 0, 15)).isEqualTo(first + 1000);
  }
}
