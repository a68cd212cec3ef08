package io.cyphermesh.cli.node;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Map;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * Ends the process where the heap stays full. The JVM then collects garbage without end and finds a
 * few bytes each time: no thread runs out of memory for minutes, and none gets on.
 */
final class MemoryWatch {
  /** Of the heap, after a full collection. */
  private static final double FULL = 0.95;

  /** A plugin that wants too much at once is out of memory and gives it back well within this. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Runnable exhausted;
  private long fullSinceMillis = -1;

  MemoryWatch(Runnable exhausted) {
    this.exhausted = exhausted;
  }

  /** Begins to watch this process. */
  void start() {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener(
            (notification, _) -> {
              GarbageCollectionNotificationInfo info =
                  GarbageCollectionNotificationInfo.from(
                      (CompositeData) notification.getUserData());
              if (info.getGcAction().equals("end of major GC")) {
                collected(
                    info.getGcInfo().getMemoryUsageAfterGc(),
                    Runtime.getRuntime().maxMemory(),
                    info.getGcInfo().getEndTime());
              }
            },
            null,
            null);
      }
    }
  }

  /**
   * A full collection is over.
   *
   * @param max bytes that the heap may have
   * @param atMillis by a clock that only goes forward
   */
  void collected(Map<String, MemoryUsage> after, long max, long atMillis) {
    long used =
        after.entrySet().stream()
            .filter(pool -> !isOutsideTheHeap(pool.getKey()))
            .mapToLong(pool -> pool.getValue().getUsed())
            .sum();
    if (used < FULL * max) {
      fullSinceMillis = -1;
    } else if (fullSinceMillis < 0) {
      fullSinceMillis = atMillis;
    } else if (atMillis - fullSinceMillis >= PATIENCE.toMillis()) {
      exhausted.run();
    }
  }

  private static boolean isOutsideTheHeap(String pool) {
    return pool.equals("Metaspace")
        || pool.equals("Compressed Class Space")
        || pool.startsWith("Code");
  }
}
