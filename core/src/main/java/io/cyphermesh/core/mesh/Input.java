package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What happens to a mesh. */
public sealed interface Input {

  /**
   * A link's handshake and HELLO are complete.
   *
   * @param peer who is there
   * @param dialled the address that we dialled; empty where the peer did
   * @param remoteHost the IP address at the other end
   * @param listenPort where the peer says that it listens; 0 where it does not
   * @param agent the peer's software
   * @param capabilities what the peer can do beyond the base
   */
  record LinkUp(
      LinkId link,
      PeerId peer,
      Optional<HostPort> dialled,
      String remoteHost,
      int listenPort,
      String agent,
      Set<String> capabilities)
      implements Input {}

  /** A link is gone. */
  record LinkDown(LinkId link, String reason) implements Input {}

  /** A dial came to nothing. {@code self} if it was ourselves who answered. */
  record DialFailed(HostPort address, String reason, boolean self) implements Input {}

  /** A message other than HELLO arrived. */
  record Received(LinkId link, Message message) implements Input {}

  /** The time that was asked for by {@link Output.SetTimer} has come. */
  record Tick() implements Input {}

  /** An event for which {@link Output.Verify} asked is valid. */
  record EventVerified(LinkId link, PeerId deliverer, SignedEvent event, boolean bare, int hops)
      implements Input {}

  /**
   * An event is stored and durable.
   *
   * @param from the link that delivered it; empty for one of our own, or from a file
   * @param key what it is stored under
   * @param local whether it is our own
   */
  record EventStored(Optional<LinkId> from, EventId key, SignedEvent event, int hops, boolean local)
      implements Input {
    /** What no link delivered is our own. */
    public EventStored(Optional<LinkId> from, EventId key, SignedEvent event, int hops) {
      this(from, key, event, hops, from.isEmpty());
    }
  }

  /** Those of the records for which {@link Output.VerifyPeers} asked whose signatures are right. */
  record PeersVerified(LinkId link, List<PeerRecord> records) implements Input {
    public PeersVerified {
      records = List.copyOf(records);
    }
  }

  /** A record of our own, to be told to others. */
  record OwnRecord(PeerRecord record) implements Input {}

  /**
   * An address to dial: named by the operator, found on the LAN, or remembered from before.
   *
   * @param nodeId who is there, where that is known or was said; plain is not tried there then
   */
  record AddAddress(HostPort address, AddressOrigin origin, Optional<NodeId> nodeId)
      implements Input {}

  /**
   * A peer is ignored from now on: its links end; a node is not dialled.
   *
   * @param lasting after which it is no longer ignored; empty where only {@link Restore} ends it
   */
  record Ignore(PeerId peer, String reason, Optional<Duration> lasting) implements Input {
    /** Until {@link Restore}. */
    public Ignore(PeerId peer, String reason) {
      this(peer, reason, Optional.empty());
    }
  }

  /** A peer is no longer ignored. */
  record Restore(PeerId peer) implements Input {}
}
