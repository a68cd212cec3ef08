package io.cyphermesh.core.export;

import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an exporter gets to see, in the form in which it sees it. TLP:RED never leaves the node;
 * TLP:AMBER only where the operator configured it.
 */
public final class ExportScope {
  private final ExportSettings settings;

  public ExportScope(ExportSettings settings) {
    this.settings = settings;
  }

  /** The event as a plugin gets it; empty where it is not for this exporter. */
  public Optional<ThreatEvent> view(StoredEvent stored) {
    SignedEvent event = stored.event();
    return event
        .tlp()
        .filter(tlp -> admits(tlp) && wanted(event, stored.local()))
        .map(tlp -> view(stored, tlp));
  }

  private boolean admits(Tlp tlp) {
    return switch (tlp) {
      case CLEAR, GREEN -> true;
      case AMBER -> settings.amber();
      case RED -> false;
    };
  }

  private boolean wanted(SignedEvent event, boolean local) {
    return rank(Severity.of(event.severity())) >= rank(settings.minSeverity())
        && (local || !settings.onlyLocal())
        && (settings.types().isEmpty() || named(settings.types(), event.threatType()))
        && !named(settings.excludeTypes(), event.threatType());
  }

  private static int rank(Severity severity) {
    return switch (severity) {
      case LOW, UNKNOWN -> 0;
      case MEDIUM -> 1;
      case HIGH -> 2;
      case CRITICAL -> 3;
    };
  }

  private static boolean named(List<String> patterns, String type) {
    return patterns.stream()
        .anyMatch(
            pattern ->
                pattern.endsWith("*")
                    ? type.startsWith(pattern.substring(0, pattern.length() - 1))
                    : type.equals(pattern));
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
        event.details().map(SignedEvent.Details::json),
        event.canonical());
  }
}
