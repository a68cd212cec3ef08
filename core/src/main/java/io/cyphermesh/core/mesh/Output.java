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

  /** Examine an event; answered by {@link Input.EventVerified} or {@link Input.EventRefused}. */
  record Verify(LinkId link, PeerId deliverer, SignedEvent event, Route route) implements Output {}

  /** Find out who is to blame for an event that is not stored in any case. */
  record VerifyUnusual(LinkId link, PeerId deliverer, OriginalEvent event, String why)
      implements Output {}

  /** Leave an event aside, without blame. */
  record Ignore(LinkId link, String why) implements Output {}

  /** Store a valid event; answered by {@link Input.EventStored} or {@link Input.EventRefused}. */
  record Store(LinkId link, PeerId deliverer, SignedEvent event, boolean bare, Route route)
      implements Output {}

  /** Check the signatures of peer records; answered by {@link Input.PeersVerified}. */
  record VerifyPeers(LinkId link, List<PeerRecord> records) implements Output {
    public VerifyPeers {
      records = List.copyOf(records);
    }
  }

  /** Find out which events are not stored; answered by {@link Input.Missing}. */
  record Lookup(LinkId link, List<Message.Announced> events, boolean late) implements Output {
    public Lookup {
      events = List.copyOf(events);
    }
  }

  /**
   * Send stored events over a link, those that are there and that the peer may see.
   *
   * @param late as one {@link Message.Events} or several, within the node's rate of uploads; else
   *     each as a {@link Message.Event} that has crossed as many links as {@code events} says
   */
  record Deliver(LinkId link, List<Message.Announced> events, boolean late) implements Output {
    public Deliver {
      events = List.copyOf(events);
    }
  }

  /** Send what the peer may have missed: the newest stored events. */
  record Replay(LinkId link) implements Output {}

  /** Tell people how a reconciliation ended. */
  record CaughtUp(PeerId peer, Reconciled report) implements Output {}

  /** A peer delivered an invalid event. */
  record Penalise(LinkId link, PeerId peer, String reason) implements Output {}

  /** Remember that a node was found at an address. */
  record Remember(HostPort address, NodeId nodeId, AddressOrigin origin) implements Output {}

  /** Remember these addresses, and none besides but the operator's. */
  record RememberAll(List<Remembered> addresses) implements Output {
    public RememberAll {
      addresses = List.copyOf(addresses);
    }
  }

  /** Give a {@link Input.Tick} at this time; replaces an earlier one. */
  record SetTimer(long atNanos) implements Output {}
}
