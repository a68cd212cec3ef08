package io.cyphermesh.core.peer;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.pipeline.TokenBucket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
 * What waits to be sent over one link. Control frames go first, then announcements, new events,
 * what is made up for, and uploads. Events take turns by reporter, each reporter paced to what the
 * peer admits of one (wire-protocol 3.2, step 7), since what it does not admit it would silently
 * drop. Uploads are not paced here: they were asked for, and have the node's own rate.
 *
 * <p>A reader who is too slow loses announcements first, then new events, and with too many control
 * frames, or with nothing read for long, the link.
 */
final class SendQueue {
  private static final int MAX_CONTROL = 1_024;
  private static final int MAX_REPLAYED = 256;
  private static final int MAX_DROPPABLE = 64;

  /** Who uploads waits while there are more. */
  private static final int UPLOAD_ROOM_BYTES = 1 << 20;

  /** A turn of uploads that was begun finds room for all its frames. */
  private static final int MAX_UPLOAD_BYTES = 4 << 20;

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
  private final Queue<byte[]> droppable = new ArrayDeque<>();
  private final Queue<Upload> uploads = new ArrayDeque<>();
  private final Lane live;
  private final Lane replayed;
  private final LinkedHashMap<NodeId, TokenBucket> paces = new LinkedHashMap<>();
  private long uploadBytes;
  private long eventsTaken;
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

  /** A frame of many events. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  private record Upload(byte[] frame, int events) {}

  /** Events by reporter, in turns. */
  private static final class Lane {
    final LinkedHashMap<NodeId, Deque<Waiting>> reporters = new LinkedHashMap<>();
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

    Deque<Waiting> remove(NodeId reporter) {
      Deque<Waiting> waiting = reporters.remove(reporter);
      return waiting == null ? new ArrayDeque<>() : waiting;
    }

    /** Leaves out what another one has too much of; empty if nobody has more than this one will. */
    OptionalLong makeRoomFor(NodeId reporter) {
      Deque<Waiting> own = reporters.get(reporter);
      Deque<Waiting> longest = own == null ? new ArrayDeque<>() : own;
      int least = longest.size() + 1;
      for (Deque<Waiting> waiting : reporters.values()) {
        if (waiting.size() > Math.max(least, longest.size())) {
          longest = waiting;
        }
      }
      if (longest.size() <= least) {
        return OptionalLong.empty();
      }
      Waiting newest = longest.removeLast();
      frames--;
      bytes -= newest.frame.length;
      return OptionalLong.of(newest.seq);
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

  /**
   * Queues a frame that may be dropped as well; false if it was, since too much waits, or new
   * events fill half of their room.
   */
  boolean offerDroppable(byte[] frame) {
    lock.lock();
    try {
      if (closed
          || droppable.size() >= MAX_DROPPABLE
          || live.frames * 2L >= settings.queueFrames()
          || live.bytes * 2 >= settings.queueBytes()) {
        return false;
      }
      droppable.add(frame);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #offerUpload} takes 1 MiB at least. */
  boolean hasUploadRoom() {
    lock.lock();
    try {
      return !closed && uploadBytes < UPLOAD_ROOM_BYTES;
    } finally {
      lock.unlock();
    }
  }

  /** Queues a frame of so many events that the peer asked for; false if there is no room. */
  boolean offerUpload(byte[] frame, int events) {
    lock.lock();
    try {
      if (closed || uploadBytes >= MAX_UPLOAD_BYTES) {
        return false;
      }
      uploads.add(new Upload(frame, events));
      uploadBytes += frame.length;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Queues a new event. If there is no room, one is left out of which {@link #awaitLeftOut} tells:
   * the newest of the reporter with the most that waits, so that one who floods is in nobody's way
   * but his own.
   *
   * @return whether nothing was left out
   */
  boolean offer(NodeId reporter, byte[] frame, long seq) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      boolean room = live.frames < settings.queueFrames() && live.bytes < settings.queueBytes();
      if (!room) {
        OptionalLong other = live.makeRoomFor(reporter);
        firstLeftOut = Math.min(firstLeftOut, other.orElse(seq));
        if (other.isEmpty()) {
          return false;
        }
      }
      live.add(reporter, frame, seq);
      changed.signalAll();
      return room;
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
          && droppable.isEmpty()
          && uploads.isEmpty()
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
      for (Deque<Waiting> waiting : replayed.reporters.values()) {
        // Each reporter's are queued in their order.
        first = Math.min(first, waiting.element().seq);
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** How many frames wait. */
  int waiting() {
    lock.lock();
    try {
      return control.size() + droppable.size() + live.frames + replayed.frames + uploads.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many events were handed out by {@link #take}, ever. */
  long eventsTaken() {
    lock.lock();
    try {
      return eventsTaken;
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
        takeInOrder(control, batch);
        takeInOrder(droppable, batch);
        long now = nanos.getAsLong();
        long pause = Math.min(takeTurns(live, batch, now), takeTurns(replayed, batch, now));
        takeUpload(batch);
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

  private static void takeInOrder(Queue<byte[]> frames, List<byte[]> batch) {
    while (batch.size() < MAX_BATCH && !frames.isEmpty()) {
      batch.add(frames.remove());
    }
  }

  /** One at a time, since each may hold up what comes after it for long. */
  private void takeUpload(List<byte[]> batch) {
    Upload upload = batch.size() < MAX_BATCH ? uploads.poll() : null;
    if (upload != null) {
      batch.add(upload.frame);
      uploadBytes -= upload.frame.length;
      eventsTaken += upload.events;
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
        Deque<Waiting> waiting = lane.remove(reporter);
        byte[] frame = waiting.remove().frame;
        batch.add(frame);
        eventsTaken++;
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
