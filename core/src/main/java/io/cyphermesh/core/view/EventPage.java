package io.cyphermesh.core.view;

import java.util.List;
import java.util.Optional;

/**
 * A page of events, newest first.
 *
 * @param events at most as many as asked
 * @param next what to give as {@code before} for the page behind this one; empty on the last page
 * @param partial whether the search stopped before the page was full, since it had looked at as
 *     many events as one page may: {@code next} goes on
 */
public record EventPage(List<EventView> events, Optional<Long> next, boolean partial) {
  public EventPage {
    events = List.copyOf(events);
  }

  /** A page that is full or the last. */
  public EventPage(List<EventView> events, Optional<Long> next) {
    this(events, next, false);
  }
}
