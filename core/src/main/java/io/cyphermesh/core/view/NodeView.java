package io.cyphermesh.core.view;

import java.util.List;
import java.util.Optional;

/**
 * What can be seen of a node. Every method may be called from any thread; all may block briefly.
 */
public interface NodeView {

  NodeStatus status();

  /**
   * One page of events, newest first.
   *
   * @param limit 1 to 500
   * @param before only events whose {@code seq} is smaller; empty begins at the newest
   * @throws IllegalArgumentException if the limit is out of its range
   */
  EventPage events(int limit, Optional<Long> before);

  /** The event that is stored under {@code key}, 64 lower-case hexadecimal digits. */
  Optional<EventView> event(String key);

  /** All peers worth showing: linked ones first, then by when they were last seen; at most 500. */
  List<PeerView> peers();

  /** All plugins, by id. */
  List<PluginView> plugins();

  /**
   * Begins to listen to what changes.
   *
   * @param capacity how many changes may wait unread; beyond it they are dropped and a {@link
   *     ViewChange.Missed} takes their place
   */
  Subscription subscribe(int capacity);
}
