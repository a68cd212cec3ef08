package io.cyphermesh.core.control;

/** The node cannot take an order now; later it may. The message is one line. */
public final class NodeBusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With what keeps it from that. */
  public NodeBusyException(String reason) {
    super(reason);
  }
}
