package io.cyphermesh.dashboard;

import io.cyphermesh.dashboard.access.Role;
import io.cyphermesh.dashboard.access.Token;
import io.cyphermesh.dashboard.access.TokenBook;
import java.util.Optional;

/** Whose secret something is: the local token's, or that of one that was made. */
final class Credentials {
  private final ApiToken local;
  private final TokenBook made;

  Credentials(ApiToken local, TokenBook made) {
    this.local = local;
    this.made = made;
  }

  /**
   * Who is known by a secret.
   *
   * @param name the token's, for logs and pages
   * @param token what was made; empty for the local one
   */
  record Holder(String name, Role role, Optional<Token> token) {
    /** Of the file api-token. */
    static final Holder LOCAL = new Holder("api-token", Role.ADMIN, Optional.empty());
  }

  /**
   * Who has this secret. Both kinds are always compared, so that time does not tell which it is.
   */
  Optional<Holder> find(String secret) {
    boolean isLocal = local.matches(secret);
    Optional<Token> found = made.find(secret);
    return isLocal
        ? Optional.of(Holder.LOCAL)
        : found.map(token -> new Holder(token.name(), token.role(), Optional.of(token)));
  }

  /** Whether who was found once still counts: his token may have been revoked, or have expired. */
  boolean counts(Holder holder) {
    return holder.token().map(made::counts).orElse(true);
  }
}
