package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {

  @Test
  void ourFormIsExact() {
    assertThat(EventTime.parse("2026-11-22T10:00:00.123Z"))
        .contains(new EventTime(Instant.parse("2026-11-22T10:00:00.123Z"), false));
  }

  @Test
  void version1sFormIsApproximate() {
    assertThat(EventTime.parse("2026-11-22 10:00:00"))
        .contains(new EventTime(Instant.parse("2026-11-22T10:00:00Z"), true));
  }

  @Test
  void aLeapDayIsThereInALeapYear() {
    assertThat(EventTime.parse("2028-02-29 00:00:00"))
        .contains(new EventTime(Instant.parse("2028-02-29T00:00:00Z"), true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-02-29 00:00:00",
        "1900-02-29 00:00:00",
        "2026-13-01 00:00:00",
        "2026-00-01 00:00:00",
        "2026-04-31 00:00:00",
        "2026-11-22 24:00:00",
        "2026-11-22 10:60:00",
        "2026-11-22 10:00:60",
        "2026-11-22T10:00:00Z",
        "2026-11-22T10:00:00.12Z",
        "2026-11-22T10:00:00.123z",
        "2026-11-22T10:00:00,123Z",
        "2026-11-22 10:00:00.123Z",
        "2026-11-22T10:00:00",
        "2026/11/22 10:00:00",
        "2026-11-22 10.00.00",
        "+026-11-22 10:00:00",
        "-026-11-22 10:00:00",
        "٢026-11-22 10:00:00",
        " 2026-11-22 10:00:0"
      })
  void allElseIsUnreadable(String text) {
    assertThat(EventTime.parse(text)).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() {
    Instant time = Instant.parse("2026-01-02T03:04:05.006Z");
    assertThat(EventTime.format(time)).isEqualTo("2026-01-02T03:04:05.006Z");
    assertThat(EventTime.parse(EventTime.format(time))).contains(new EventTime(time, false));
  }

  @Test
  void whatIsFinerThanAMillisecondIsCut() {
    assertThat(EventTime.format(Instant.parse("2026-01-02T03:04:05.006999999Z")))
        .isEqualTo("2026-01-02T03:04:05.006Z");
  }
}
