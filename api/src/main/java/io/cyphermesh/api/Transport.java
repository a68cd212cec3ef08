package io.cyphermesh.api;

import java.io.IOException;
import org.pf4j.ExtensionPoint;

/**
 * Carries frames between nodes. Links carry opaque frames; what is in them is the node's business.
 *
 * <p>The node asks for sizes and times ({@link TransportLimits}), the transport keeps them.
 */
@Experimental
public interface Transport extends ExtensionPoint {

  /**
   * Takes the context. Called once, before anything else.
   *
   * @throws IOException if the transport cannot work here; the message is shown to the operator
   */
  void start(TransportContext context) throws IOException;

  /**
   * Binds an address and serves what arrives until the listener is closed or the thread that called
   * {@link Listener#serve} is interrupted.
   *
   * @throws IOException if the address cannot be bound; the message names it
   */
  Listener listen(HostPort address) throws IOException;

  /**
   * Dials, and shakes hands over TLS. Blocks.
   *
   * @param policy whom to find there; anybody else ends the attempt before anything is sent
   * @throws IOException if nobody answered as the policy asks, in time
   */
  Link dial(HostPort address, DialPolicy policy) throws IOException;

  /** A bound address. */
  interface Listener extends AutoCloseable {

    /** The address bound, with the true port where 0 was asked. */
    HostPort address();

    /**
     * Accepts until closed or interrupted. Each link that completed its handshake, or is plain and
     * has none, is handed to {@code acceptor} on a thread of its own, which belongs to the acceptor
     * until it returns; the link is closed then.
     */
    void serve(Acceptor acceptor);

    /** Unbinds. Links that were accepted live on. */
    @Override
    void close();
  }

  /** Takes accepted links. */
  @FunctionalInterface
  interface Acceptor {
    /** Serves one link, blocking until it is over. */
    void accept(Link link);
  }
}
