package io.cyphermesh.dashboard.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a token's holder may do. Each role may do what the one before it may. */
public enum Role {
  /** See events, peers, plugins, metrics. */
  READ,
  /** Report events in the node's name. */
  REPORT,
  /** Everything: peers, plugins, imports, tokens, the audit log. */
  ADMIN;

  /** As it is written in files, documents and commands. */
  public String term() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role of that name; empty where there is none. */
  public static Optional<Role> of(String term) {
    return Arrays.stream(values()).filter(role -> role.term().equals(term)).findFirst();
  }

  /** Whether who has this role may do what {@code needed} may. */
  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }
}
