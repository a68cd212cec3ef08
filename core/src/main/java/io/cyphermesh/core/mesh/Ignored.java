package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The events that were judged to be ignored lately, so that they are not wanted again and again.
 * After an hour they are, since reasons to ignore an event pass: a rate, a ban.
 */
final class Ignored {
  private static final int MAX = 50_000;
  private static final long LASTING_NANOS = 3_600_000_000_000L;

  private final Map<Id, Long> until = new LinkedHashMap<>();

  private record Id(long a, long b, long c, long d) {}

  void add(long now, EventId id) {
    forget(now);
    long[] words = new long[4];
    EventSet.words(id, words, 0);
    Id key = new Id(words[0], words[1], words[2], words[3]);
    until.remove(key);
    until.put(key, now + LASTING_NANOS);
    if (until.size() > MAX) {
      Iterator<Id> eldest = until.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
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
