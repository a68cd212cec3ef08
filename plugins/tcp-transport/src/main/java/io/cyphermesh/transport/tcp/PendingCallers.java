package io.cyphermesh.transport.tcp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Callers without a complete handshake, bounded: a new one always gets in, and an old one goes.
 *
 * <p>Which one: of the silent ones or of those that speak, whichever are more, the oldest from the
 * network that has most of them. So a flood crowds out its own: half of the room is always left to
 * callers of the other kind, and one network never displaces those of many.
 *
 * @param <C> a caller
 */
final class PendingCallers<C extends PendingCallers.Pending> {
  /** What has to be known of a caller. */
  interface Pending {
    Network network();

    /** Whether its first byte is there, be it read already or not. */
    boolean hasSpoken();
  }

  private final int limit;
  private final Kind<C> silent = new Kind<>();
  private final Kind<C> speaking = new Kind<>();
  private boolean closed;

  PendingCallers(int limit) {
    this.limit = limit;
  }

  /** Lets {@code caller} in; returns who has to go for it, itself once all is closed. */
  synchronized Optional<C> add(C caller) {
    if (closed) {
      return Optional.of(caller);
    }
    silent.add(caller);
    return silent.size + speaking.size > limit ? removeOldest() : Optional.empty();
  }

  /** The caller began a handshake. Returns false if it was crowded out meanwhile. */
  synchronized boolean spoke(C caller) {
    if (silent.remove(caller)) {
      speaking.add(caller);
    }
    return speaking.contains(caller);
  }

  /** The caller completed its handshake or left. Returns false if it was crowded out meanwhile. */
  synchronized boolean remove(C caller) {
    return silent.remove(caller) || speaking.remove(caller);
  }

  /** Takes out the one that has to go first. */
  synchronized Optional<C> removeOldest() {
    while (silent.size > 0 && silent.size >= speaking.size) {
      C oldest = silent.oldest();
      silent.remove(oldest);
      // On a busy machine a caller may have spoken before its thread came to read it.
      if (!oldest.hasSpoken()) {
        return Optional.of(oldest);
      }
      speaking.add(oldest);
    }
    if (speaking.size == 0) {
      return Optional.empty();
    }
    C oldest = speaking.oldest();
    speaking.remove(oldest);
    return Optional.of(oldest);
  }

  /** Lets nobody in any more; returns those who were. */
  synchronized List<C> close() {
    closed = true;
    List<C> all = new ArrayList<>();
    silent.drainTo(all);
    speaking.drainTo(all);
    return all;
  }

  synchronized int size() {
    return silent.size + speaking.size;
  }

  /** Callers by network, both in order of age. */
  private static final class Kind<C extends Pending> {
    private final Map<Network, Set<C>> networks = new LinkedHashMap<>();
    private int size;

    void add(C caller) {
      if (networks.computeIfAbsent(caller.network(), _ -> new LinkedHashSet<>()).add(caller)) {
        size++;
      }
    }

    boolean contains(C caller) {
      return networks.getOrDefault(caller.network(), Set.of()).contains(caller);
    }

    boolean remove(C caller) {
      Set<C> callers = networks.getOrDefault(caller.network(), Set.of());
      if (!callers.contains(caller)) {
        return false;
      }
      callers.remove(caller);
      if (callers.isEmpty()) {
        networks.remove(caller.network());
      }
      size--;
      return true;
    }

    /** Of at least one. */
    C oldest() {
      Set<C> most = Set.of();
      for (Set<C> callers : networks.values()) {
        if (callers.size() > most.size()) {
          most = callers;
        }
      }
      return most.iterator().next();
    }

    void drainTo(List<C> all) {
      networks.values().forEach(all::addAll);
      networks.clear();
      size = 0;
    }
  }
}
