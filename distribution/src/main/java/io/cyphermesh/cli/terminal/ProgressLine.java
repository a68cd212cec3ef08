package io.cyphermesh.cli.terminal;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How far a long work is, in one line on standard error that is written over and erased at the end;
 * nothing where that is no terminal. May be used by several threads.
 */
public final class ProgressLine {
  private static final long FIRST = Duration.ofMillis(500).toNanos();
  private static final long EVERY = Duration.ofMillis(200).toNanos();
  private static final int WIDTH = 78;

  private final Terminal terminal;
  private final LongSupplier nanos;
  private final long begin;
  private long next;
  private boolean shown;

  /**
   * Begins now.
   *
   * @param nanos a clock that only advances, in nanoseconds
   */
  public ProgressLine(Terminal terminal, LongSupplier nanos) {
    this.terminal = terminal;
    this.nanos = nanos;
    this.begin = nanos.getAsLong();
    this.next = begin + FIRST;
  }

  /** Shows a text, if it is time for one; else it is not asked for. */
  public synchronized void show(Supplier<String> text) {
    if (!terminal.watching() || nanos.getAsLong() - next < 0) {
      return;
    }
    next = nanos.getAsLong() + EVERY;
    shown = true;
    String all = text.get();
    String line = all.length() <= WIDTH ? all : all.substring(0, WIDTH);
    terminal.err().print("\r" + line + " ".repeat(WIDTH - line.length()));
    terminal.err().flush();
  }

  /** Takes it away, so that something else can be printed. */
  public synchronized void erase() {
    if (shown) {
      shown = false;
      terminal.err().print("\r" + " ".repeat(WIDTH) + "\r");
      terminal.err().flush();
    }
  }

  /** Seconds since it began. */
  public double seconds() {
    return (nanos.getAsLong() - begin) / 1e9;
  }

  /** A part of a whole, both in bytes. */
  public static String share(long done, long total) {
    return total > 0
        ? String.format(Locale.ROOT, "%3d%% of %s", Math.min(100, 100 * done / total), size(total))
        : size(done);
  }

  /** A number of bytes, to be read. */
  public static String size(long bytes) {
    if (bytes < 1 << 20) {
      return String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0);
    }
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1 << 30));
  }
}
