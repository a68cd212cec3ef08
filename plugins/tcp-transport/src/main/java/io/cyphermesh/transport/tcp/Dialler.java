package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TransportLimits;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.Inet4Address;
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
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;
import javax.net.ssl.SSLSocket;

/** Dials nodes: connects, shakes hands, and says in one line why not. */
final class Dialler {
  /** What a dial needs besides waiting for the answer, before its alarm may ring. */
  private static final Duration SLACK = Duration.ofSeconds(1);

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
   * share of what is left of it, so that a dead one leaves enough to those behind it. Where plain
   * will do as well, those that have no TLS are tried once more when none has.
   */
  FramedLink dial(HostPort address, DialPolicy policy) throws IOException {
    boolean plainToo = policy instanceof DialPolicy.AnyNodeElsePlain;
    Optional<NodeId> expected =
        policy instanceof DialPolicy.OnlyNode(NodeId id) ? Optional.of(id) : Optional.empty();
    InetAddress[] found;
    try {
      found = names.addresses(address.host());
    } catch (UnknownHostException e) {
      throw new IOException("no address is known for the name " + address.host(), e);
    }
    long deadline = System.nanoTime() + limits.handshake().toNanos();
    List<String> failures = new ArrayList<>();
    List<InetSocketAddress> withoutTls = new ArrayList<>();
    IOException last = new IOException("no time was left to dial " + address);
    for (int i = 0; i < found.length; i++) {
      Duration left = i == 0 ? limits.handshake() : Duration.ofNanos(deadline - System.nanoTime());
      if (left.isNegative() || left.isZero()) {
        break;
      }
      Duration share = left.dividedBy(found.length - (long) i);
      InetSocketAddress candidate = new InetSocketAddress(found[i], address.port());
      try {
        return new Attempt(candidate, expected, plainToo ? longEnoughForSilence(share) : share)
            .run();
      } catch (IOException e) {
        throwIfInterrupted(address, e);
        if (plainToo && e instanceof NoTlsException && found[i] instanceof Inet4Address) {
          withoutTls.add(candidate);
        }
        failures.add(String.valueOf(e.getMessage()));
        last = e;
      }
    }
    for (InetSocketAddress candidate : withoutTls) {
      try {
        return plain(candidate);
      } catch (IOException e) {
        throwIfInterrupted(address, e);
        failures.add(String.valueOf(e.getMessage()));
        last = e;
      }
    }
    if (failures.size() < 2) {
      throw last;
    }
    throw new IOException(address + ": " + String.join("; ", failures), last);
  }

  private static void throwIfInterrupted(HostPort address, IOException e)
      throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      InterruptedIOException interrupted =
          new InterruptedIOException("the dial of " + address + " was interrupted");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Silence says that there is no TLS only once it has lasted. */
  private Duration longEnoughForSilence(Duration share) {
    Duration least = limits.answer().plus(SLACK);
    return share.compareTo(least) < 0 ? least : share;
  }

  /** On a connection of its own: what TLS said on the first one is half a frame there. */
  private FramedLink plain(InetSocketAddress address) throws IOException {
    Socket raw = new Socket();
    boolean linked = false;
    try {
      connect(raw, address, limits.connect());
      FramedLink link = FramedLink.plain(raw, true, new byte[0], watchdog, threads, limits);
      linked = true;
      return link;
    } finally {
      if (!linked) {
        Sockets.drop(raw);
      }
    }
  }

  private static void connect(Socket raw, InetSocketAddress address, Duration limit)
      throws IOException {
    String where = Texts.address(address);
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

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** One address, over TLS. */
  private final class Attempt {
    private final InetSocketAddress address;
    private final String where;
    private final Optional<NodeId> expected;
    private final Duration patience;
    private final DialSocket raw = new DialSocket();

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
        connect(raw, address, min(limits.connect(), patience));
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

    private FramedLink shakeHands() throws IOException {
      Peer peer;
      SSLSocket secured;
      try {
        raw.setSoTimeout(Sockets.millis(limits.answer()));
        secured = tls.client(raw, expected);
        peer = tls.shakeHands(secured);
        raw.setSoTimeout(0);
      } catch (IOException e) {
        throw showsThatThereIsNoTls(e)
            ? new NoTlsException(whyNoHandshake(e), e)
            : new IOException(whyNoHandshake(e), e);
      }
      if (expected.isPresent() && !expected.get().equals(peer.id())) {
        throw new IOException(
            where
                + " is node "
                + peer.id().abbreviated()
                + ", not "
                + expected.get().abbreviated());
      }
      return FramedLink.secured(raw, secured, peer, true, watchdog, threads, limits);
    }

    /** A hang-up shows nothing: nodes that are too busy for a handshake do that. */
    private boolean showsThatThereIsNoTls(IOException e) {
      OptionalInt first = raw.firstByte();
      return first.isPresent()
          ? first.getAsInt() == Opening.FRAME_HEAD
          : e instanceof SocketTimeoutException;
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
