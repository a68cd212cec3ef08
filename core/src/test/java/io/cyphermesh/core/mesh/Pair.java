package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.ProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Two nodes that reconcile over one link without losses, with a count of the bytes. */
final class Pair {
  static final LinkId LINK = new LinkId(7);

  /** When all of this happens. */
  static final long WALL = 1_795_407_300_000L;

  /** What a frame has around its payload. */
  private static final int ENVELOPE = 130;

  final Side a;
  final Side b;
  final ReconciliationSettings settings;
  long now;
  long payloadBytes;
  int frames;
  int events;

  /** Messages one way and then the other, before the first one that asks for events. */
  int tripsBeforeWant = -1;

  private final FrameCodec codec =
      new FrameCodec(() -> Instant.ofEpochMilli(WALL), () -> new UUID(1, 2));
  private int trips;
  private Side lastSender;

  /** What happens to a message on its way; null loses it. */
  UnaryOperator<Message> wire = message -> message;

  /** A node. */
  static final class Side {
    final List<Output> outputs = new ArrayList<>();
    final List<Reconciled> ends = new ArrayList<>();
    final Deque<Message> inbox = new ArrayDeque<>();
    final Reconciliation node;
    long wall = WALL;

    /** What becomes of an event that comes. */
    Predicate<EventId> ignores = id -> false;

    /** What it has but does not deliver. */
    Predicate<EventId> withholds = id -> false;

    Side(ReconciliationSettings settings, long seed) {
      node = new Reconciliation(settings, new SplittableRandom(seed), outputs, ends::add);
    }

    void load(List<EventId> ids) {
      node.loaded(ids.stream().map(id -> new Input.Item(time(id), id)).toList(), true);
    }

    Reconciled end() {
      return ends.getLast();
    }
  }

  Pair(long seed) {
    this(ReconciliationSettings.DEFAULTS, ReconciliationSettings.DEFAULTS, seed);
  }

  Pair(ReconciliationSettings ofA, ReconciliationSettings ofB, long seed) {
    settings = ofA;
    a = new Side(ofA, seed);
    b = new Side(ofB, seed + 1);
    lastSender = a;
  }

  /** An id that tells the event's time by its last 16 digits. */
  static EventId id(long timeMillis, SplittableRandom random) {
    long[] words = {0, random.nextLong(), random.nextLong(), random.nextLong(), timeMillis};
    return EventSet.id(words, 0);
  }

  static long time(EventId id) {
    long[] words = new long[4];
    EventSet.words(id, words, 0);
    return words[3];
  }

  /** Begins to count anew. */
  void forget() {
    payloadBytes = 0;
    frames = 0;
    events = 0;
    trips = 0;
    tripsBeforeWant = -1;
    lastSender = a;
    a.ends.clear();
    b.ends.clear();
  }

  /** A session that a begins, to its end. */
  Pair reconcile() {
    if (!a.node.start(now, a.wall, LINK)) {
      throw new IllegalStateException("no session");
    }
    run();
    return this;
  }

  /** Until nothing happens any more, but for the passing of time. */
  void run() {
    while (true) {
      collect(a, b);
      collect(b, a);
      Side to = !a.inbox.isEmpty() && (b.inbox.isEmpty() || lastSender == b) ? a : b;
      if (to.inbox.isEmpty()) {
        return;
      }
      deliver(to.inbox.removeFirst(), to);
    }
  }

  /** Lets time pass, with all that is due in it. */
  void pass(Duration time) {
    long end = now + time.toNanos();
    run();
    while (Math.min(a.node.nextWake(), b.node.nextWake()) <= end) {
      now = Math.max(now, Math.min(a.node.nextWake(), b.node.nextWake()));
      a.node.tick(now);
      b.node.tick(now);
      run();
    }
    now = end;
  }

  private void collect(Side from, Side to) {
    for (Output output : from.outputs) {
      switch (output) {
        case Output.Send(List<LinkId> _, Message message) -> {
          checkForm(message);
          Message sent = wire.apply(message);
          if (sent != null) {
            count(from, sent);
            to.inbox.add(sent);
          }
        }
        case Output.Deliver(LinkId _, List<Message.Announced> wanted, boolean _) -> {
          // Grafts stand for events.
          wanted.stream()
              .map(Message.Announced::key)
              .filter(id -> !from.withholds.test(id))
              .forEach(id -> to.inbox.add(new Message.Graft(List.of(id))));
        }
        default -> throw new IllegalStateException(output.toString());
      }
    }
    from.outputs.clear();
  }

  /** Nothing is sent that no peer would take. */
  private void checkForm(Message message) {
    try {
      FrameCodec.decode(codec.encode(message));
    } catch (ProtocolException e) {
      throw new AssertionError("sent what is a breach: " + message, e);
    }
  }

  private void count(Side from, Message message) {
    frames++;
    payloadBytes += payload(message).length();
    if (from != lastSender) {
      trips++;
      lastSender = from;
    }
    if (message instanceof Message.WantOffered && tripsBeforeWant < 0) {
      tripsBeforeWant = trips;
    }
  }

  static String payload(Message message) {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return switch (message) {
      case Message.Digest(long f, long t, byte[] d) ->
          d.length == 0
              ? "{}"
              : "{\"f\":%d,\"t\":%d,\"d\":\"%s\"}".formatted(f, t, base64.encodeToString(d));
      case Message.Reconcile(byte[] r) -> "{\"r\":\"%s\"}".formatted(base64.encodeToString(r));
      case Message.WantOffered(long first, byte[] bits) ->
          "{\"first\":%d,\"bits\":\"%s\"}".formatted(first, base64.encodeToString(bits));
      default -> "";
    };
  }

  private void deliver(Message message, Side to) {
    if (message instanceof Message.Graft(List<EventId> keys)) {
      EventId id = keys.getFirst();
      events++;
      to.node.arrived(now, LINK, id);
      if (to.ignores.test(id)) {
        to.node.refused(now, LINK, id, Optional.of(id), Input.Refusal.IGNORED);
      } else {
        to.node.stored(now, time(id), id);
      }
    } else {
      to.node.received(now, to.wall, LINK, message);
    }
  }

  long bytes() {
    return payloadBytes + (long) ENVELOPE * frames;
  }

  @Override
  public String toString() {
    return "%,d bytes of payload, %,d with envelopes, %d frames, %d events, %.1f round trips before wanting, %s | %s"
        .formatted(payloadBytes, bytes(), frames, events, tripsBeforeWant / 2.0, a.ends, b.ends);
  }
}
