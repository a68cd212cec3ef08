package io.cyphermesh.syslog;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Brings batches to the receiver, one after another, each in bounded time.
 *
 * <p>It sends on threads of its own, since a socket whose receiver does not read blocks for as long
 * as it likes, and so does a name that is looked up; no interrupt ends that. What is given up
 * closes its wire and may come to its end later, beside its successor, whose wire it never touches.
 */
final class Sender {
  private final Settings settings;
  private final Connector connector;

  /** The wire in use or kept for the next batch. Under this object's lock. */
  private Optional<Wire> wire = Optional.empty();

  /** Makes wires. */
  interface Connector {
    /** Connects to the receiver; blocks until that is done. */
    Wire connect() throws IOException;
  }

  Sender(Settings settings, Connector connector) {
    this.settings = settings;
    this.connector = connector;
  }

  /**
   * Sends the messages; returns once they are as far as the wire can tell.
   *
   * @throws IOException if they, or some of them, may not have arrived; the message says why
   */
  void send(List<byte[]> messages) throws IOException, InterruptedException {
    Attempt attempt = new Attempt(messages);
    Thread thread = Thread.ofVirtual().name("syslog-sender").start(attempt);
    boolean done = false;
    try {
      Duration patience = settings.connectTimeout().plus(settings.timeout());
      try {
        attempt.sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new IOException(where() + " does not read what is sent", e);
      } catch (ExecutionException e) {
        throw new IOException(reason(cause(e)), cause(e));
      }
      try {
        attempt.confirmed.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw unconfirmed(
            where()
                + " did not close the connection within "
                + settings.timeout().toMillis()
                + " ms, so nothing says that it read the messages",
            e);
      } catch (ExecutionException e) {
        throw unconfirmed(reason(cause(e)), cause(e));
      }
      done = true;
    } finally {
      if (!done) {
        cancel(attempt);
        thread.interrupt();
      }
    }
  }

  /** Closes the wire, and with it what is being sent. */
  void close() {
    release().ifPresent(Wire::close);
  }

  /** Messages on their way. */
  private final class Attempt implements Runnable {
    /** Whether all is with the operating system. */
    final CompletableFuture<Boolean> sent = new CompletableFuture<>();

    /** Whether the receiver has read it, as far as the wire can tell. */
    final CompletableFuture<Boolean> confirmed = new CompletableFuture<>();

    /** Under the sender's lock. */
    boolean cancelled;

    private final List<byte[]> messages;

    Attempt(List<byte[]> messages) {
      this.messages = messages;
    }

    @Override
    public void run() {
      try {
        Optional<Wire> own = wireFor(this);
        if (own.isEmpty()) {
          return; // Given up before; nobody waits any more.
        }
        Wire to = own.get();
        to.send(messages);
        sent.complete(true);
        to.confirm();
        if (!to.reusable()) {
          drop(to);
        }
        confirmed.complete(true);
      } catch (Throwable e) {
        sent.completeExceptionally(e);
        confirmed.completeExceptionally(e);
      }
    }
  }

  /** The wire that is kept, or a new one; empty for an attempt that was given up. */
  private Optional<Wire> wireFor(Attempt attempt) throws IOException {
    synchronized (this) {
      if (attempt.cancelled) {
        return Optional.empty();
      }
      if (wire.isPresent()) {
        return wire;
      }
    }
    Wire fresh = connector.connect();
    synchronized (this) {
      if (!attempt.cancelled) {
        wire = Optional.of(fresh);
        return wire;
      }
    }
    fresh.close();
    return Optional.empty();
  }

  private void cancel(Attempt attempt) {
    Optional<Wire> open;
    synchronized (this) {
      attempt.cancelled = true;
      open = release();
    }
    open.ifPresent(Wire::close);
  }

  private void drop(Wire done) {
    synchronized (this) {
      if (wire.equals(Optional.of(done))) {
        wire = Optional.empty();
      }
    }
    done.close();
  }

  private synchronized Optional<Wire> release() {
    Optional<Wire> open = wire;
    wire = Optional.empty();
    return open;
  }

  private static Throwable cause(ExecutionException e) {
    return e.getCause() == null ? e : e.getCause();
  }

  /** A receiver that never closes fails each batch in the same way, so its operator is told. */
  private static IOException unconfirmed(String what, Throwable cause) {
    return new IOException(
        what
            + "; if this receiver never closes a connection in order, set confirm = false to send"
            + " without asking",
        cause);
  }

  private String reason(Throwable cause) {
    return switch (cause) {
      case UnknownHostException _ -> "no address is known for the name " + settings.host();
      case ConnectException _ -> "nobody listens at " + where();
      case SocketTimeoutException _ -> "no connection to " + where() + " in time";
      case SSLException e -> "no TLS with " + where() + ": " + e.getMessage();
      default ->
          where()
              + ": "
              + (cause.getMessage() == null
                  ? cause.getClass().getSimpleName()
                  : cause.getMessage());
    };
  }

  private String where() {
    return settings.host() + ":" + settings.portOrUsual();
  }
}
