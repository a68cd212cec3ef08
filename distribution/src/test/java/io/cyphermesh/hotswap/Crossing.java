package io.cyphermesh.hotswap;

import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.Subscription;
import io.cyphermesh.core.view.ViewChange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One direction: events go in at one node, so many a second, and are awaited at the other. What is
 * measured of each is the time from its frame's being written to the first node's link until the
 * other node has stored it and says so.
 */
final class Crossing implements AutoCloseable {
  private static final int LISTENER = 1 << 17;

  /** In the place of the time at which an event was sent that is not measured. */
  private static final long WARMING = Long.MIN_VALUE;

  private final Path frames;
  private final int warmUp;
  private final int events;
  private final long intervalNanos;
  private final Feeder feeder;
  private final Subscription arrivals;
  private final ConcurrentMap<String, Long> underway = new ConcurrentHashMap<>();
  private final Latencies latencies;
  private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
  private final Thread sender;
  private final Thread receiver;
  private volatile int sent;
  private volatile boolean closed;

  /**
   * @param warmUp how many of the file's events are sent first and not measured
   * @param events how many of the file's events are sent in all
   */
  Crossing(
      String name,
      Path frames,
      int warmUp,
      int events,
      int perSecond,
      Feeder feeder,
      NodeView other) {
    this.frames = frames;
    this.warmUp = warmUp;
    this.events = events;
    this.intervalNanos = 1_000_000_000L / perSecond;
    this.feeder = feeder;
    this.arrivals = other.subscribe(LISTENER);
    this.latencies = new Latencies(events - warmUp);
    this.sender = Thread.ofPlatform().daemon().name("send-" + name).unstarted(this::send);
    this.receiver = Thread.ofPlatform().daemon().name("await-" + name).unstarted(this::receive);
  }

  void start() {
    receiver.start();
    sender.start();
  }

  private void send() {
    try (SignedFrames.Reader reader = new SignedFrames.Reader(frames)) {
      long begin = System.nanoTime();
      for (int n = 0; n < events && !closed; n++) {
        SignedFrames.Frame frame = reader.next();
        long wait = begin + n * intervalNanos - System.nanoTime();
        if (wait > 0) {
          LockSupport.parkNanos(wait);
        }
        underway.put(frame.id(), n < warmUp ? WARMING : System.nanoTime());
        feeder.write(frame.bytes().array());
        sent = n + 1;
      }
    } catch (IOException | RuntimeException e) {
      fault.set(e);
    }
  }

  private void receive() {
    try {
      while (!closed) {
        Optional<ViewChange> change = arrivals.next(Duration.ofMillis(100));
        long now = System.nanoTime();
        switch (change.orElse(null)) {
          case ViewChange.EventStored stored -> {
            Long since = underway.remove(stored.event().id());
            if (since != null && since != WARMING) {
              latencies.add(now - since);
            }
          }
          case ViewChange.Missed _ ->
              throw new IllegalStateException("the test does not read what the node says");
          case null, default -> {}
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      fault.set(e);
    }
  }

  /** Whether what is sent now is measured. */
  boolean warm() {
    return sent > warmUp;
  }

  boolean allSent() {
    return sent == events;
  }

  /** How many have been sent and have not arrived. */
  int missing() {
    return underway.size();
  }

  Latencies latencies() {
    return latencies;
  }

  /** Fails if the load itself did. */
  void check() {
    Throwable failed = fault.get();
    if (failed != null) {
      throw new IllegalStateException("the load failed", failed);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    arrivals.close();
    feeder.close();
    try {
      receiver.join();
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
