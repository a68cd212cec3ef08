package io.cyphermesh.bench.simulation;

import io.cyphermesh.core.protocol.Message;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is counted while a world runs. */
@SuppressWarnings("EnumOrdinal") // Counts by kind, in arrays for speed; nothing of it is kept.
final class Ledger {
  /** Width of a step of {@link #arrivals}, in nanoseconds. */
  static final long STEP = 10_000_000L;

  private static final int STEPS = 6_000;
  private static final Traffic[] KINDS = Traffic.values();

  private final long[] bytes = new long[KINDS.length];
  private final long[] messages = new long[KINDS.length];
  private final long[] arrivals = new long[STEPS];
  private long bareReconciliation;
  private long rounds;
  private boolean measuring;
  private @Nullable Tally[] tallies = new Tally[256];

  /** What is known of one event. */
  static final class Tally {
    final long publishedAt;
    int copies;
    int stored;
    int lastHop;
    long lastAt;

    Tally(long publishedAt) {
      this.publishedAt = publishedAt;
      this.lastAt = publishedAt;
    }

    /** Copies beyond the one that each of {@code others} needs, by those. */
    double redundancy(int others) {
      return (double) copies / others - 1;
    }

    /** Milliseconds until the last one had it. */
    double lastMillis() {
      return (lastAt - publishedAt) / 1e6;
    }
  }

  /** From now on arrivals count for {@link #arrivals}, or no longer. */
  void measure(boolean on) {
    measuring = on;
  }

  /** Sets the sums of traffic to zero. */
  void resetTraffic() {
    Arrays.fill(bytes, 0);
    Arrays.fill(messages, 0);
    bareReconciliation = 0;
    rounds = 0;
  }

  void published(int event, long now) {
    if (event >= tallies.length) {
      tallies = Arrays.copyOf(tallies, Math.max(event + 1, 2 * tallies.length));
    }
    tallies[event] = new Tally(now);
  }

  void sent(Host sender, Message message, int size) {
    Traffic kind = Traffic.of(message);
    bytes[kind.ordinal()] += size;
    messages[kind.ordinal()]++;
    sender.sent += size;
    if (kind == Traffic.RECONCILIATION) {
      bareReconciliation += Traffic.bare(message);
      if (message instanceof Message.Reconcile || message instanceof Message.Digest) {
        rounds++;
      }
    }
  }

  /** A copy of an event came to a node. */
  void copy(int event) {
    Tally tally = tally(event);
    if (tally != null) {
      tally.copies++;
    }
  }

  /** An event is stored by one more node. */
  void stored(int event, long now, int hops) {
    Tally tally = tally(event);
    if (tally != null) {
      tally.stored++;
      tally.lastAt = now;
      tally.lastHop = Math.max(tally.lastHop, hops);
      if (measuring) {
        arrivals[(int) Math.min(STEPS - 1, (now - tally.publishedAt) / STEP)]++;
      }
    }
  }

  private @Nullable Tally tally(int event) {
    return event < tallies.length ? tallies[event] : null;
  }

  /** Of an event that was published. */
  Tally of(int event) {
    Tally tally = tally(event);
    if (tally == null) {
      throw new IllegalArgumentException("event " + event + " was not published");
    }
    return tally;
  }

  long bytes(Traffic kind) {
    return bytes[kind.ordinal()];
  }

  /** Bytes of events, those that were asked for after a reconciliation included. */
  long payload() {
    return bytes(Traffic.PAYLOAD) + bytes(Traffic.CAUGHT_UP);
  }

  long messages(Traffic kind) {
    return messages[kind.ordinal()];
  }

  /** Bytes of reconciliation without JSON and base64. */
  long bareReconciliation() {
    return bareReconciliation;
  }

  /** Messages of reconciliation, digests included. */
  long rounds() {
    return rounds;
  }

  /** How many copies were stored within each step after the event was published. */
  long[] arrivals() {
    return arrivals.clone();
  }

  Map<Traffic, Long> bytes() {
    Map<Traffic, Long> all = new EnumMap<>(Traffic.class);
    for (Traffic kind : KINDS) {
      all.put(kind, bytes[kind.ordinal()]);
    }
    return all;
  }
}
