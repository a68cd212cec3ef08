package io.cyphermesh.core.protocol;

import java.util.List;
import java.util.Set;

/** What a frame says (wire-protocol 5). */
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

  /** Asks for addresses of other nodes. */
  record PeersWanted() implements Message {}

  /** Tells addresses of other nodes; at most {@value #MAX_RECORDS}. */
  record Peers(List<PeerRecord> records) implements Message {
    /** Most records in one message. */
    public static final int MAX_RECORDS = 100;

    public Peers {
      records = List.copyOf(records);
    }
  }

  /** A type that we do not know; ignored. */
  record Unknown(String type) implements Message {}
}
