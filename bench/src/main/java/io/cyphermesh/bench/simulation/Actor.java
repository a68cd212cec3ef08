package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.protocol.Message;

/** What runs on a host: a node, or somebody who means ill. */
interface Actor {
  /** A link is up; {@link End#dialled} says by whom. */
  void linkUp(End end);

  /** A link is gone that this actor did not close itself, or did. */
  void linkDown(End end, String reason);

  void dialFailed(HostPort address, String reason, boolean self);

  void received(End end, Message message);

  /** The time given to {@link World#setTimer} has come. */
  void timer();
}
