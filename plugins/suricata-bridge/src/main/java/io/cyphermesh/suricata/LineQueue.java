package io.cyphermesh.suricata;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lines from the sockets' threads to the detector's. Bounded by their characters: while it is full,
 * sockets are not read, so that their senders wait or drop.
 */
final class LineQueue {

  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final Semaphore waiting = new Semaphore(0);
  private final Semaphore room;
  private final int capacity;

  /**
   * @param capacity greatest number of characters
   */
  LineQueue(int capacity) {
    this.capacity = capacity;
    room = new Semaphore(capacity);
  }

  /** Waits while there is no room. */
  void put(String line) throws InterruptedException {
    room.acquire(weight(line));
    lines.add(line);
    waiting.release();
  }

  /** The next line, or null if none came within {@code millis}. */
  @Nullable String poll(long millis) throws InterruptedException {
    if (!waiting.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
      return null;
    }
    String line = lines.poll();
    if (line != null) {
      room.release(weight(line));
    }
    return line;
  }

  /** A line costs something even where it is empty. */
  private int weight(String line) {
    return Math.min(capacity, line.length() + 64);
  }
}
