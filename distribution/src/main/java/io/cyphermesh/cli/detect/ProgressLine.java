package io.cyphermesh.cli.detect;

import io.cyphermesh.cli.terminal.Terminal;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * How far a long replay is, in one line on standard error that is written over and erased at the
 * end; nothing where that is no terminal. Not thread-safe.
 */
final class ProgressLine {
  private static final long FIRST = Duration.ofMillis(500).toNanos();
  private static final long EVERY = Duration.ofMillis(200).toNanos();
  private static final int WIDTH = 78;

  private final Terminal terminal;
  private final OptionalLong total;
  private final long begin;
  private long next;
  private boolean shown;

  /**
   * @param total bytes of all inputs, where that is known
   * @param begin nanoseconds by a clock that only advances
   */
  ProgressLine(Terminal terminal, OptionalLong total, long begin) {
    this.terminal = terminal;
    this.total = total;
    this.begin = begin;
    this.next = begin + FIRST;
  }

  void show(long now, long bytes, long lines, long detections) {
    if (!terminal.watching() || now - next < 0) {
      return;
    }
    next = now + EVERY;
    shown = true;
    String line = text(now, bytes, lines, detections);
    terminal.err().print("\r" + line + " ".repeat(Math.max(0, WIDTH - line.length())));
    terminal.err().flush();
  }

  private String text(long now, long bytes, long lines, long detections) {
    double seconds = (now - begin) / 1e9;
    String share =
        total.isPresent() && total.getAsLong() > 0
            ? String.format(
                Locale.ROOT,
                "%3d%% of %s",
                Math.min(100, 100 * bytes / total.getAsLong()),
                size(total.getAsLong()))
            : size(bytes);
    String text =
        String.format(
            Locale.ROOT,
            "%s, %,d lines, %,.0f lines/s, %,d detections",
            share,
            lines,
            lines / seconds,
            detections);
    return text.length() <= WIDTH ? text : text.substring(0, WIDTH);
  }

  private static String size(long bytes) {
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1 << 30));
  }

  /** Takes it away, so that something else can be printed. */
  void erase() {
    if (shown) {
      shown = false;
      terminal.err().print("\r" + " ".repeat(WIDTH) + "\r");
      terminal.err().flush();
    }
  }
}
