package io.cyphermesh.api;

import java.util.Locale;

/** How bad an observed threat is; the wire's four terms, and one for any other text. */
public enum Severity {
  LOW,
  MEDIUM,
  HIGH,
  CRITICAL,
  /** What a foreign node called by a term of its own; never given to a detection. */
  UNKNOWN;

  /** The term on the wire: the name in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The severity that the wire's term {@code label} names; {@link #UNKNOWN} for any other text. */
  public static Severity of(String label) {
    return switch (label) {
      case "low" -> LOW;
      case "medium" -> MEDIUM;
      case "high" -> HIGH;
      case "critical" -> CRITICAL;
      default -> UNKNOWN;
    };
  }
}
