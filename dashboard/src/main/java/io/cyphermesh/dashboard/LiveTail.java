package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.Subscription;
import io.cyphermesh.core.view.ViewChange;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the log, as frames of server-sent events that all clients share: each event is read
 * and written out once, however many listen.
 *
 * <p>What the view tells is but a bell: events are read from the store, behind the last one read,
 * since there alone their numbers ascend without a gap. The last chunks are kept for clients that
 * are a little behind; who is further behind has lost his place.
 */
final class LiveTail implements AutoCloseable {
  /** Small, so that a client which stops reading leaves little unread. */
  static final int CHUNK_BYTES = 32 * 1024;

  private static final int KEPT_BYTES = 8 << 20;
  private static final int KEPT_CHUNKS = 1024;
  private static final int BELLS = 1024;
  private static final int PAGE = 200;
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Between two readings: what comes meanwhile goes to each client in one write. */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final Logger LOG = LoggerFactory.getLogger(LiveTail.class);

  private final NodeView view;
  private final Geo geo;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Chunk> kept = new ArrayDeque<>();
  private long keptBytes;
  private long next;
  private long seq;
  private boolean ready;
  private int readers;
  private @Nullable Thread thread;
  private @Nullable NodeStatus shown;
  private boolean closed;

  /**
   * Frames in a row.
   *
   * @param number ascending by one
   * @param after the number of the event before its first; {@code upTo} where it has none
   * @param upTo the number of its last event
   * @param bytes not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Chunk(long number, long after, long upTo, byte[] bytes) {
    boolean hasEvents() {
      return upTo > after;
    }
  }

  /**
   * A place in it.
   *
   * @param next number of the chunk that comes next
   * @param seq number of the last event before it
   */
  record Place(long next, long seq) {}

  LiveTail(NodeView view, Geo geo) {
    this.view = view;
    this.geo = geo;
  }

  /**
   * Begins to listen at the end, which is read from now on until the last one leaves.
   *
   * @throws InterruptedException also where it is closed
   */
  Place join() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      readers++;
      if (thread == null && !closed) {
        ready = false;
        thread = Thread.ofVirtual().name("dashboard-live").start(this::run);
      }
      while (!ready) {
        if (closed || thread == null) {
          readers--;
          throw new InterruptedException("the live feed has ended");
        }
        changed.await();
      }
      return new Place(next, seq);
    } finally {
      lock.unlock();
    }
  }

  /** Where the end is now; for one that has joined. */
  Place end() {
    lock.lock();
    try {
      return new Place(next, seq);
    } finally {
      lock.unlock();
    }
  }

  /** Ceases to listen. */
  void leave() {
    lock.lock();
    try {
      readers--;
    } finally {
      lock.unlock();
    }
  }

  /** What came of waiting for a chunk. */
  sealed interface Next {
    record Is(Chunk chunk) implements Next {}

    /** None came in time. */
    record Silence() implements Next {}

    /** It is gone: who asks is too far behind. */
    record Lost() implements Next {}
  }

  /**
   * Waits for a chunk.
   *
   * @throws InterruptedException also where the tail has ended
   */
  Next await(long number, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (number >= next) {
        if (closed || thread == null) {
          throw new InterruptedException("the live feed has ended");
        }
        if (left <= 0) {
          return new Next.Silence();
        }
        left = changed.awaitNanos(left);
      }
      Chunk first = kept.peekFirst();
      if (first == null || number < first.number()) {
        return new Next.Lost();
      }
      // Mostly one of the last.
      var backwards = kept.descendingIterator();
      while (backwards.hasNext()) {
        Chunk chunk = backwards.next();
        if (chunk.number() == number) {
          return new Next.Is(chunk);
        }
      }
      return new Next.Lost();
    } finally {
      lock.unlock();
    }
  }

  /** The status as a frame, at most a second old; for one that has joined. */
  byte[] status() {
    NodeStatus last;
    lock.lock();
    try {
      last = shown;
    } finally {
      lock.unlock();
    }
    NodeStatus status = last == null ? view.status() : last;
    return frame("status", Json.text(json -> ViewJson.status(json, status)), -1)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Ends it for all, and waits a moment for that. */
  @Override
  public void close() {
    @Nullable Thread running;
    lock.lock();
    try {
      closed = true;
      running = thread;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (running != null) {
      running.interrupt();
      try {
        running.join(Duration.ofSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    try (Subscription bells = view.subscribe(BELLS)) {
      NodeStatus first = view.status();
      long newest =
          view.events(1, Optional.empty()).events().stream()
              .mapToLong(EventView::seq)
              .findFirst()
              .orElse(0);
      lock.lock();
      try {
        shown = first;
        seq = newest;
        kept.clear();
        keptBytes = 0;
        // Who waits for a chunk of an earlier run, which failed, has lost his place.
        next++;
        ready = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      follow(bells);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("the live feed failed; its clients connect anew", e);
    } finally {
      lock.lock();
      try {
        if (Thread.currentThread().equals(thread)) {
          thread = null;
          ready = false;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Gives the thread up where nobody listens; who joins after this starts another. */
  private boolean retire() {
    lock.lock();
    try {
      if (readers > 0) {
        return false;
      }
      thread = null;
      ready = false;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void follow(Subscription bells) throws InterruptedException {
    long nextTick = System.nanoTime() + TICK_NANOS;
    // What was stored between the subscription and the first look rang no bell that we heard.
    boolean events = true;
    boolean peers = false;
    boolean plugins = false;
    while (true) {
      Optional<ViewChange> bell =
          events
              ? bells.next(Duration.ZERO)
              : bells.next(Duration.ofNanos(Math.max(1, nextTick - System.nanoTime())));
      while (bell.isPresent()) {
        switch (bell.get()) {
          case ViewChange.EventStored _ -> events = true;
          case ViewChange.PeersChanged _ -> peers = true;
          case ViewChange.PluginsChanged _ -> plugins = true;
          case ViewChange.Missed _ -> {
            events = true;
            peers = true;
            plugins = true;
          }
        }
        bell = bells.next(Duration.ZERO);
      }
      if (events) {
        readOn();
        events = false;
        TimeUnit.NANOSECONDS.sleep(REST_NANOS);
      }
      if (System.nanoTime() - nextTick >= 0) {
        nextTick = System.nanoTime() + TICK_NANOS;
        // A score moves with each event; once a second is as often as anybody reads.
        if (retire()) {
          return;
        }
        tell(peers, plugins);
        peers = false;
        plugins = false;
      }
    }
  }

  /** All that is stored behind the last event that was read. */
  private void readOn() {
    List<EventView> page;
    do {
      page = view.eventsAfter(seq, PAGE);
      append(page);
    } while (page.size() == PAGE);
  }

  private void append(List<EventView> events) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(CHUNK_BYTES);
    long from = seq;
    long upTo = seq;
    for (EventView event : events) {
      byte[] frame = frame(event);
      if (bytes.size() > 0 && bytes.size() + frame.length > CHUNK_BYTES) {
        append(from, upTo, bytes.toByteArray());
        bytes.reset();
        from = upTo;
      }
      bytes.writeBytes(frame);
      upTo = event.seq();
    }
    if (bytes.size() > 0) {
      append(from, upTo, bytes.toByteArray());
    }
  }

  private void tell(boolean peers, boolean plugins) {
    StringBuilder frames = new StringBuilder();
    if (peers) {
      frames.append(frame("peers", "{}", -1));
    }
    if (plugins) {
      frames.append(frame("plugins", "{}", -1));
    }
    NodeStatus status = view.status();
    NodeStatus before = shown;
    if (before == null || !timeless(status).equals(timeless(before))) {
      frames.append(frame("status", Json.text(json -> ViewJson.status(json, status)), -1));
    }
    lock.lock();
    try {
      shown = status;
    } finally {
      lock.unlock();
    }
    if (!frames.isEmpty()) {
      append(seq, seq, frames.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void append(long after, long upTo, byte[] bytes) {
    lock.lock();
    try {
      kept.addLast(new Chunk(next++, after, upTo, bytes));
      keptBytes += bytes.length;
      seq = upTo;
      while (kept.size() > KEPT_CHUNKS || (keptBytes > KEPT_BYTES && kept.size() > 1)) {
        keptBytes -= kept.removeFirst().bytes().length;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** An event's frame. */
  byte[] frame(EventView event) {
    return frame("event", Json.text(out -> EventJson.write(out, event, geo)), event.seq())
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A frame.
   *
   * @param id what a client shows when it comes back; none where it is negative
   */
  static String frame(String name, String data, long id) {
    StringBuilder out = new StringBuilder(data.length() + 64);
    out.append("event: ").append(name).append('\n');
    if (id >= 0) {
      out.append("id: ").append(id).append('\n');
    }
    data.lines().forEach(line -> out.append("data: ").append(line).append('\n'));
    return out.append('\n').toString();
  }

  /** A status without its clock, which always changes and tells nothing. */
  private static NodeStatus timeless(NodeStatus status) {
    return new NodeStatus(
        status.nodeId(),
        status.version(),
        status.startedAt(),
        Instant.EPOCH,
        status.listening(),
        status.peersConnected(),
        status.peersKnown(),
        status.peersBanned(),
        status.events(),
        status.cryptoProvider(),
        status.databaseBytes(),
        status.warning());
  }
}
