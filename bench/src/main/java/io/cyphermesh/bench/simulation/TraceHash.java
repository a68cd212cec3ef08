package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.Arrays;
import java.util.List;

/** One number for everything that happened, in its order: two runs with the same went alike. */
final class TraceHash {
  private static final long FACTOR = 0x9e3779b97f4a7c15L;

  private long hash;

  /** Adds a message that arrives. */
  void arrival(long now, int node, long link, Message message) {
    add(now);
    add((long) node << Integer.SIZE | (link & 0xffff_ffffL));
    add(content(message));
  }

  /** Adds whatever else happens. */
  void add(long value) {
    long mixed = (hash ^ value) * FACTOR;
    hash = mixed ^ (mixed >>> 32);
  }

  long value() {
    return hash;
  }

  /** As 16 hexadecimal digits. */
  String text() {
    return String.format("%016x", hash);
  }

  private static long content(Message message) {
    return switch (message) {
      case Message.Event event -> of(1, event.event().claimedId().hashCode(), event.hops());
      case Message.IHave have ->
          have.events().isEmpty()
              ? 2
              : of(
                  2,
                  have.events().getFirst().key().hashCode(),
                  have.events().size() * 512L + have.events().getFirst().hops());
      case Message.Graft graft -> keys(3, graft.keys());
      case Message.Prune _ -> 4;
      case Message.Beacon beacon ->
          of(
              22,
              beacon.root().hashCode(),
              beacon.seq() * 2_048 + 2L * beacon.depth() + (beacon.parent() ? 1 : 0));
      case Message.Want want -> keys(5, want.keys());
      case Message.Events events -> of(6, events.events().size(), 0);
      case Message.Digest digest ->
          of(7, Arrays.hashCode(digest.fingerprint()), digest.fromHour() * 31 + digest.seconds());
      case Message.Reconcile reconcile -> of(8, Arrays.hashCode(reconcile.ranges()), 0);
      case Message.WantOffered want -> of(9, Arrays.hashCode(want.bits()), want.first());
      case Message.Join _ -> 10;
      case Message.ForwardJoin join -> of(11, join.peer().nodeId().hashCode(), join.ttl());
      case Message.Neighbor neighbor -> of(12, neighbor.high() ? 1 : 0, 0);
      case Message.NeighborReply reply -> of(13, reply.accepted() ? 1 : 0, 0);
      case Message.Disconnect _ -> 14;
      case Message.Shuffle shuffle ->
          of(15, records(shuffle.records()), shuffle.walk() * 16 + shuffle.ttl());
      case Message.ShuffleReply reply -> of(16, records(reply.records()), reply.walk());
      case Message.Ping ping -> of(17, (int) ping.n(), 0);
      case Message.Pong pong -> of(18, (int) pong.n(), 0);
      case Message.PeersWanted wanted -> of(19, wanted.most(), 0);
      case Message.Peers peers -> of(20, records(peers.records()), 0);
      case Message.Hello _,
          Message.Heartbeat _,
          Message.MalformedEvent _,
          Message.UnusualEvent _,
          Message.LeftOut _,
          Message.Unknown _ ->
          21;
    };
  }

  private static long keys(int kind, List<EventId> keys) {
    return keys.isEmpty() ? kind : of(kind, keys.getFirst().hashCode(), keys.size());
  }

  private static int records(List<PeerRecord> records) {
    return records.isEmpty() ? 0 : records.size() * 31 + records.getFirst().nodeId().hashCode();
  }

  private static long of(int kind, int what, long more) {
    return (long) kind << 58 ^ (more << 32) ^ (what & 0xffff_ffffL);
  }
}
