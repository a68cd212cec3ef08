package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private static final InetSocketAddress CALLER = new InetSocketAddress("192.0.2.1", 4711);

  private final Logger logger = new LoggerContext().getLogger("tcp-transport");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final AtomicLong nanos = new AtomicLong();
  private final Refusals refusals = new Refusals(logger, new Watchdog(), nanos::get);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    logger.addAppender(log);
    log.start();
  }

  @Test
  void theFirstRefusalIsToldAtOnceAndTheRestOfTheMinuteTogether() {
    refusals.note(Refusal.SILENT, CALLER, "");
    await().untilAsserted(() -> assertThat(lines()).hasSize(1));

    // Just short of the minute, so that the watchdog's real wait is short.
    nanos.addAndGet(Duration.ofMillis(59_500).toNanos());
    refusals.note(Refusal.FOREIGN, CALLER, "");
    refusals.note(Refusal.SILENT, CALLER, "");
    refusals.note(Refusal.SILENT, CALLER, "");
    assertThat(lines()).hasSize(1);

    await()
        .untilAsserted(
            () ->
                assertThat(lines())
                    .containsExactly(
                        "1 caller turned away: 1 said nothing",
                        "3 callers turned away: 2 said nothing, 1 spoke another protocol"));
  }

  @Test
  void eachCallerIsToldAtDebug() {
    logger.setLevel(Level.DEBUG);

    refusals.note(Refusal.FAILED, CALLER, "no certificate");

    assertThat(lines()).contains("192.0.2.1:4711 failed the handshake: no certificate");
  }

  private List<String> lines() {
    // The appender's own lock: the watchdog appends.
    synchronized (log) {
      return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
  }
}
