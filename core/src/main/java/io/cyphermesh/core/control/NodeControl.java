package io.cyphermesh.core.control;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.view.EventView;

/** What an operator can tell a node. Every method may be called from any thread. */
public interface NodeControl {

  /**
   * Remembers an address for good and dials it now.
   *
   * @return whether it was new
   */
  boolean addPeer(HostPort address);

  /**
   * Signs, stores and shares an event by hand. Returns when it is durable.
   *
   * @throws IllegalArgumentException if the report cannot become an event; the message says why
   * @throws InterruptedException if the thread was interrupted while the node was busy
   */
  EventView report(ManualReport report) throws InterruptedException;
}
