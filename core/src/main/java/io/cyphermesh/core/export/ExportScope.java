package io.cyphermesh.core.export;

import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * What an exporter may see, in the form in which it sees it. TLP:RED never leaves the node;
 * TLP:AMBER only where the operator configured it.
 *
 * @param amber whether events marked {@code amber} may be exported
 */
public record ExportScope(boolean amber) {

  /** The event as a plugin gets it; empty where its marking forbids that. */
  public Optional<ThreatEvent> view(StoredEvent stored) {
    return stored.event().tlp().filter(this::admits).map(tlp -> view(stored, tlp));
  }

  private boolean admits(Tlp tlp) {
    return switch (tlp) {
      case CLEAR, GREEN -> true;
      case AMBER -> amber;
      case RED -> false;
    };
  }

  private static ThreatEvent view(StoredEvent stored, Tlp tlp) {
    SignedEvent event = stored.event();
    Optional<EventTime> time = event.time();
    Instant when = time.map(EventTime::instant).orElse(stored.receivedAt());
    return new ThreatEvent(
        stored.key(),
        event.sourceIp(),
        event.threatType(),
        Severity.of(event.severity()),
        when,
        time.map(EventTime::approximate).orElse(true),
        tlp,
        event.reporter().nodeId(),
        stored.local(),
        stored.receivedAt(),
        event.details().map(details -> details.json()),
        event.canonical());
  }
}
