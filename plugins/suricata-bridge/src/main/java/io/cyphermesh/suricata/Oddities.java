package io.cyphermesh.suricata;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;

/** Counts what is odd about the input, and tells the operator now and then, not each time. */
final class Oddities {

  /** What can be odd. */
  enum Kind {
    NO_RECORD("line(s) that were no EVE record"),
    NO_TIME("alert(s) without a usable time, dated by the node's clock"),
    CUT("alert(s) that were cut"),
    REFUSED("detection(s) that the node refused");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  private static final long BETWEEN_WARNINGS = 10 * 60_000L;

  private final Logger logger;
  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
  private long nextWarning = Long.MIN_VALUE;

  Oddities(Logger logger) {
    this.logger = logger;
  }

  void count(Kind kind) {
    counts.merge(kind, 1L, Long::sum);
  }

  /** Warns if there is something to tell and the last warning is long ago. */
  void tick(long clock) {
    if (counts.isEmpty() || clock < nextWarning) {
      return;
    }
    logger.warn(
        "Seen: {}",
        counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey().text)
            .collect(Collectors.joining(", ")));
    counts.clear();
    nextWarning = clock + BETWEEN_WARNINGS;
  }
}
