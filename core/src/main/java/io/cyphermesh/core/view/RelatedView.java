package io.cyphermesh.core.view;

import java.util.List;

/**
 * What else is known of an event's observable.
 *
 * @param indicator the observable
 * @param reporters who reported it, the most events first; at most 100
 * @param events the newest other events of it
 */
public record RelatedView(
    IndicatorView indicator, List<Sighting> reporters, List<EventView> events) {
  public RelatedView {
    reporters = List.copyOf(reporters);
    events = List.copyOf(events);
  }

  /**
   * A reporter of an indicator.
   *
   * @param reporterId its node id
   * @param events how many of its events name the indicator
   */
  public record Sighting(String reporterId, long events) {}
}
