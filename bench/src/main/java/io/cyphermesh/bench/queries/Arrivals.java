package io.cyphermesh.bench.queries;

import io.cyphermesh.core.store.EventStore;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** So many events a second that arrive, until it is closed. */
final class Arrivals implements AutoCloseable {
  private static final long SLICE_NANOS = 10_000_000;

  private final Thread thread;
  private final AtomicLong sent = new AtomicLong();
  private final long begin = System.nanoTime();
  private volatile boolean over;

  Arrivals(EventStore store, int perSecond) {
    thread =
        Thread.ofPlatform()
            .name("arrivals")
            .start(
                () -> {
                  SkewedEvents events = new SkewedEvents(begin);
                  while (!over) {
                    long due = (System.nanoTime() - begin) / 1_000_000 * perSecond / 1000;
                    try {
                      while (sent.get() < due && !over) {
                        store.add(events.next(Instant.now()), outcome -> {});
                        sent.incrementAndGet();
                      }
                    } catch (InterruptedException e) {
                      return;
                    }
                    LockSupport.parkNanos(SLICE_NANOS);
                  }
                });
  }

  /** How many came a second so far. */
  double perSecond() {
    return sent.get() * 1e9 / (System.nanoTime() - begin);
  }

  @Override
  public void close() {
    over = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
