package io.cyphermesh.bench.simulation;

import io.cyphermesh.core.protocol.Message;

/** What a message is for, and about how many bytes it takes on a link. */
enum Traffic {
  /** Events that are spread. */
  PAYLOAD,
  /** What steers the tree, and signs of life. */
  CONTROL,
  MEMBERSHIP,
  /** Digests, rounds, and what is asked for after them. */
  RECONCILIATION,
  /** Events that were asked for after a reconciliation. */
  CAUGHT_UP;

  /** The JSON around a payload. */
  static final int ENVELOPE = 130;

  /** An event with details as a log watcher writes it. */
  static final int EVENT = 1_400;

  private static final int KEY = 44;
  private static final int ANNOUNCED = KEY + 4;
  private static final int RECORD = 1_000;
  private static final int NUMBER = 20;

  static Traffic of(Message message) {
    return switch (message) {
      case Message.Event _, Message.MalformedEvent _, Message.UnusualEvent _, Message.LeftOut _ ->
          PAYLOAD;
      case Message.Events _ -> CAUGHT_UP;
      case Message.Digest _, Message.Reconcile _, Message.WantOffered _, Message.Want _ ->
          RECONCILIATION;
      case Message.IHave have -> have.late() ? RECONCILIATION : CONTROL;
      case Message.Graft _,
          Message.Prune _,
          Message.Beacon _,
          Message.Ping _,
          Message.Pong _,
          Message.Hello _,
          Message.Heartbeat _,
          Message.Unknown _ ->
          CONTROL;
      case Message.Join _,
          Message.ForwardJoin _,
          Message.Neighbor _,
          Message.NeighborReply _,
          Message.Disconnect _,
          Message.Shuffle _,
          Message.ShuffleReply _,
          Message.PeersWanted _,
          Message.Peers _ ->
          MEMBERSHIP;
    };
  }

  /** Bytes of the frame; binary parts are base64 in it. */
  static int bytes(Message message) {
    return ENVELOPE
        + switch (message) {
          case Message.Event _,
              Message.MalformedEvent _,
              Message.UnusualEvent _,
              Message.LeftOut _ ->
              EVENT;
          case Message.Events events -> events.events().size() * EVENT;
          case Message.IHave have -> have.events().size() * ANNOUNCED;
          case Message.Graft graft -> graft.keys().size() * KEY;
          case Message.Want want -> want.keys().size() * KEY;
          case Message.Digest digest -> 2 * NUMBER + base64(digest.fingerprint());
          case Message.Reconcile reconcile -> base64(reconcile.ranges());
          case Message.WantOffered want -> NUMBER + base64(want.bits());
          case Message.ForwardJoin _ -> RECORD;
          case Message.Beacon _ -> KEY + 2 * NUMBER;
          case Message.Shuffle shuffle -> NUMBER + shuffle.records().size() * RECORD;
          case Message.ShuffleReply reply -> NUMBER + reply.records().size() * RECORD;
          case Message.Peers peers -> peers.records().size() * RECORD;
          case Message.Hello _,
              Message.Heartbeat _,
              Message.Ping _,
              Message.Pong _,
              Message.PeersWanted _,
              Message.Join _,
              Message.Neighbor _,
              Message.NeighborReply _,
              Message.Disconnect _,
              Message.Prune _,
              Message.Unknown _ ->
              NUMBER;
        };
  }

  /** Bytes of what a message of reconciliation says, without JSON and base64. */
  static int bare(Message message) {
    return switch (message) {
      case Message.Digest digest -> 2 * Integer.BYTES + digest.fingerprint().length;
      case Message.Reconcile reconcile -> reconcile.ranges().length;
      case Message.WantOffered want -> Integer.BYTES + want.bits().length;
      case Message.Want want -> want.keys().size() * 32;
      case Message.IHave have -> have.events().size() * 33;
      default -> 0;
    };
  }

  private static int base64(byte[] bytes) {
    return (bytes.length + 2) / 3 * 4;
  }
}
