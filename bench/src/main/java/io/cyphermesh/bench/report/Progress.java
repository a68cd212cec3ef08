package io.cyphermesh.bench.report;

import java.io.PrintStream;

/**
 * How far a long step is, on standard error: one line that changes on a terminal, a line every ten
 * seconds elsewhere. May be told from several threads.
 */
public final class Progress {
  private static final long ON_TERMINAL = 200_000_000L;
  private static final long ELSEWHERE = 10_000_000_000L;

  private final PrintStream err;
  private final boolean terminal;
  private final String what;
  private long last = System.nanoTime();
  private boolean shown;

  /**
   * A step's progress.
   *
   * @param terminal whether {@code err} is one
   * @param what the step, for instance {@code signing}
   */
  public Progress(PrintStream err, boolean terminal, String what) {
    this.err = err;
    this.terminal = terminal;
    this.what = what;
  }

  /** With standard error; the launcher knows whether it is a terminal. */
  public static Progress of(String what) {
    return new Progress(System.err, Boolean.getBoolean("bench.terminal"), what);
  }

  /** Tells how far it is. */
  public synchronized void at(long done, long total) {
    long now = System.nanoTime();
    if (now - last < (terminal ? ON_TERMINAL : ELSEWHERE)) {
      return;
    }
    last = now;
    shown = true;
    String text =
        what
            + ": "
            + Report.grouped((double) done)
            + " of "
            + Report.grouped((double) total)
            + percent(done, total);
    if (terminal) {
      err.print("\r\u001b[K" + text);
      err.flush();
    } else {
      err.println(text);
    }
  }

  private static String percent(long done, long total) {
    return total == 0 ? "" : " (" + 100 * done / total + " %)";
  }

  /** The step is over: its line goes. */
  public synchronized void end() {
    if (shown && terminal) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}
