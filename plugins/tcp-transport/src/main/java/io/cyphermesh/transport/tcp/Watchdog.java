package io.cyphermesh.transport.tcp;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ends what takes too long. Socket timeouts only bound the gap between two bytes, which a peer that
 * drips bytes never exceeds; an alarm here bounds the whole.
 *
 * <p>Actions must not block. The one thread ends by itself while nothing is being watched, since a
 * thread left behind would keep a replaced plugin's classes for ever.
 */
final class Watchdog {
  private static final Duration IDLE = Duration.ofSeconds(5);

  private final ScheduledThreadPoolExecutor timer;

  Watchdog() {
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("tcp-transport-watchdog").factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  /** Runs {@code action} after {@code delay}, unless cancelled before. */
  Alarm after(Duration delay, Runnable action) {
    // Not the future's own word: it says that it was cancelled also while the action runs.
    AtomicReference<Fate> fate = new AtomicReference<>(Fate.OPEN);
    ScheduledFuture<?> future =
        timer.schedule(
            () -> {
              if (fate.compareAndSet(Fate.OPEN, Fate.LATE)) {
                action.run();
              }
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS);
    return () -> {
      boolean inTime = fate.compareAndSet(Fate.OPEN, Fate.IN_TIME) || fate.get() == Fate.IN_TIME;
      future.cancel(false);
      return inTime;
    };
  }

  private enum Fate {
    OPEN,
    IN_TIME,
    LATE
  }

  /** Something that will happen unless it is cancelled. */
  @FunctionalInterface
  interface Alarm {
    /** Returns whether it was in time: false once the action has begun. */
    boolean cancel();
  }
}
