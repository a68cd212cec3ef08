package io.cyphermesh.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogLineTest {

  private static String encode(String message, @Nullable Throwable error) {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent(
            "", context.getLogger("io.cyphermesh.core.Mesh"), Level.WARN, message, error, null);
    event.setInstant(Instant.parse("2026-11-22T10:00:00.123Z"));
    return new String(new LogLine(ZoneOffset.UTC).encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void aLineIsTimeLevelLoggerMessage() {
    assertThat(encode("up", null)).isEqualTo("2026-11-22T10:00:00.123+00:00 WARN  Mesh  up\n");
  }

  @Test
  void noMessageForgesASecondLine() {
    assertThat(encode("peer said\n2026 ERROR \u001b[2J\u202e", null))
        .hasLineCount(1)
        .contains("\\u000a", "\\u001b", "\\u202e");
  }

  @Test
  void aStackFollowsItsLine() {
    assertThat(encode("failed", new IllegalStateException("why")).lines())
        .hasSizeGreaterThan(2)
        .element(1)
        .asString()
        .contains("IllegalStateException: why");
  }
}
