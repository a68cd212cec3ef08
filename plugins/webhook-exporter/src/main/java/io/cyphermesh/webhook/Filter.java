package io.cyphermesh.webhook;

import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import java.util.List;

/** Which events are posted. */
record Filter(
    Severity minSeverity, List<String> types, List<String> excludeTypes, boolean onlyLocal) {

  Filter {
    types = List.copyOf(types);
    excludeTypes = List.copyOf(excludeTypes);
  }

  static Filter of(Settings settings) {
    return new Filter(
        settings.minSeverity(), settings.types(), settings.excludeTypes(), settings.onlyLocal());
  }

  boolean passes(ThreatEvent event) {
    return rank(event.severity()) >= rank(minSeverity)
        && (event.local() || !onlyLocal)
        && (types.isEmpty() || types.stream().anyMatch(type -> matches(type, event.threatType())))
        && excludeTypes.stream().noneMatch(type -> matches(type, event.threatType()));
  }

  private static int rank(Severity severity) {
    return switch (severity) {
      case LOW, UNKNOWN -> 0;
      case MEDIUM -> 1;
      case HIGH -> 2;
      case CRITICAL -> 3;
    };
  }

  private static boolean matches(String pattern, String type) {
    return pattern.endsWith("*")
        ? type.startsWith(pattern.substring(0, pattern.length() - 1))
        : type.equals(pattern);
  }
}
