package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TransportLimits;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import javax.net.ssl.SSLSocket;

/** Dials nodes: connects, shakes hands, and says in one line why not. */
final class Dialler {
  private final TransportLimits limits;
  private final Tls tls;
  private final Watchdog watchdog;
  private final ThreadFactory threads;
  private final Names names;

  /** Knows the addresses of names. */
  @FunctionalInterface
  interface Names {
    InetAddress[] addresses(String name) throws UnknownHostException;
  }

  /**
   * @param threads makes the links' threads
   */
  Dialler(TransportLimits limits, Tls tls, Watchdog watchdog, ThreadFactory threads, Names names) {
    this.limits = limits;
    this.tls = tls;
    this.watchdog = watchdog;
    this.threads = threads;
    this.names = names;
  }

  /**
   * Tries the name's addresses in turn, all within the time of one handshake. Each gets an equal
   * share of what is left of it, so that a dead one leaves enough to those behind it.
   */
  FramedLink dial(HostPort address, Optional<NodeId> expected) throws IOException {
    InetAddress[] found;
    try {
      found = names.addresses(address.host());
    } catch (UnknownHostException e) {
      throw new IOException("no address is known for the name " + address.host(), e);
    }
    long deadline = System.nanoTime() + limits.handshake().toNanos();
    List<String> failures = new ArrayList<>();
    IOException last = new IOException("no time was left to dial " + address);
    for (int i = 0; i < found.length; i++) {
      Duration left = i == 0 ? limits.handshake() : Duration.ofNanos(deadline - System.nanoTime());
      if (left.isNegative() || left.isZero()) {
        break;
      }
      Duration share = left.dividedBy(found.length - (long) i);
      try {
        return new Attempt(new InetSocketAddress(found[i], address.port()), expected, share).run();
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted()) {
          InterruptedIOException interrupted =
              new InterruptedIOException("the dial of " + address + " was interrupted");
          interrupted.initCause(e);
          throw interrupted;
        }
        failures.add(String.valueOf(e.getMessage()));
        last = e;
      }
    }
    if (failures.size() < 2) {
      throw last;
    }
    throw new IOException(address + ": " + String.join("; ", failures), last);
  }

  /** One address. */
  private final class Attempt {
    private final InetSocketAddress address;
    private final String where;
    private final Optional<NodeId> expected;
    private final Duration patience;
    private final Socket raw = new Socket();

    Attempt(InetSocketAddress address, Optional<NodeId> expected, Duration patience) {
      this.address = address;
      this.where = Texts.address(address);
      this.expected = expected;
      this.patience = patience;
    }

    FramedLink run() throws IOException {
      Watchdog.Alarm alarm = watchdog.after(patience, () -> Sockets.drop(raw));
      boolean inTime = true;
      Optional<FramedLink> link = Optional.empty();
      try {
        connect();
        FramedLink shaken = shakeHands();
        inTime = alarm.cancel();
        if (!inTime) {
          throw new SocketException("late");
        }
        link = Optional.of(shaken);
        return shaken;
      } catch (IOException e) {
        throw inTime && alarm.cancel()
            ? e
            : new IOException(
                "the handshake with "
                    + where
                    + " was not complete within "
                    + Texts.seconds(patience),
                e);
      } finally {
        alarm.cancel();
        if (link.isEmpty()) {
          Sockets.drop(raw);
        }
      }
    }

    private void connect() throws IOException {
      Duration limit = limits.connect().compareTo(patience) < 0 ? limits.connect() : patience;
      try {
        raw.connect(address, Sockets.millis(limit));
        Sockets.tune(raw);
      } catch (SocketTimeoutException e) {
        throw new IOException("no connection to " + where + " within " + Texts.seconds(limit), e);
      } catch (ConnectException e) {
        throw new IOException("nobody listens at " + where + ": " + Texts.oneLine(e), e);
      } catch (IOException e) {
        throw new IOException("no way to " + where + ": " + Texts.oneLine(e), e);
      }
    }

    private FramedLink shakeHands() throws IOException {
      Peer peer;
      SSLSocket secured;
      try {
        raw.setSoTimeout(Sockets.millis(limits.answer()));
        secured = tls.client(raw, expected);
        peer = tls.shakeHands(secured);
        raw.setSoTimeout(0);
      } catch (IOException e) {
        throw new IOException(whyNoHandshake(e), e);
      }
      if (expected.isPresent() && !expected.get().equals(peer.id())) {
        throw new IOException(
            where
                + " is node "
                + peer.id().abbreviated()
                + ", not "
                + expected.get().abbreviated());
      }
      return new FramedLink(
          raw, secured, Optional.of(peer), true, watchdog, threads, limits.frame());
    }

    private String whyNoHandshake(IOException e) {
      return switch (e) {
        case SocketTimeoutException _ ->
            "no TLS answer from " + where + " within " + Texts.seconds(limits.answer());
        case SocketException _ -> where + " hung up during the TLS handshake";
        case IOException _ when e.getCause() instanceof EOFException ->
            where + " hung up during the TLS handshake";
        default -> "no TLS handshake with " + where + ": " + Texts.oneLine(e);
      };
    }
  }
}
