package io.cyphermesh.core.protocol;

/** What a peer sent is no frame of the protocol; its link ends. The message says what was wrong. */
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1;

  public ProtocolException(String message) {
    // Strangers cause these at any rate: no stack trace.
    super(message, null, false, false);
  }
}
