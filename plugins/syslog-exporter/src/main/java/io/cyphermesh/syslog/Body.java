package io.cyphermesh.syslog;

import io.cyphermesh.api.ThreatEvent;

/** Writes an event as one line. */
@FunctionalInterface
interface Body {
  String of(ThreatEvent event);
}
