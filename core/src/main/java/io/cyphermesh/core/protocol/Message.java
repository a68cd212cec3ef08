package io.cyphermesh.core.protocol;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import java.util.List;
import java.util.Set;

/** What a frame says (wire-protocol 2 and 5). */
public sealed interface Message {

  /**
   * The first frame each way.
   *
   * @param version the protocol's version, 2
   * @param network the network's name
   * @param listenPort where the sender listens; 0 where it does not
   * @param agent the sender's software
   * @param capabilities what the sender can do beyond the base
   */
  record Hello(int version, String network, int listenPort, String agent, Set<String> capabilities)
      implements Message {
    /** What a version 1 node would say of itself, if it said anything. */
    public static final Hello ORIGINAL = new Hello(1, "", 0, "v1", Set.of());

    public Hello {
      capabilities = Set.copyOf(capabilities);
    }
  }

  /** Asks for a {@link Pong} with the same number. */
  record Ping(long n) implements Message {}

  /** Answers a {@link Ping}. */
  record Pong(long n) implements Message {}

  /**
   * An event.
   *
   * @param hops how many links it has crossed, this one included
   */
  record Event(SignedEvent event, int hops) implements Message {
    /** Beyond it hops are no longer counted, so that nobody can make a relay's frames invalid. */
    public static final int MAX_HOPS = 1_000_000;

    public Event {
      hops = Math.min(hops, MAX_HOPS);
    }
  }

  /** What came in an event's place: well-formed JSON, but no event. Its sender is to blame. */
  record MalformedEvent(String why) implements Message {}

  /**
   * An event of a plain link that we do not take, since its form is not ours. Its sender is to
   * blame only where an original node would refuse it too.
   */
  record UnusualEvent(String why, OriginalEvent event) implements Message {}

  /** What may be an event of a plain link, but is nothing that we look into. */
  record LeftOut(String why) implements Message {}

  /** The sign of life on a plain link: version 1's HELLO, which says nothing. */
  record Heartbeat() implements Message {}

  /**
   * Asks for addresses.
   *
   * @param most how many; the peer's own come first
   */
  record PeersWanted(int most) implements Message {}

  /** Tells addresses of other nodes; at most {@value #MAX_RECORDS}. */
  record Peers(List<PeerRecord> records) implements Message {
    /** Most records in one message. */
    public static final int MAX_RECORDS = 100;

    public Peers {
      records = List.copyOf(records);
    }
  }

  // ---- membership (capability "hyparview")

  /** A newcomer asks to become a neighbour, and to be told of to others. */
  record Join() implements Message {}

  /**
   * Tells of a newcomer on a random walk.
   *
   * @param peer where the newcomer can be reached
   * @param ttl how many links the walk may still cross
   */
  record ForwardJoin(PeerRecord peer, int ttl) implements Message {}

  /**
   * Asks to become a neighbour.
   *
   * @param high whether the asker has no other
   */
  record Neighbor(boolean high) implements Message {}

  /** Answers {@link Neighbor} and {@link Join}. */
  record NeighborReply(boolean accepted) implements Message {}

  /** The link is no longer one between neighbours, and ends unless it serves reconciliation. */
  record Disconnect() implements Message {}

  /**
   * Offers addresses on a random walk; whoever it ends with answers with as many.
   *
   * @param walk the sender's number for it, on this link
   * @param ttl how many links the walk may still cross
   */
  record Shuffle(long walk, int ttl, List<PeerRecord> records) implements Message {
    /** Most records in one shuffle. */
    public static final int MAX_RECORDS = 20;

    public Shuffle {
      records = List.copyOf(records);
    }
  }

  /** Answers a {@link Shuffle}, back along the walk. */
  record ShuffleReply(long walk, List<PeerRecord> records) implements Message {
    public ShuffleReply {
      records = List.copyOf(records);
    }
  }

  // ---- broadcast (capability "plumtree")

  /**
   * An event that the sender has.
   *
   * @param hops how many links it had crossed to get there, at most {@value #MAX_HOPS}
   */
  record Announced(EventId key, int hops) {
    /** Beyond it hops are no longer counted. */
    public static final int MAX_HOPS = 255;

    public Announced {
      hops = Math.min(hops, MAX_HOPS);
    }
  }

  /**
   * Announces events.
   *
   * @param late whether they are old ones that reconciliation found, to be asked for at once and by
   *     {@link Want}
   */
  record IHave(List<Announced> events, boolean late) implements Message {
    /** Most events in one announcement. */
    public static final int MAX_EVENTS = 1_000;

    public IHave {
      events = List.copyOf(events);
    }
  }

  /** Makes the link one of the tree, and asks for events; at most {@value IHave#MAX_EVENTS}. */
  record Graft(List<EventId> keys) implements Message {
    public Graft {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Tells of the node that the tree is built around.
   *
   * @param seq the root's count, rising with each of its beacons
   * @param depth how many links of the tree the sender is away from it
   * @param parent whether the receiver is the sender's parent in that tree
   */
  record Beacon(NodeId root, long seq, int depth, boolean parent) implements Message {
    /** No tree is as deep. */
    public static final int MAX_DEPTH = 1_000;

    public Beacon {
      depth = Math.min(depth, MAX_DEPTH);
    }
  }

  /** The link is no longer one of the tree. */
  record Prune() implements Message {}

  /** Asks for announced events; at most {@value #MAX_KEYS}. The tree stays as it is. */
  record Want(List<EventId> keys) implements Message {
    /** Most events asked for at once. */
    public static final int MAX_KEYS = 256;

    public Want {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Events that were asked for by {@link Want} or {@link WantOffered}; at most {@value
   * Want#MAX_KEYS}.
   *
   * @param events each an {@link Event} or a {@link MalformedEvent}
   */
  record Events(List<Message> events) implements Message {
    public Events {
      events = List.copyOf(events);
    }
  }

  // ---- reconciliation (capability "rbsr")

  /**
   * What the sender has of a span of time.
   *
   * @param fromHour where the span begins, in hours since 1970
   * @param seconds how long it is
   * @param fingerprint 16 bytes; none says: I have the same
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Digest(long fromHour, long seconds, byte[] fingerprint) implements Message {}

  /** One round of a reconciliation, in the form that package mesh defines. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Reconcile(byte[] ranges) implements Message {
    /** Most bytes of one: as base64 within a frame of 1 MiB. */
    public static final int MAX_BYTES = 640_000;
  }

  /**
   * Asks for events that were offered in this link's reconciliation.
   *
   * @param first the place of the first one among all that were offered
   * @param bits one for each place from there on, lowest bit first; at most 32 bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record WantOffered(long first, byte[] bits) implements Message {}

  /** A type that we do not know; ignored. */
  record Unknown(String type) implements Message {}
}
