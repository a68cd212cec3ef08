package io.cyphermesh.core.store;

import java.time.Duration;

/**
 * Limits of a store.
 *
 * @param retention how old an event's own time may grow before the event is deleted
 * @param maxBytes how many bytes the database may use before events of the least proven reporters
 *     are deleted; checked every 20,000 events and once a minute
 * @param queueCapacity how many writes may wait; beyond it callers block
 * @param groupSize how many writes go into one transaction at most
 * @param readers how many reads may run at a time
 */
public record StoreSettings(
    Duration retention, long maxBytes, int queueCapacity, int groupSize, int readers) {

  /** 30 days, 10 GiB, 8,192 waiting writes in groups of 1,000, 3 readers. */
  public static final StoreSettings DEFAULTS =
      new StoreSettings(Duration.ofDays(30), 10L << 30, 8192, 1000, 3);

  public StoreSettings {
    if (!retention.isPositive()) {
      throw new IllegalArgumentException("store retention must be positive, not " + retention);
    }
    if (maxBytes < 1L << 20) {
      throw new IllegalArgumentException("a store needs 1 MiB at least, not " + maxBytes + " B");
    }
    if (queueCapacity < 1 || groupSize < 1 || readers < 1) {
      throw new IllegalArgumentException(
          "queue capacity, group size and readers of a store must be 1 at least");
    }
  }

  /** These, with another retention. */
  public StoreSettings withRetention(Duration other) {
    return new StoreSettings(other, maxBytes, queueCapacity, groupSize, readers);
  }

  /** These, with another size limit. */
  public StoreSettings withMaxBytes(long other) {
    return new StoreSettings(retention, other, queueCapacity, groupSize, readers);
  }
}
