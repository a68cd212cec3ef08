package io.cyphermesh.dashboard.access;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A token, without its secret.
 *
 * @param id 8 hexadecimal digits, for lists and logs
 * @param name what the operator calls it: 1 to 64 letters, digits, dots, dashes and underscores
 * @param role what its holder may do
 * @param sha256 of the secret's text, 64 lower-case hexadecimal digits
 * @param created when it was made
 * @param expires from when on it counts for nothing; empty where it lasts until it is revoked
 */
public record Token(
    String id, String name, Role role, String sha256, Instant created, Optional<Instant> expires) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  public Token {
    if (!ID.matcher(id).matches() || !SHA256.matcher(sha256).matches()) {
      throw new IllegalArgumentException("a token's id has 8 and its hash 64 hexadecimal digits");
    }
    requireName(name);
  }

  /**
   * @throws IllegalArgumentException if a token cannot be called so; the message says what can be
   */
  static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a token's name is 1 to 64 letters, digits, dots, dashes and underscores, and begins with"
              + " a letter or a digit");
    }
  }

  /** Whether it counts for something at {@code now}. */
  public boolean validAt(Instant now) {
    return expires.isEmpty() || now.isBefore(expires.get());
  }
}
