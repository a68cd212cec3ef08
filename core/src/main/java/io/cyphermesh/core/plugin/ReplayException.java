package io.cyphermesh.core.plugin;

/** A replay cannot be made or gone on with; the message is the one line that says why. */
public final class ReplayException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean settings;

  ReplayException(String message) {
    super(message);
    settings = false;
  }

  ReplayException(String message, Throwable cause, boolean settings) {
    super(message, cause);
    this.settings = settings;
  }

  /** Whether the operator's settings are wrong. */
  public boolean settings() {
    return settings;
  }
}
