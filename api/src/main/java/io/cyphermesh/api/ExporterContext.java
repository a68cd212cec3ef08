package io.cyphermesh.api;

import java.util.List;
import java.util.Optional;

/** What the node lends to an {@link Exporter}: besides its settings, a read-only view of events. */
public interface ExporterContext extends PluginContext {

  /** This node. */
  NodeId self();

  /** The stored event of this id, where its marking lets this exporter see it. */
  Optional<ThreatEvent> event(EventId id);

  /**
   * The newest stored events, newest first, those left out that this exporter may not see.
   *
   * @param limit how many are looked at, 1 to 500
   * @throws IllegalArgumentException if the limit is out of its range
   */
  List<ThreatEvent> newest(int limit);
}
