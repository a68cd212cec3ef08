package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.EventId;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keys stored lately, so that the copies which arrive by other links need no query. It forgets at
 * will: two keys of one slot displace each other.
 */
final class RecentKeys {
  private static final int SLOTS = 1 << 14;

  private final AtomicReferenceArray<EventId> slots = new AtomicReferenceArray<>(SLOTS);

  void add(EventId key) {
    slots.set(slot(key), key);
  }

  void remove(EventId key) {
    EventId there = slots.get(slot(key));
    if (key.equals(there)) {
      slots.compareAndSet(slot(key), there, null);
    }
  }

  boolean contains(EventId key) {
    return key.equals(slots.get(slot(key)));
  }

  private static int slot(EventId key) {
    int hash = key.hashCode();
    return (hash ^ (hash >>> 16)) & (SLOTS - 1);
  }
}
