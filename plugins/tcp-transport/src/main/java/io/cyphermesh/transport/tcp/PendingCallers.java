package io.cyphermesh.transport.tcp;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Callers without a complete handshake, bounded: a new one always gets in, and the oldest goes.
 *
 * <p>Which oldest: of the silent ones or of those shaking hands, whichever are more. So a flood of
 * one kind crowds out its own, and half of the room is always left to the other kind.
 *
 * @param <C> a caller
 */
final class PendingCallers<C> {
  private final int limit;
  private final Set<C> silent = new LinkedHashSet<>();
  private final Set<C> shaking = new LinkedHashSet<>();
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
    return silent.size() + shaking.size() > limit ? removeOldest() : Optional.empty();
  }

  /** The caller began a handshake. Returns false if it was crowded out meanwhile. */
  synchronized boolean spoke(C caller) {
    return silent.remove(caller) && shaking.add(caller);
  }

  /** The caller completed its handshake or left. Returns false if it was crowded out meanwhile. */
  synchronized boolean remove(C caller) {
    return silent.remove(caller) || shaking.remove(caller);
  }

  /** Takes out the one that has to go first. */
  synchronized Optional<C> removeOldest() {
    Iterator<C> oldest = (silent.size() >= shaking.size() ? silent : shaking).iterator();
    if (!oldest.hasNext()) {
      return Optional.empty();
    }
    C caller = oldest.next();
    oldest.remove();
    return Optional.of(caller);
  }

  /** Lets nobody in any more; returns those who were. */
  synchronized List<C> close() {
    closed = true;
    List<C> all = new ArrayList<>(silent);
    all.addAll(shaking);
    silent.clear();
    shaking.clear();
    return all;
  }

  synchronized int size() {
    return silent.size() + shaking.size();
  }
}
