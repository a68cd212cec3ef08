package io.cyphermesh.logwatch;

import io.cyphermesh.api.IpAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sources with a bucket, at most a given number; the least recently used go first. */
final class Suspects {

  private static final int SWEEP_EVERY = 1024;

  private final int greatest;
  private final int rules;
  private final int threats;
  private final LinkedHashMap<IpAddress, Suspect> byAddress = new LinkedHashMap<>(64, 0.75f, true);
  private int sinceSweep;

  Suspects(int greatest, int rules, int threats) {
    this.greatest = greatest;
    this.rules = rules;
    this.threats = threats;
  }

  @Nullable Suspect find(IpAddress address) {
    return byAddress.get(address);
  }

  Suspect findOrAdd(IpAddress address, long clock) {
    Suspect known = byAddress.get(address);
    if (known != null) {
      return known;
    }
    if (++sinceSweep >= SWEEP_EVERY) {
      dropExpired(clock);
    }
    if (byAddress.size() >= greatest) {
      Iterator<Map.Entry<IpAddress, Suspect>> eldest = byAddress.entrySet().iterator();
      eldest.next();
      eldest.remove();
    }
    Suspect added = newSuspect(address);
    byAddress.put(address, added);
    return added;
  }

  Suspect newSuspect(IpAddress address) {
    return new Suspect(address, rules, threats);
  }

  /** Forgets those whose buckets are empty and whose cool-downs are over. */
  void dropExpired(long clock) {
    sinceSweep = 0;
    byAddress.values().removeIf(suspect -> suspect.isExpired(clock));
  }

  int size() {
    return byAddress.size();
  }

  /** The most recently used first. */
  Iterable<Suspect> recentFirst() {
    return byAddress.sequencedValues().reversed();
  }

  /** Replaces all. */
  void load(List<Suspect> recentFirst, long clock) {
    byAddress.clear();
    for (Suspect suspect : recentFirst.reversed()) {
      suspect.touch(clock);
      byAddress.put(suspect.address, suspect);
      if (byAddress.size() > greatest) {
        byAddress.pollFirstEntry();
      }
    }
  }
}
