package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.Subscription;
import io.cyphermesh.core.view.ViewChange;
import io.jooby.Context;
import io.jooby.Sender;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The live feed, as server-sent events.
 *
 * <p>Each client has one virtual thread, one bounded queue in the view and at most one unfinished
 * write, so that a client which never reads costs that much and no more until the listener closes
 * its connection.
 */
final class LiveFeed implements AutoCloseable {
  static final int MAX_CLIENTS = 64;
  private static final int QUEUE = 1024;
  private static final int MAX_BATCH_CHARS = 64 * 1024;
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final NodeView view;
  private final Duration heartbeat;
  private final Duration writePatience;
  private final Semaphore places = new Semaphore(MAX_CLIENTS);
  private final Set<Thread> servers = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private @Nullable Snapshot snapshot;

  /**
   * @param heartbeat silence after which a comment is sent, to notice a client that vanished
   * @param writePatience how long a write may take before the client counts as gone
   */
  LiveFeed(NodeView view, Duration heartbeat, Duration writePatience) {
    this.view = view;
    this.heartbeat = heartbeat;
    this.writePatience = writePatience;
  }

  /** How many clients listen. */
  int clients() {
    return MAX_CLIENTS - places.availablePermits();
  }

  /**
   * Serves one client until it leaves or the thread is interrupted.
   *
   * @throws Problem 503 if all places are taken
   */
  void serve(Context context) throws InterruptedException {
    if (!places.tryAcquire()) {
      throw new Problem(
          503,
          "all " + MAX_CLIENTS + " places of the live feed are taken: close another page",
          Map.of("Retry-After", "10"));
    }
    servers.add(Thread.currentThread());
    try (Subscription changes = view.subscribe(QUEUE)) {
      context.setResponseType("text/event-stream;charset=utf-8");
      Sender sender;
      try {
        sender = context.responseSender();
      } catch (IllegalStateException e) {
        // The client left before its feed began, which is no fault of ours to be logged.
        return;
      }
      try {
        pump(changes, sender);
      } finally {
        sender.close();
      }
    } finally {
      servers.remove(Thread.currentThread());
      places.release();
    }
  }

  /** Ends all clients. */
  @Override
  public void close() {
    closed = true;
    servers.forEach(Thread::interrupt);
  }

  private void pump(Subscription changes, Sender sender) throws InterruptedException {
    NodeStatus shown = status();
    if (!write(sender, ": connected\nretry: 2000\n\n" + statusFrame(shown))) {
      return;
    }
    long wroteAt = System.nanoTime();
    long nextTick = wroteAt + TICK_NANOS;
    boolean peers = false;
    boolean plugins = false;
    while (!closed) {
      StringBuilder batch = new StringBuilder();
      Optional<ViewChange> change =
          changes.next(Duration.ofNanos(Math.max(1, nextTick - System.nanoTime())));
      while (change.isPresent()) {
        switch (change.get()) {
          case ViewChange.EventStored stored -> {
            String json = Json.text(out -> EventJson.write(out, stored.event()));
            frame(batch, "event", json, stored.event().seq());
          }
          case ViewChange.PeersChanged _ -> peers = true;
          case ViewChange.PluginsChanged _ -> plugins = true;
          case ViewChange.Missed _ -> frame(batch, "missed", "{}", -1);
        }
        change = batch.length() < MAX_BATCH_CHARS ? changes.next(Duration.ZERO) : Optional.empty();
      }
      // A score moves with each event; once a second is as often as anybody reads.
      if (System.nanoTime() - nextTick >= 0) {
        nextTick = System.nanoTime() + TICK_NANOS;
        if (peers) {
          frame(batch, "peers", "{}", -1);
          peers = false;
        }
        if (plugins) {
          frame(batch, "plugins", "{}", -1);
          plugins = false;
        }
        NodeStatus status = status();
        if (!timeless(status).equals(timeless(shown))) {
          shown = status;
          batch.append(statusFrame(status));
        }
      }
      if (batch.isEmpty() && System.nanoTime() - wroteAt >= heartbeat.toNanos()) {
        batch.append(": still here\n\n");
      }
      if (!batch.isEmpty()) {
        if (!write(sender, batch.toString())) {
          return;
        }
        wroteAt = System.nanoTime();
      }
    }
  }

  private boolean write(Sender sender, String frames) throws InterruptedException {
    CompletableFuture<Boolean> written = new CompletableFuture<>();
    sender.write(
        frames.getBytes(StandardCharsets.UTF_8), (_, failure) -> written.complete(failure == null));
    try {
      return written.get(writePatience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }

  /** The status, at most a second old, however many clients look at it. */
  private synchronized NodeStatus status() {
    Snapshot last = snapshot;
    if (last == null || System.nanoTime() - last.atNanos() >= TICK_NANOS / 2) {
      last = new Snapshot(view.status(), System.nanoTime());
      snapshot = last;
    }
    return last.status();
  }

  private record Snapshot(NodeStatus status, long atNanos) {}

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

  private static String statusFrame(NodeStatus status) {
    StringBuilder out = new StringBuilder();
    frame(out, "status", Json.text(json -> ViewJson.status(json, status)), -1);
    return out.toString();
  }

  private static void frame(StringBuilder out, String name, String data, long id) {
    out.append("event: ").append(name).append('\n');
    if (id >= 0) {
      out.append("id: ").append(id).append('\n');
    }
    data.lines().forEach(line -> out.append("data: ").append(line).append('\n'));
    out.append('\n');
  }
}
