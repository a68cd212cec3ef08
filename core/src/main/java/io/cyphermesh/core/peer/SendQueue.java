package io.cyphermesh.core.peer;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.pipeline.TokenBucket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * What waits to be sent over one link. Control frames go first, then new events, then what is made
 * up for. Events take turns by reporter, each reporter paced to what the peer admits of one
 * (wire-protocol 3.2, step 7), since what it does not admit it would silently drop.
 */
final class SendQueue {
  private static final int MAX_CONTROL = 1_024;
  private static final int MAX_REPLAYED = 256;
  private static final int MAX_BATCH = 64;
  private static final int MAX_PACES = 4_096;

  /** A rate that is never reached. */
  private static final double UNPACED = 1e12;

  /** A pace starts with a second's worth: the peer may remember what we sent before a restart. */
  private static final double FIRST_SECONDS = 1;

  private final LinkSettings settings;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<byte[]> control = new ArrayDeque<>();
  private final Lane live;
  private final Lane replayed;
  private final LinkedHashMap<NodeId, TokenBucket> paces = new LinkedHashMap<>();
  private long firstLeftOut = Long.MAX_VALUE;
  private boolean sending;
  private boolean closed;

  SendQueue(LinkSettings settings, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
    long now = nanos.getAsLong();
    this.live = new Lane(new TokenBucket(UNPACED, UNPACED, UNPACED, now));
    double replay = settings.replayPerSecond();
    this.replayed = new Lane(new TokenBucket(replay, replay, replay, now));
  }

  /** An event's frame and its number in the store. */
  private static final class Waiting {
    final byte[] frame;
    final long seq;

    Waiting(byte[] frame, long seq) {
      this.frame = frame;
      this.seq = seq;
    }
  }

  /** Events by reporter, in turns. */
  private static final class Lane {
    final LinkedHashMap<NodeId, Queue<Waiting>> reporters = new LinkedHashMap<>();
    final TokenBucket pace;
    int frames;
    long bytes;

    Lane(TokenBucket pace) {
      this.pace = pace;
    }

    void add(NodeId reporter, byte[] frame, long seq) {
      reporters.computeIfAbsent(reporter, r -> new ArrayDeque<>()).add(new Waiting(frame, seq));
      frames++;
      bytes += frame.length;
    }

    Queue<Waiting> remove(NodeId reporter) {
      Queue<Waiting> waiting = reporters.remove(reporter);
      return waiting == null ? new ArrayDeque<>() : waiting;
    }
  }

  /**
   * Queues a control frame; false if there are too many, which only a peer that reads nothing
   * causes.
   */
  boolean offer(byte[] frame) {
    lock.lock();
    try {
      if (closed || control.size() >= MAX_CONTROL) {
        return false;
      }
      control.add(frame);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Queues a new event if there is room; if there is none, {@link #awaitLeftOut} tells of it. */
  boolean offer(NodeId reporter, byte[] frame, long seq) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      if (live.frames >= settings.queueFrames() || live.bytes >= settings.queueBytes()) {
        firstLeftOut = Math.min(firstLeftOut, seq);
        return false;
      }
      live.add(reporter, frame, seq);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Queues an event to be made up for, waiting for room; false if the link is gone. */
  boolean putReplayed(NodeId reporter, byte[] frame, long seq) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && replayed.frames >= MAX_REPLAYED) {
        changed.await();
      }
      if (!closed) {
        replayed.add(reporter, frame, seq);
        changed.signalAll();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until events had to be left out and there is room again.
   *
   * @return the least sequence number that was left out; empty if none was within {@code
   *     patienceNanos} or the link is gone
   */
  OptionalLong awaitLeftOut(long patienceNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patienceNanos;
      while (!closed
          && left > 0
          && (firstLeftOut == Long.MAX_VALUE || live.frames * 2 > settings.queueFrames())) {
        left = changed.awaitNanos(left);
      }
      if (closed || firstLeftOut == Long.MAX_VALUE || live.frames * 2 > settings.queueFrames()) {
        return OptionalLong.empty();
      }
      long first = firstLeftOut;
      firstLeftOut = Long.MAX_VALUE;
      return OptionalLong.of(first);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether all that was ever queued has been handed to the transport, and nothing was left out.
   */
  boolean drained() {
    lock.lock();
    try {
      return !sending
          && control.isEmpty()
          && live.frames == 0
          && replayed.frames == 0
          && firstLeftOut == Long.MAX_VALUE;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The least number of those to be made up for that still wait; {@link Long#MAX_VALUE} if none
   * does. A control frame that is queued now goes behind those with a smaller number.
   */
  long firstReplayed() {
    lock.lock();
    try {
      long first = Long.MAX_VALUE;
      for (Queue<Waiting> waiting : replayed.reporters.values()) {
        // Each reporter's are queued in their order.
        first = Math.min(first, waiting.element().seq);
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next frames to send; empty when the link is gone. Asking again says that they
   * were sent.
   */
  List<byte[]> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      sending = false;
      while (!closed) {
        List<byte[]> batch = new ArrayList<>();
        while (batch.size() < MAX_BATCH && !control.isEmpty()) {
          batch.add(control.remove());
        }
        long now = nanos.getAsLong();
        long pause = Math.min(takeTurns(live, batch, now), takeTurns(replayed, batch, now));
        if (!batch.isEmpty()) {
          sending = true;
          changed.signalAll();
          return batch;
        }
        if (pause == Long.MAX_VALUE) {
          changed.await();
        } else {
          // Woken early or late, the loop looks again.
          boolean _ = changed.await(pause, TimeUnit.NANOSECONDS);
        }
      }
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Takes one event of each reporter in turn; returns how long until a paced one may go. */
  private long takeTurns(Lane lane, List<byte[]> batch, long now) {
    long pause = Long.MAX_VALUE;
    boolean progress = true;
    while (progress && batch.size() < MAX_BATCH) {
      progress = false;
      pause = Long.MAX_VALUE;
      for (NodeId reporter : List.copyOf(lane.reporters.keySet())) {
        if (batch.size() >= MAX_BATCH) {
          break;
        }
        long lanePause = lane.pace.nanosUntil(1, now);
        if (lanePause > 0) {
          return lanePause;
        }
        TokenBucket pace = pace(reporter, now);
        if (!pace.tryTake(1, now)) {
          pause = Math.min(pause, pace.nanosUntil(1, now));
          continue;
        }
        long _ = lane.pace.take(1, now);
        Queue<Waiting> waiting = lane.remove(reporter);
        byte[] frame = waiting.remove().frame;
        batch.add(frame);
        lane.frames--;
        lane.bytes -= frame.length;
        progress = true;
        if (!waiting.isEmpty()) {
          // Who had a turn goes behind those who had none.
          lane.reporters.put(reporter, waiting);
        }
      }
    }
    return pause;
  }

  private TokenBucket pace(NodeId reporter, long now) {
    TokenBucket pace = paces.remove(reporter);
    if (pace == null) {
      double burst = settings.reporterBurst();
      pace =
          new TokenBucket(
              settings.reporterPerSecond(),
              burst,
              Math.min(burst, settings.reporterPerSecond() * FIRST_SECONDS),
              now);
    }
    paces.put(reporter, pace);
    if (paces.size() > MAX_PACES) {
      Map.Entry<NodeId, TokenBucket> _ = paces.pollFirstEntry();
    }
    return pace;
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
