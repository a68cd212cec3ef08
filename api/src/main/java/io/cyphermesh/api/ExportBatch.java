package io.cyphermesh.api;

import java.util.List;

/**
 * Events to deliver together.
 *
 * @param events at least one, in the order in which the node stored them
 * @param firstSeq the first one's number in the node's log; ascending, with gaps
 * @param lastSeq the last one's number
 * @param lost how many events this exporter missed for good, over its whole life, since they were
 *     deleted before they could be delivered: too old, or the store was full
 */
public record ExportBatch(List<ThreatEvent> events, long firstSeq, long lastSeq, long lost) {
  public ExportBatch {
    events = List.copyOf(events);
    if (events.isEmpty()) {
      throw new IllegalArgumentException("a batch has at least one event");
    }
  }
}
