package io.cyphermesh.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class MemoryWatchTest {
  private static final long MAX = 1_000;

  private final AtomicInteger ends = new AtomicInteger();
  private final MemoryWatch watch = new MemoryWatch(ends::incrementAndGet);

  @Test
  void aHeapThatStaysFullEndsTheProcess() {
    for (int at = 1_000; at <= 20_000; at += 500) {
      collected(990, at, 400);
    }
    assertThat(ends).hasValue(0);
    collected(990, 21_000, 400);
    assertThat(ends).hasValue(1);
  }

  @Test
  void oneCollectionWithoutEndCountsAsMany() {
    collected(990, 1_000, 400);
    collected(990, 26_000, 25_000);
    assertThat(ends).hasValue(1);
  }

  @Test
  void aFullHeapThatIsCollectedNowAndThenDoesNot() {
    for (int at = 1_000; at < 10 * 3_600_000; at += 60_000) {
      collected(990, at, 400);
    }
    collected(990, 10 * 3_600_000, 400);
    assertThat(ends).hasValue(0);
  }

  @Test
  void calmBeforeDoesNotExcuseWhatCameAfter() {
    collected(990, 1_000, 400);
    collected(990, 3_600_000, 400);
    for (int at = 3_600_500; at <= 3_620_000; at += 500) {
      collected(990, at, 400);
    }
    assertThat(ends).hasValue(1);
  }

  @Test
  void theLogSaysWhereNoCollectorNotifies() {
    Logger logger = (Logger) LoggerFactory.getLogger(MemoryWatch.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Level before = logger.getLevel();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.WARN);
    try {
      watch.watch(List.of());
      watch.warnWhereBlind();
      MemoryWatch seeing = new MemoryWatch(ends::incrementAndGet);
      seeing.start();
      seeing.warnWhereBlind();
    } finally {
      logger.detachAppender(log);
      logger.setLevel(before);
    }
    assertThat(log.list)
        .singleElement()
        .satisfies(it -> assertThat(it.getFormattedMessage()).contains("JAVA_OPTS"));
  }

  @Test
  void aHeapThatWasFullForAMomentDoesNot() {
    collected(990, 1_000, 400);
    collected(400, 2_000, 400);
    collected(990, 30_000, 400);
    collected(990, 40_000, 9_000);
    assertThat(ends).hasValue(0);
  }

  @Test
  void whatIsNotInTheHeapDoesNotCount() {
    watch.collected(Map.of("Metaspace", used(990), "Tenured Gen", used(100)), MAX, 0, 400);
    watch.collected(Map.of("Metaspace", used(990), "Tenured Gen", used(100)), MAX, 60_000, 59_000);
    assertThat(ends).hasValue(0);
  }

  private void collected(long used, long atMillis, long tookMillis) {
    watch.collected(Map.of("Tenured Gen", used(used)), MAX, atMillis, tookMillis);
  }

  private static MemoryUsage used(long bytes) {
    return new MemoryUsage(0, bytes, bytes, MAX);
  }
}
