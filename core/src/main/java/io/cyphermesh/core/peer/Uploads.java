package io.cyphermesh.core.peer;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.pipeline.TokenBucket;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;

/**
 * Sends stored events to the peers that asked for them, on one thread.
 *
 * <p>What is missing in the midst of spreading goes first, each event as it would have come. Old
 * events go in large frames, within a rate of all links together. Links take turns, a few events
 * each, and one that has not sent what it got before is passed over: who reads slowly holds up
 * nobody but himself. Beyond what may wait a request is dropped, and the asker asks another.
 */
public final class Uploads implements AutoCloseable {
  /** As many as are never much more than 1 MiB. */
  private static final int TURN = 64;

  private static final int MAX_WAITING = 65_536;
  private static final int MAX_WAITING_OF_LINK = 8_192;

  /** Links do not tell when they have room again. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private static final Duration STOP = Duration.ofSeconds(5);

  private final EventStore store;
  private final FrameCodec codec;
  private final LongSupplier nanos;
  private final Logger logger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<LinkId, Asker> urgent = new LinkedHashMap<>();
  private final Map<LinkId, Asker> late = new LinkedHashMap<>();
  private final TokenBucket rate;
  private final Thread thread;
  private int waiting;
  private boolean closed;

  /**
   * Uploads from a store; they begin at once.
   *
   * @param bytesPerSecond of old events, of all links together; as much may go at once
   */
  public Uploads(
      EventStore store,
      FrameCodec codec,
      double bytesPerSecond,
      LongSupplier nanos,
      Logger logger) {
    this.store = store;
    this.codec = codec;
    this.nanos = nanos;
    this.logger = logger;
    this.rate = new TokenBucket(bytesPerSecond, bytesPerSecond, bytesPerSecond, nanos.getAsLong());
    this.thread = Thread.ofPlatform().name("uploads").daemon().start(this::run);
  }

  /** What one link waits for, in the order in which it asked. */
  private static final class Asker {
    final LinkSession link;
    final ArrayDeque<Request> requests = new ArrayDeque<>();
    int waiting;

    Asker(LinkSession link) {
      this.link = link;
    }
  }

  /** Events asked for at once, and how many of them were looked at. */
  private static final class Request {
    final List<Message.Announced> events;
    final Predicate<StoredEvent> maySee;
    int done;

    Request(List<Message.Announced> events, Predicate<StoredEvent> maySee) {
      this.events = events;
      this.maySee = maySee;
    }
  }

  /** A few events of one request, taken off it. */
  private record Turn(
      LinkSession link,
      List<Message.Announced> events,
      Predicate<StoredEvent> maySee,
      boolean late) {}

  /**
   * Sends those of the events that are stored and may be seen. Never waits.
   *
   * @param events with the hops that they had when they came to us
   * @param late in large frames and within the rate, else each by itself with one hop more
   * @param maySee asked on the thread of the uploads
   * @return whether the request was taken
   */
  public boolean deliver(
      LinkSession link,
      List<Message.Announced> events,
      boolean late,
      Predicate<StoredEvent> maySee) {
    if (events.isEmpty()) {
      return true;
    }
    lock.lock();
    try {
      Map<LinkId, Asker> askers = late ? this.late : urgent;
      Asker asker = askers.getOrDefault(link.id(), new Asker(link));
      if (closed
          || waiting + events.size() > MAX_WAITING
          || asker.waiting + events.size() > MAX_WAITING_OF_LINK) {
        return false;
      }
      asker.requests.add(new Request(List.copyOf(events), maySee));
      asker.waiting += events.size();
      waiting += events.size();
      askers.putIfAbsent(link.id(), asker);
      changed.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (Optional<Turn> turn = await(); turn.isPresent(); turn = await()) {
        serve(turn.get());
      }
    } catch (InterruptedException e) {
      // It is the end.
      Thread.currentThread().interrupt();
    }
  }

  /** The next turn; empty at the end. */
  private Optional<Turn> await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Optional<Turn> turn = next(urgent, false);
        if (turn.isEmpty() && rate.nanosUntil(0, nanos.getAsLong()) == 0) {
          turn = next(late, true);
        }
        if (turn.isPresent()) {
          return turn;
        }
        if (late.isEmpty()) {
          changed.await();
        } else {
          boolean _ = changed.await(LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS);
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** A few events of the first link that can send them; it goes behind the others. */
  private Optional<Turn> next(Map<LinkId, Asker> askers, boolean late) {
    for (Asker asker : List.copyOf(askers.values())) {
      LinkId id = asker.link.id();
      if (asker.link.queue().isClosed()) {
        waiting -= asker.waiting;
        askers.remove(id);
      } else if (!late || asker.link.queue().hasUploadRoom()) {
        askers.remove(id);
        Turn turn = turn(asker, late);
        if (!asker.requests.isEmpty()) {
          askers.put(id, asker);
        }
        return Optional.of(turn);
      }
    }
    return Optional.empty();
  }

  private Turn turn(Asker asker, boolean late) {
    Request request = asker.requests.element();
    int end = Math.min(request.done + TURN, request.events.size());
    List<Message.Announced> events = request.events.subList(request.done, end);
    asker.waiting -= events.size();
    waiting -= events.size();
    request.done = end;
    if (end == request.events.size()) {
      asker.requests.remove();
    }
    return new Turn(asker.link, events, request.maySee, late);
  }

  private void serve(Turn turn) {
    try {
      List<StoredEvent> stored =
          store.find(turn.events.stream().map(Message.Announced::key).toList()).stream()
              .filter(turn.maySee)
              .toList();
      if (turn.late) {
        upload(turn.link, stored);
      } else {
        push(turn, stored);
      }
    } catch (RuntimeException e) {
      if (!isClosed()) {
        logger.error("events that {} asked for could not be sent", turn.link.peer(), e);
      }
    }
  }

  private void push(Turn turn, List<StoredEvent> stored) {
    Map<EventId, Integer> hops = new HashMap<>();
    turn.events.forEach(announced -> hops.put(announced.key(), announced.hops()));
    for (StoredEvent event : stored) {
      Message message = new Message.Event(event.event(), hops.getOrDefault(event.key(), 0) + 1);
      turn.link.sendEvent(
          event.event().reporter().nodeId(), turn.link.encode(message), event.seq());
    }
  }

  private void upload(LinkSession link, List<StoredEvent> stored) {
    List<SignedEvent> events = new ArrayList<>(stored.size());
    stored.forEach(event -> events.add(event.event()));
    for (Message.Events message : FrameCodec.packed(events)) {
      byte[] frame = codec.encode(message);
      if (!link.queue().offerUpload(frame, message.events().size())) {
        return;
      }
      take(frame.length);
    }
  }

  /** Overdrawn, so that the next turn waits. */
  private void take(int bytes) {
    lock.lock();
    try {
      long _ = rate.take(bytes, nanos.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Sends no more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      urgent.clear();
      late.clear();
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(STOP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
