package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.protocol.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** One end of a link. */
final class End {
  /** Number among all ends of a world. */
  final int index;

  final Host host;
  final LinkId id;

  /** What was dialled from here; empty where the other end did. */
  final Optional<HostPort> dialled;

  /** The far end; itself until there is one. */
  End other = this;

  boolean open;

  /** Whether its host was gone before it could say so. */
  boolean silent;

  /** Nanoseconds that a message takes from here to the other end, at least. */
  long latency;

  /** When the last message arrives here: the next one does so no sooner. */
  long lastArrival;

  /** What waits since the host does not read. */
  final Deque<Message> backlog = new ArrayDeque<>(0);

  long backlogBytes;

  End(int index, Host host, LinkId id, Optional<HostPort> dialled) {
    this.index = index;
    this.host = host;
    this.id = id;
    this.dialled = dialled;
  }
}
