package io.cyphermesh.core.source;

/**
 * Carries what a handler threw, and where, out of what gave it the line; its cause is what the
 * handler threw.
 */
public final class LineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message where the line stands
   */
  public LineException(String message, Throwable cause) {
    super(message, cause);
  }
}
