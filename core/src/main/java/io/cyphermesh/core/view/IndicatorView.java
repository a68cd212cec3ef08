package io.cyphermesh.core.view;

import io.cyphermesh.api.Severity;
import java.time.Instant;
import java.util.List;

/**
 * What the events of the store say of one observable.
 *
 * @param value an IP address in its usual form, or the text as an event has it
 * @param events how many events name it
 * @param reporters how many reporters those are of
 * @param severity the highest of theirs
 * @param types the threat types of the newest of them, the newest first
 * @param firstSeen the earliest of their own times, whenever they arrived. After deletions, of more
 *     than 400 events, the earliest of the 200 that arrived first and the 200 that arrived last.
 * @param lastSeen the latest of their own times, likewise
 */
public record IndicatorView(
    String value,
    long events,
    long reporters,
    Severity severity,
    List<String> types,
    Instant firstSeen,
    Instant lastSeen) {
  public IndicatorView {
    types = List.copyOf(types);
  }
}
