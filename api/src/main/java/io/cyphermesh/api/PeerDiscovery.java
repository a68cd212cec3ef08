package io.cyphermesh.api;

import org.pf4j.ExtensionPoint;

/** A way to find other nodes: a LAN's broadcasts, a directory, a list somewhere. */
@Experimental
public interface PeerDiscovery extends ExtensionPoint {

  /**
   * Looks for nodes until told to stop. Runs on a thread of its own, which the node owns, and only
   * where the operator wants peers to be looked for and the node listens.
   *
   * <p>An interrupt means stop: let {@link InterruptedException} pass. Returning or throwing means
   * a supervised restart after a pause.
   *
   * @throws Exception whatever went wrong; its message is shown to the operator
   */
  void run(DiscoveryContext context) throws Exception;
}
