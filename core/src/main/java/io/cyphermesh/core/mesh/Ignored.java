package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The events that were not taken lately, so that they are not asked for again and again. After a
 * while they are, since reasons not to take an event pass: a rate, a ban.
 */
final class Ignored {
  private final int most;
  private final long lasting;
  private final Map<Id, Long> until = new LinkedHashMap<>();

  /** The {@code most} latest ones, each for so many nanoseconds. */
  Ignored(int most, long lasting) {
    this.most = most;
    this.lasting = lasting;
  }

  /** Those that were judged to be ignored, whoever delivers them. */
  static Ignored lasting() {
    return new Ignored(50_000, 3_600_000_000_000L);
  }

  private record Id(long a, long b, long c, long d) {}

  void add(long now, EventId id) {
    forget(now);
    Id key = key(id);
    until.remove(key);
    until.put(key, now + lasting);
    if (until.size() > most) {
      Iterator<Id> eldest = until.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  boolean contains(long now, EventId id) {
    Long end = until.isEmpty() ? null : until.get(key(id));
    return end != null && end > now;
  }

  private static Id key(EventId id) {
    long[] words = new long[4];
    EventSet.words(id, words, 0);
    return new Id(words[0], words[1], words[2], words[3]);
  }

  private void forget(long now) {
    Iterator<Long> eldest = until.values().iterator();
    while (eldest.hasNext() && eldest.next() <= now) {
      eldest.remove();
    }
  }

  int size() {
    return until.size();
  }

  /** The short ids of all of them, sorted. */
  long[] shorts(long now, SipHash hash) {
    forget(now);
    long[] shorts = new long[until.size()];
    int i = 0;
    for (Id id : until.keySet()) {
      long[] words = {id.a, id.b, id.c, id.d};
      shorts[i++] = hash.hash(words, 0, 4) & Ranges.SHORT_MASK;
    }
    Arrays.sort(shorts);
    return shorts;
  }
}
