package io.cyphermesh.core.view;

import java.time.Instant;
import java.util.List;

/**
 * What most events of a span name.
 *
 * @param from since when, by the events' own time
 * @param events how many events there are, exactly
 * @param sampled how many of them were looked at, evenly spread; where that is fewer than all, the
 *     counts in the lists are estimates
 * @param sources observables, the most events first
 * @param types threat types
 * @param reporters node ids
 */
public record TopLists(
    Instant from,
    long events,
    long sampled,
    List<Top> sources,
    List<Top> types,
    List<Top> reporters) {
  public TopLists {
    sources = List.copyOf(sources);
    types = List.copyOf(types);
    reporters = List.copyOf(reporters);
  }

  /** One entry with how many events name it. */
  public record Top(String name, long events) {}
}
