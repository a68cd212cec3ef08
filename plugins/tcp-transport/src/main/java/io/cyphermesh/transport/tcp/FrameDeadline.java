package io.cyphermesh.transport.tcp;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Bounds the time from a frame's first byte to its last. A link begins and ends hundreds of
 * thousands of frames a second, so it does not set an alarm for each: one alarm follows the link
 * and looks, when it rings, whether the deadline has moved on.
 */
final class FrameDeadline {
  private static final long NONE = 0;

  private final Watchdog watchdog;
  private final Duration limit;
  private final Runnable missed;
  private final AtomicBoolean watched = new AtomicBoolean();

  /** {@link System#nanoTime} of the deadline, or {@link #NONE}. */
  private volatile long deadline = NONE;

  FrameDeadline(Watchdog watchdog, Duration limit, Runnable missed) {
    this.watchdog = watchdog;
    this.limit = limit;
    this.missed = missed;
  }

  /** A frame began; it ends by {@link #end} or is missed. */
  void begin() {
    long at = System.nanoTime() + limit.toNanos();
    deadline = at == NONE ? 1 : at;
    watch(limit);
  }

  void end() {
    deadline = NONE;
  }

  private void watch(Duration delay) {
    if (watched.compareAndSet(false, true)) {
      watchdog.after(delay, this::look);
    }
  }

  private void look() {
    watched.set(false);
    long at = deadline;
    if (at == NONE) {
      return;
    }
    long left = at - System.nanoTime();
    if (left <= 0) {
      missed.run();
    } else {
      watch(Duration.ofNanos(left));
    }
  }
}
