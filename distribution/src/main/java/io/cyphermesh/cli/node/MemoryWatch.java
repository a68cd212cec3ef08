package io.cyphermesh.cli.node;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process where the heap stays full and collecting garbage takes most of the time. The JVM
 * finds a few bytes each time then: no thread runs out of memory for minutes, and none gets on.
 *
 * <p>A full heap alone is no reason. Large caches fill one as well, with a full collection now and
 * then, and all works.
 */
final class MemoryWatch {
  /** Of the heap, after a full collection. */
  private static final double FULL = 0.95;

  /** A plugin that wants too much at once is out of memory and gives it back well within this. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Of the time in which the heap was full: what full collections took, at least. */
  private static final double BUSY = 0.5;

  private static final Logger LOG = LoggerFactory.getLogger(MemoryWatch.class);

  private final Runnable exhausted;
  private boolean watching;

  // Collectors notify on threads of the JVM, not necessarily on one.
  private long fullSinceMillis = -1;
  private long collectingMillis;

  MemoryWatch(Runnable exhausted) {
    this.exhausted = exhausted;
  }

  /** Begins to watch this process. */
  void start() {
    watch(ManagementFactory.getGarbageCollectorMXBeans());
  }

  /** Begins to watch these collectors. */
  void watch(List<GarbageCollectorMXBean> collectors) {
    for (GarbageCollectorMXBean collector : collectors) {
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
                    info.getGcInfo().getEndTime(),
                    info.getGcInfo().getDuration());
              }
            },
            null,
            null);
        watching = true;
      }
    }
  }

  /** Says in the log where no collector notifies, so that nothing is watched. */
  void warnWhereBlind() {
    if (!watching) {
      LOG.warn(
          "no garbage collector of this Java tells when it is done: a heap that stays full is not"
              + " noticed; choose another one, for instance with JAVA_OPTS=-XX:+UseG1GC");
    }
  }

  /**
   * A full collection is over.
   *
   * @param max bytes that the heap may have
   * @param atMillis its end, by a clock that only goes forward
   * @param tookMillis how long it took
   */
  synchronized void collected(
      Map<String, MemoryUsage> after, long max, long atMillis, long tookMillis) {
    long used =
        after.entrySet().stream()
            .filter(pool -> !isOutsideTheHeap(pool.getKey()))
            .mapToLong(pool -> pool.getValue().getUsed())
            .sum();
    if (used < FULL * max) {
      fullSinceMillis = -1;
      return;
    }
    if (fullSinceMillis < 0) {
      begin(atMillis);
      return;
    }
    collectingMillis += tookMillis;
    long lasted = atMillis - fullSinceMillis;
    if (lasted < PATIENCE.toMillis()) {
      return;
    }
    if (collectingMillis < BUSY * lasted) {
      begin(atMillis);
    } else {
      exhausted.run();
    }
  }

  private void begin(long atMillis) {
    fullSinceMillis = atMillis;
    collectingMillis = 0;
  }

  private static boolean isOutsideTheHeap(String pool) {
    return pool.equals("Metaspace")
        || pool.equals("Compressed Class Space")
        || pool.startsWith("Code");
  }
}
