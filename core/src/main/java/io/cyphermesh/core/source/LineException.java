package io.cyphermesh.core.source;

/**
 * Carries a handler's checked exception out of the follower; its cause is what the handler threw.
 */
public final class LineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LineException(String message, Exception cause) {
    super(message, cause);
  }
}
