package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportContext;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Accepts callers, and keeps those cheap that have not proved yet to be nodes. */
final class TcpListener implements Transport.Listener {
  /** How often the accepting thread looks whether it was interrupted. */
  private static final Duration LOOK_UP = Duration.ofMillis(500);

  /** After a failed accept: for want of descriptors, retrying at once would only burn a core. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private final ServerSocket server;
  private final HostPort address;
  private final TransportContext context;
  private final TransportLimits limits;
  private final Logger logger;
  private final Tls tls;
  private final Watchdog watchdog;
  private final LongSupplier nanoTime;
  private final PendingCallers<Caller> pending;
  private final HandshakeRate rate;
  private final Refusals refusals;
  private long nextWarning;

  /**
   * @param server bound
   * @param host as the operator named it
   */
  TcpListener(
      ServerSocket server,
      String host,
      TransportContext context,
      Tls tls,
      Watchdog watchdog,
      LongSupplier nanoTime)
      throws IOException {
    this.server = server;
    this.address = new HostPort(host, server.getLocalPort());
    this.context = context;
    this.limits = context.limits();
    this.logger = context.logger();
    this.tls = tls;
    this.watchdog = watchdog;
    this.nanoTime = nanoTime;
    this.pending = new PendingCallers<>(limits.pending());
    this.rate = new HandshakeRate(limits.handshakesPerSecond(), nanoTime);
    this.refusals = new Refusals(logger, watchdog, nanoTime);
    this.nextWarning = nanoTime.getAsLong();
    server.setSoTimeout(Sockets.millis(LOOK_UP));
  }

  @Override
  public HostPort address() {
    return address;
  }

  @Override
  public void serve(Transport.Acceptor acceptor) {
    try {
      while (!server.isClosed() && !Thread.currentThread().isInterrupted()) {
        try {
          welcome(server.accept(), acceptor);
        } catch (SocketTimeoutException e) {
          // Nobody called; the loop looks up.
        } catch (IOException e) {
          survive(e);
        }
      }
    } finally {
      close();
    }
  }

  private void survive(IOException failure) {
    if (server.isClosed() || Thread.currentThread().isInterrupted()) {
      return;
    }
    if (nanoTime.getAsLong() - nextWarning >= 0) {
      nextWarning = nanoTime.getAsLong() + BETWEEN_WARNINGS.toNanos();
      logger.warn("{} cannot accept callers now: {}", address, Texts.oneLine(failure));
    }
    // The likely cause is too many open files, and this frees one.
    pending.removeOldest().ifPresent(oldest -> oldest.drop(Refusal.CROWDED_OUT));
    LockSupport.parkNanos(PAUSE.toNanos());
  }

  private void welcome(Socket socket, Transport.Acceptor acceptor) {
    Caller caller = new Caller(socket, acceptor);
    boolean started = false;
    try {
      pending.add(caller).ifPresent(oldest -> oldest.drop(Refusal.CROWDED_OUT));
      context.threads().newThread(caller).start();
      started = true;
    } catch (RuntimeException | OutOfMemoryError e) {
      // A caller for whom there is no thread must not end the listener.
      logger.warn("no thread for {}: {}", Texts.address(caller.remote), e.toString());
    } finally {
      if (!started) {
        pending.remove(caller);
        Sockets.drop(socket);
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      logger.debug("closing {}: {}", address, Texts.oneLine(e));
    }
    pending.close().forEach(caller -> Sockets.drop(caller.socket));
  }

  int pending() {
    return pending.size();
  }

  /** One accepted connection, on its own thread. */
  private final class Caller implements Runnable, PendingCallers.Pending {
    private final Socket socket;
    private final InetSocketAddress remote;
    private final Transport.Acceptor acceptor;

    /** Whether the socket is a link's, which closes it in its own way. */
    private boolean handedOver;

    /** Set by whoever closes the socket under this thread. */
    private final AtomicReference<@Nullable Refusal> dropped = new AtomicReference<>();

    Caller(Socket socket, Transport.Acceptor acceptor) {
      this.socket = socket;
      this.remote = (InetSocketAddress) socket.getRemoteSocketAddress();
      this.acceptor = acceptor;
    }

    @Override
    public Network network() {
      return Network.of(remote.getAddress());
    }

    @Override
    public boolean hasSpoken() {
      try {
        return socket.getInputStream().available() > 0;
      } catch (IOException e) {
        return false;
      }
    }

    void drop(Refusal why) {
      dropped.compareAndSet(null, why);
      Sockets.drop(socket);
    }

    @Override
    public void run() {
      try {
        Sockets.tune(socket);
        switch (Opening.of(socket, limits.firstByte())) {
          case TLS -> serveTls();
          case PLAIN -> servePlain(new byte[] {Opening.FRAME_HEAD}, Refusal.PLAIN);
          case SILENT -> servePlain(new byte[0], Refusal.SILENT);
          case GONE -> refuse(Refusal.GONE, "");
          case FOREIGN -> refuse(Refusal.FOREIGN, "");
        }
      } catch (IOException e) {
        refuse(Refusal.FAILED, Texts.oneLine(e));
      } finally {
        pending.remove(this);
        if (!handedOver) {
          Sockets.drop(socket);
        }
      }
    }

    private void serveTls() throws IOException {
      if (!pending.spoke(this)) {
        refuse(Refusal.CROWDED_OUT, "");
        return;
      }
      if (!rate.allows(remote.getAddress())) {
        refuse(Refusal.TOO_OFTEN, "");
        return;
      }
      Watchdog.Alarm alarm = watchdog.after(limits.handshake(), () -> drop(Refusal.LATE));
      FramedLink link;
      try {
        SSLSocket secured = tls.server(socket, new byte[] {Opening.TLS_HANDSHAKE});
        Peer peer = tls.shakeHands(secured);
        link =
            FramedLink.secured(socket, secured, peer, false, watchdog, context.threads(), limits);
      } finally {
        alarm.cancel();
      }
      if (!pending.remove(this) || dropped.get() != null) {
        refuse(Refusal.CROWDED_OUT, "");
        return;
      }
      handOver(link);
    }

    /**
     * Version 1 links have no handshake.
     *
     * @param taken what was read of the first frame already
     * @param why said to the operator where they are not served
     */
    private void servePlain(byte[] taken, Refusal why) throws IOException {
      if (!context.acceptsPlain()) {
        refuse(why, "");
      } else if (!(remote.getAddress() instanceof Inet4Address)) {
        refuse(Refusal.NOT_IPV4, "");
      } else if (!rate.allows(remote.getAddress())) {
        refuse(Refusal.TOO_OFTEN, "");
      } else if (!pending.remove(this) || dropped.get() != null) {
        refuse(Refusal.CROWDED_OUT, "");
      } else {
        handOver(FramedLink.plain(socket, false, taken, watchdog, context.threads(), limits));
      }
    }

    private void handOver(FramedLink link) {
      handedOver = true;
      try {
        acceptor.accept(link);
      } catch (RuntimeException e) {
        logger.warn("the {} ended by a fault of its server", link, e);
      } finally {
        link.close();
      }
    }

    private void refuse(Refusal why, String detail) {
      if (server.isClosed() || Thread.currentThread().isInterrupted()) {
        return;
      }
      Refusal earlier = dropped.get();
      refusals.note(earlier == null ? why : earlier, remote, earlier == null ? detail : "");
    }
  }
}
