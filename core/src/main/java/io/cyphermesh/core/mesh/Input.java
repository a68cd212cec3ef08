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

  /**
   * The time that was asked for by {@link Output.SetTimer} has come.
   *
   * @param wallMillis what the wall clock says, in milliseconds since 1970
   */
  record Tick(long wallMillis) implements Input {}

  /** An event for which {@link Output.Verify} asked is valid. */
  record EventVerified(LinkId link, PeerId deliverer, SignedEvent event, boolean bare, Route route)
      implements Input {}

  /**
   * An event for which {@link Output.Verify} or {@link Output.Store} asked is not stored.
   *
   * @param key what it would be stored under, as {@link SignedEvent#ownKey} has it: the id that it
   *     came with may be another event's
   */
  record EventRefused(
      LinkId link, SignedEvent event, Optional<EventId> key, Route route, Refusal why)
      implements Input {}

  /** Why an event is not stored. */
  enum Refusal {
    /** It was stored before. */
    DUPLICATE,
    /** It is not taken, and nobody is to blame. */
    IGNORED,
    /** It is not taken this time, since there was too much at once. */
    LATER,
    /** It is invalid, or not taken from this peer; another one may bring what is taken. */
    REJECTED
  }

  /** Those events for which {@link Output.Lookup} asked that are not stored. */
  record Missing(LinkId link, List<Message.Announced> events, boolean late) implements Input {
    public Missing {
      events = List.copyOf(events);
    }
  }

  /** A stored event as {@link EventSet} knows it. */
  record Item(long timeMillis, EventId id) {}

  /**
   * Events that were stored before this mesh began; full ones, marked clear or green.
   *
   * @param complete whether these were the last
   */
  record SetLoaded(List<Item> items, boolean complete) implements Input {
    public SetLoaded {
      items = List.copyOf(items);
    }
  }

  /** Full events that are stored no more. */
  record EventsDeleted(List<Item> items) implements Input {
    public EventsDeleted {
      items = List.copyOf(items);
    }
  }

  /**
   * An event is stored and durable.
   *
   * @param from the link that delivered it; empty for one of our own, or from a file
   * @param key what it is stored under
   * @param local whether it is our own
   */
  record EventStored(
      Optional<LinkId> from, EventId key, SignedEvent event, Route route, boolean local)
      implements Input {
    /** What no link delivered is our own. */
    public EventStored(Optional<LinkId> from, EventId key, SignedEvent event, Route route) {
      this(from, key, event, route, from.isEmpty());
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

  /** An address is taken out of the book, unless a link is up there. */
  record ForgetAddress(HostPort address) implements Input {}

  /**
   * What the book held in an earlier run; once, before anything is added to it. Until then no
   * {@link Output.RememberAll} is asked for, also where there is nothing to recall.
   */
  record Recall(List<Remembered> addresses) implements Input {
    public Recall {
      addresses = List.copyOf(addresses);
    }
  }

  /** The node stops: what is to be kept is asked for now. */
  record Stopping() implements Input {}

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
