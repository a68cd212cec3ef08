package io.cyphermesh.core.mesh;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.OriginalEvent;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.protocol.SignedEvent;
import java.util.List;

/** What a mesh asks for. */
public sealed interface Output {

  /** Send a message over links. */
  record Send(List<LinkId> links, Message message) implements Output {
    public Send {
      links = List.copyOf(links);
    }
  }

  /** Dial; answered by {@link Input.LinkUp} or {@link Input.DialFailed}. */
  record Dial(HostPort address, DialPolicy policy) implements Output {}

  /** End a link; answered by {@link Input.LinkDown}. */
  record Close(LinkId link, String reason) implements Output {}

  /** Examine an event; answered by {@link Input.EventVerified} where it is valid. */
  record Verify(LinkId link, PeerId deliverer, SignedEvent event, int hops) implements Output {}

  /** Find out who is to blame for an event that is not stored in any case. */
  record VerifyUnusual(LinkId link, PeerId deliverer, OriginalEvent event, String why)
      implements Output {}

  /** Leave an event aside, without blame. */
  record Ignore(LinkId link, String why) implements Output {}

  /** Store a valid event; answered by {@link Input.EventStored} where it was new. */
  record Store(LinkId link, PeerId deliverer, SignedEvent event, boolean bare, int hops)
      implements Output {}

  /** Check the signatures of peer records; answered by {@link Input.PeersVerified}. */
  record VerifyPeers(LinkId link, List<PeerRecord> records) implements Output {
    public VerifyPeers {
      records = List.copyOf(records);
    }
  }

  /** Send what the peer may have missed: the newest stored events. */
  record Replay(LinkId link) implements Output {}

  /** A peer delivered an invalid event. */
  record Penalise(LinkId link, PeerId peer, String reason) implements Output {}

  /** Remember that a node was found at an address. */
  record Remember(HostPort address, NodeId nodeId, AddressOrigin origin) implements Output {}

  /** Give a {@link Input.Tick} at this time; replaces an earlier one. */
  record SetTimer(long atNanos) implements Output {}
}
