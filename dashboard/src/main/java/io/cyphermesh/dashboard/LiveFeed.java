package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.NodeView;
import io.jooby.Context;
import io.jooby.Sender;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The live feed, as server-sent events.
 *
 * <p>Each client has one virtual thread, a place in the {@link LiveTail} that all share, and at
 * most one unfinished write. Who falls behind what the tail keeps, or leaves a write unread, is
 * cut: he comes back with the number of his last event and gets what he lacks from the store.
 */
final class LiveFeed implements AutoCloseable {
  static final int MAX_CLIENTS = 1024;

  /** How many read up at once: the store has others to serve. */
  private static final int READING_UP = 4;

  private static final int PAGE = 50;

  /** How often it is asked whether a client may stay. */
  private static final Duration ASKED = Duration.ofSeconds(2);

  private final NodeView view;
  private final LiveTail tail;
  private final Duration heartbeat;
  private final Duration writePatience;
  private final Predicate<Context> mayStay;
  private final Semaphore places = new Semaphore(MAX_CLIENTS);
  private final Semaphore readingUp = new Semaphore(READING_UP);
  private final Set<Thread> servers = ConcurrentHashMap.newKeySet();
  private final AtomicLong cut = new AtomicLong();
  private volatile boolean closed;

  /**
   * @param heartbeat silence after which a comment is sent, to notice a client that vanished
   * @param writePatience how long a write may take before the client counts as gone
   * @param mayStay asked from time to time: a token may be revoked while its feed lasts
   */
  LiveFeed(
      NodeView view,
      Geo geo,
      Duration heartbeat,
      Duration writePatience,
      Predicate<Context> mayStay) {
    this.view = view;
    this.tail = new LiveTail(view, geo);
    this.heartbeat = heartbeat;
    this.writePatience = writePatience;
    this.mayStay = mayStay;
  }

  /** How many clients listen. */
  int clients() {
    return MAX_CLIENTS - places.availablePermits();
  }

  /** How many were cut since they did not keep up, ever. */
  long cut() {
    return cut.get();
  }

  /**
   * Serves one client until it leaves or the thread is interrupted.
   *
   * @throws Problem 503 if all places are taken; 400 if it shows a number that is none
   */
  void serve(Context context) throws InterruptedException {
    Optional<Long> last = lastEventId(context);
    if (!places.tryAcquire()) {
      throw new Problem(
          503,
          "all " + MAX_CLIENTS + " places of the live feed are taken: close another page",
          Map.of("Retry-After", "10"));
    }
    servers.add(Thread.currentThread());
    try {
      LiveTail.Place place = tail.join();
      try {
        serve(context, last, place);
      } finally {
        tail.leave();
      }
    } finally {
      servers.remove(Thread.currentThread());
      places.release();
    }
  }

  private void serve(Context context, Optional<Long> last, LiveTail.Place place)
      throws InterruptedException {
    context.setResponseType("text/event-stream;charset=utf-8");
    Sender sender;
    try {
      sender = context.responseSender();
    } catch (IllegalStateException | NoSuchElementException e) {
      // The client left before its feed began, which is no fault of ours to be logged.
      return;
    }
    try {
      pump(new Client(context, sender), last, place);
    } finally {
      sender.close();
    }
  }

  /**
   * What the client had last: as the protocol has it in a header, or in the query, since a browser
   * cannot set the header the first time.
   */
  private static Optional<Long> lastEventId(Context context) {
    List<String> shown = context.header("Last-Event-ID").toList();
    if (shown.isEmpty() || shown.getFirst().isBlank()) {
      return Api.number(context, "after", 0, Long.MAX_VALUE);
    }
    try {
      long seq = Long.parseLong(shown.getFirst().strip());
      if (shown.size() == 1 && seq >= 0) {
        return Optional.of(seq);
      }
    } catch (NumberFormatException e) {
      // told below, like a number out of range
    }
    throw new Problem(400, "Last-Event-ID is the id of an event of this feed, one number");
  }

  /** Ends all clients. */
  @Override
  public void close() {
    closed = true;
    tail.close();
    servers.forEach(Thread::interrupt);
  }

  private record Client(Context context, Sender sender) {}

  private void pump(Client client, Optional<Long> last, LiveTail.Place joined)
      throws InterruptedException {
    ByteArrayOutputStream greeting = new ByteArrayOutputStream();
    greeting.writeBytes(": connected\nretry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
    greeting.writeBytes(tail.status());
    LiveTail.Place place = joined;
    long had = last.orElse(place.seq());
    if (had > place.seq() && had > newest()) {
      // Of another database, or one that was made anew: its numbers say nothing here.
      greeting.writeBytes(frame("missed"));
      had = place.seq();
    }
    if (!write(client, greeting.toByteArray())) {
      return;
    }
    while (had < place.seq()) {
      had = readUp(client, had, place.seq());
      if (had < 0) {
        return;
      }
      place = tail.end();
    }
    follow(client, had, place.next());
  }

  /**
   * Sends what lies in the store behind one number and up to another; −1 if the client is gone or
   * may not stay.
   */
  private long readUp(Client client, long after, long upTo) throws InterruptedException {
    long had = after;
    while (had < upTo) {
      if (!mayStay.test(client.context())) {
        return -1;
      }
      List<EventView> page;
      readingUp.acquire();
      try {
        page = view.eventsAfter(had, PAGE);
      } finally {
        readingUp.release();
      }
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      for (EventView event : page) {
        if (event.seq() <= upTo) {
          frames.writeBytes(tail.frame(event));
          had = event.seq();
        }
      }
      if (frames.size() > 0 && !write(client, frames.toByteArray())) {
        return -1;
      }
      if (page.isEmpty() || page.getLast().seq() >= upTo) {
        // What is missing between here and there was deleted.
        return upTo;
      }
    }
    return had;
  }

  private void follow(Client client, long last, long first) throws InterruptedException {
    long had = last;
    long number = first;
    long wroteAt = System.nanoTime();
    long askedAt = wroteAt;
    Duration patience = heartbeat.compareTo(ASKED) < 0 ? heartbeat : ASKED;
    while (!closed) {
      if (System.nanoTime() - askedAt >= ASKED.toNanos()) {
        askedAt = System.nanoTime();
        if (!mayStay.test(client.context())) {
          return;
        }
      }
      switch (tail.await(number, patience)) {
        case LiveTail.Next.Silence _ -> {
          if (System.nanoTime() - wroteAt >= heartbeat.toNanos()) {
            if (!write(client, ": still here\n\n".getBytes(StandardCharsets.UTF_8))) {
              return;
            }
            wroteAt = System.nanoTime();
          }
        }
        case LiveTail.Next.Lost _ -> {
          cut.incrementAndGet();
          return;
        }
        case LiveTail.Next.Is(LiveTail.Chunk chunk) -> {
          number++;
          if (chunk.hasEvents() && had > chunk.after()) {
            // The client had some of these already, by its own account.
            had = had >= chunk.upTo() ? had : readUp(client, had, chunk.upTo());
            if (had < 0) {
              return;
            }
          } else {
            if (!write(client, chunk.bytes())) {
              return;
            }
            had = Math.max(had, chunk.upTo());
          }
          wroteAt = System.nanoTime();
        }
      }
    }
  }

  private long newest() {
    return view.events(1, Optional.empty()).events().stream()
        .mapToLong(EventView::seq)
        .findFirst()
        .orElse(0);
  }

  private static byte[] frame(String name) {
    return LiveTail.frame(name, "{}", -1).getBytes(StandardCharsets.UTF_8);
  }

  private boolean write(Client client, byte[] frames) throws InterruptedException {
    CompletableFuture<Boolean> written = new CompletableFuture<>();
    client.sender().write(frames, (_, failure) -> written.complete(failure == null));
    try {
      return written.get(writePatience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      cut.incrementAndGet();
      return false;
    } catch (ExecutionException e) {
      return false;
    }
  }
}
