package io.cyphermesh.core.view;

import java.util.List;
import java.util.Optional;

/**
 * What can be seen of a node. Every method may be called from any thread; all may block briefly.
 */
public interface NodeView {

  NodeStatus status();

  /** What the node is and where it lives. */
  NodeFacts facts();

  /**
   * One page of events, newest first.
   *
   * @param limit 1 to 500
   * @param before only events whose {@code seq} is smaller; empty begins at the newest
   * @throws IllegalArgumentException if the limit is out of its range
   */
  EventPage events(int limit, Optional<Long> before);

  /**
   * One page of the events that a filter lets through, newest first. A page looks at a bounded
   * number of events: it may hold fewer than asked for and yet have a next one.
   *
   * @param limit 1 to 500
   * @param before only events whose {@code seq} is smaller; empty begins at the newest
   * @throws IllegalArgumentException if the limit is out of its range
   */
  EventPage events(EventFilter filter, int limit, Optional<Long> before);

  /**
   * Events behind a number, oldest first: what a reader that has come so far lacks.
   *
   * @param after only events whose {@code seq} is larger
   * @param limit 1 to 500
   * @throws IllegalArgumentException if the limit is out of its range
   */
  List<EventView> eventsAfter(long after, int limit);

  /**
   * Checks an event as one from a peer is checked; nothing is stored, and nobody's score changes.
   *
   * @param json one JSON object: an event as the wire carries it, or as a view shows it
   * @throws IllegalArgumentException if it is no JSON object; the message says why
   */
  EventCheck verify(String json);

  /** The event that is stored under {@code key}, 64 lower-case hexadecimal digits. */
  Optional<EventView> event(String key);

  /**
   * What else is known of the observable of an event.
   *
   * @param limit how many other events, 1 to 500
   * @return empty if there is no such event
   */
  Optional<RelatedView> related(String key, int limit);

  /**
   * One page of indicators.
   *
   * @param text only these: an address, a range such as {@code 192.0.2.0/24}, the begin of an IPv4
   *     address, or part of any other text
   * @param limit 1 to 500
   * @param cursor the next of the page before; empty for the first
   * @throws IllegalArgumentException if the limit is out of its range, or the cursor is none of
   *     this sort and order
   */
  IndicatorPage indicators(
      IndicatorSort sort,
      SortOrder order,
      Optional<String> text,
      int limit,
      Optional<String> cursor);

  /** How many events there were in a span up to now. */
  Timeline timeline(Span span);

  /** What most events of a span up to now name, ten of each kind. */
  TopLists tops(Span span);

  /**
   * All peers worth showing: linked ones first, then who is being dialled, then the reserve, then
   * all others; at most 500.
   */
  List<PeerView> peers();

  /**
   * How a peer's reputation went in the last 7 days.
   *
   * @param peer {@link PeerView#id}
   * @return empty if there is no such peer, or no score of it
   */
  Optional<ScoreHistory> scores(String peer);

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
