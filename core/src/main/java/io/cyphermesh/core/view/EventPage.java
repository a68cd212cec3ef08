package io.cyphermesh.core.view;

import java.util.List;
import java.util.Optional;

/**
 * A page of events, newest first.
 *
 * @param events at most as many as asked
 * @param next what to give as {@code before} for the page behind this one; empty on the last page
 */
public record EventPage(List<EventView> events, Optional<Long> next) {
  public EventPage {
    events = List.copyOf(events);
  }
}
