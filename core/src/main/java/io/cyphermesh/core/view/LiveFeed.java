package io.cyphermesh.core.view;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands what changes to whoever listens. Never waits for a listener: a slow one misses changes and
 * is told so.
 */
public final class LiveFeed {
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** Hands a change to all listeners. */
  public void publish(ViewChange change) {
    listeners.forEach(listener -> listener.offer(change));
  }

  /** Whether anybody listens; making a change costs time. */
  public boolean hasListeners() {
    return !listeners.isEmpty();
  }

  /** Begins to listen. */
  public Subscription subscribe(int capacity) {
    Listener listener = new Listener(capacity);
    listeners.add(listener);
    return listener;
  }

  private final class Listener implements Subscription {
    private final BlockingQueue<ViewChange> queue;
    private final AtomicBoolean missed = new AtomicBoolean();

    Listener(int capacity) {
      queue = new ArrayBlockingQueue<>(capacity);
    }

    void offer(ViewChange change) {
      if (!queue.offer(change)) {
        missed.set(true);
      }
    }

    @Override
    public Optional<ViewChange> next(Duration patience) throws InterruptedException {
      if (queue.isEmpty() && missed.getAndSet(false)) {
        return Optional.of(new ViewChange.Missed());
      }
      return Optional.ofNullable(queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public void close() {
      listeners.remove(this);
    }
  }
}
