package io.cyphermesh.core.protocol;

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
