package io.cyphermesh.core.plugin;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The one inbox of a plugin's detections, over all its detectors and restarts: it lets through so
 * many at once and so many a second. Who reports faster waits; signing for one plugin must not take
 * the cores from the others and from the peers.
 */
final class ReportGate {
  /** What an attack at its height may bring in one go. */
  static final int BURST = 2_000;

  /** Ten times what peers admit of a reporter in the long run. */
  static final int PER_SECOND = 200;

  static final String NOTE =
      "it reports more than " + PER_SECOND + " detections a second and has to wait";

  /** So long after the last wait it is shown that there was one. */
  private static final Duration SHOWN = Duration.ofSeconds(10);

  private final LongSupplier nanos;
  private final SupervisedExtension.Pause pause;
  private final Runnable changed;
  private double tokens = BURST;
  private long filled;
  private boolean everSlowed;
  private long slowed;

  /**
   * A gate with its burst unused.
   *
   * @param changed told when it begins to let wait
   */
  ReportGate(LongSupplier nanos, SupervisedExtension.Pause pause, Runnable changed) {
    this.nanos = nanos;
    this.pause = pause;
    this.changed = changed;
    this.filled = nanos.getAsLong();
  }

  /**
   * Waits for its turn. A batch that is larger than what is left goes through in one piece, and the
   * next one waits the longer.
   */
  void pass(int detections) throws InterruptedException {
    while (true) {
      Duration wait;
      boolean begins;
      synchronized (this) {
        long now = nanos.getAsLong();
        tokens = Math.min(BURST, tokens + (now - filled) * 1e-9 * PER_SECOND);
        filled = now;
        if (tokens >= 1 || detections == 0) {
          tokens -= detections;
          return;
        }
        wait = Duration.ofNanos((long) ((1 - tokens) * 1e9 / PER_SECOND) + 1);
        begins = !isSlowed();
        everSlowed = true;
        slowed = now + wait.toNanos();
      }
      if (begins) {
        changed.run();
      }
      pause.sleep(wait);
    }
  }

  /** Whether it made somebody wait a moment ago. */
  synchronized boolean isSlowed() {
    return everSlowed && nanos.getAsLong() - slowed < SHOWN.toNanos();
  }
}
