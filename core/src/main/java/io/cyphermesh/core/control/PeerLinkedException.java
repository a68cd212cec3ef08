package io.cyphermesh.core.control;

import io.cyphermesh.api.HostPort;

/** A peer that is linked cannot be forgotten. The message is one line. */
public final class PeerLinkedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For the address where it is. */
  public PeerLinkedException(HostPort address) {
    super("a link is up at " + address + ": to part from that peer, ban it");
  }
}
