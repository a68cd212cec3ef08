package io.cyphermesh.transport.tcp;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;

/**
 * Tells the operator who was turned away: each caller at DEBUG, and all of them in one INFO line a
 * minute at most, so that no caller can fill the log.
 */
final class Refusals {
  private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);

  private final Logger logger;
  private final Watchdog watchdog;
  private final LongSupplier nanoTime;
  private final Map<Refusal, Long> counts = new EnumMap<>(Refusal.class);
  private boolean lineDue;
  private long nextLine;

  Refusals(Logger logger, Watchdog watchdog, LongSupplier nanoTime) {
    this.logger = logger;
    this.watchdog = watchdog;
    this.nanoTime = nanoTime;
    this.nextLine = nanoTime.getAsLong();
  }

  void note(Refusal refusal, InetSocketAddress caller, String detail) {
    if (logger.isDebugEnabled()) {
      logger.debug(
          "{} {}{}", Texts.address(caller), refusal, detail.isEmpty() ? "" : ": " + detail);
    }
    synchronized (counts) {
      counts.merge(refusal, 1L, Long::sum);
      if (!lineDue) {
        lineDue = true;
        long wait = Math.max(0, nextLine - nanoTime.getAsLong());
        watchdog.after(Duration.ofNanos(wait), this::line);
      }
    }
  }

  private void line() {
    String what;
    long total;
    synchronized (counts) {
      total = counts.values().stream().mapToLong(Long::longValue).sum();
      what =
          counts.entrySet().stream()
              .map(e -> e.getValue() + " " + e.getKey())
              .collect(Collectors.joining(", "));
      counts.clear();
      lineDue = false;
      nextLine = nanoTime.getAsLong() + BETWEEN_LINES.toNanos();
    }
    logger.info("{} turned away: {}", total == 1 ? "1 caller" : total + " callers", what);
  }
}
