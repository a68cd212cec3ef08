package io.cyphermesh.api;

import java.util.Locale;
import java.util.Optional;

/**
 * Traffic Light Protocol marking (FIRST, TLP 2.0): with whom an event may be shared.
 *
 * <p>{@code RED} never leaves the node. {@code AMBER} goes only to peers that the operator lists.
 * {@code GREEN} is relayed on authenticated links; on an open mesh it is a request to its readers,
 * not protection.
 */
public enum Tlp {
  CLEAR,
  GREEN,
  AMBER,
  RED;

  /** The term on the wire: the name in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The marking that the wire's term {@code label} names; empty for any other text. */
  public static Optional<Tlp> of(String label) {
    return switch (label) {
      case "clear" -> Optional.of(CLEAR);
      case "green" -> Optional.of(GREEN);
      case "amber" -> Optional.of(AMBER);
      case "red" -> Optional.of(RED);
      default -> Optional.empty();
    };
  }
}
