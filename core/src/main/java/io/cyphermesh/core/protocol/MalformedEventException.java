package io.cyphermesh.core.protocol;

/** What was sent as an event has not the form of one; its deliverer is to blame. */
public final class MalformedEventException extends Exception {
  private static final long serialVersionUID = 1;

  public MalformedEventException(String message) {
    // Strangers cause these at any rate: no stack trace.
    super(message, null, false, false);
  }
}
