package io.cyphermesh.api;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The node's identity on TLS links. Whoever holds it can act as the node on a link; the private key
 * itself stays inside.
 */
@Experimental
public interface TlsIdentity {

  /** This node's own id. */
  NodeId self();

  /** For links to any node. Its trust manager asks only for the right shape of key. */
  SSLContext context();

  /** For a dial to a known node: the handshake fails when another one answers. */
  SSLContext contextFor(NodeId expected);

  /**
   * Who is at the other end, read from the session after its handshake.
   *
   * @throws SSLPeerUnverifiedException if the peer proved no key
   */
  NodeId peer(SSLSession session) throws SSLPeerUnverifiedException;
}
