package io.cyphermesh.core.store;

/**
 * The store could not read or write. The message is one line that names the file and says what to
 * do about it; what was to be written is not stored, and the store goes on.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
