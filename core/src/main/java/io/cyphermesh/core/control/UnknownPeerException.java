package io.cyphermesh.core.control;

/** Nothing is known of a peer. The message is one line. */
public final class UnknownPeerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For the peer that was asked for. */
  public UnknownPeerException(String peer) {
    super("nothing is known of the peer " + peer);
  }
}
