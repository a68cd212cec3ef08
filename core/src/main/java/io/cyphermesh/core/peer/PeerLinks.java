package io.cyphermesh.core.peer;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.Transport;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PlainCodec;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;

/** All links: accepts, dials, serves, counts, ends. */
public final class PeerLinks implements AutoCloseable {
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Duration CLOSE_POLL = Duration.ofMillis(10);
  private static final String TRANSPORT_STOPS = "this node's transport stops";

  private final LinkSettings settings;
  private final int maxSessions;
  private final PlainPlaces plainPlaces;
  private final Shared shared;
  private final LinkEvents events;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<LinkId, LinkSession> sessions = new ConcurrentHashMap<>();
  private final ScheduledFuture<?> sweep;
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final Set<Thread> dialling = ConcurrentHashMap.newKeySet();
  private volatile Message.Hello hello;
  private volatile boolean closed;

  /** Links of an age that is over come too late: their transport is gone. */
  private final AtomicLong age = new AtomicLong();

  /**
   * What sessions have in common.
   *
   * @param parsers as many permits as there are cores
   * @param timers closes what is late; daemon, owned by the caller
   */
  public record Shared(
      FrameCodec codec,
      PlainCodec plainCodec,
      InstantSource clock,
      LongSupplier nanos,
      ThreadFactory threads,
      Semaphore parsers,
      ScheduledThreadPoolExecutor timers,
      Meters meters,
      Logger logger) {

    Deadline deadline(Duration after, Runnable late) {
      ScheduledFuture<?> timer = timers.schedule(late, after.toNanos(), TimeUnit.NANOSECONDS);
      return () -> timer.cancel(false);
    }
  }

  /**
   * What is counted on links.
   *
   * @param leftOut events that a full queue left out for now
   * @param dropped announcements for which a queue had no room
   */
  public record Meters(Counter leftOut, Counter dropped) {}

  /** Cancelled in time, nothing happens. */
  interface Deadline {
    void cancel();
  }

  /**
   * Links.
   *
   * @param hello what we say first
   * @param maxSessions most links at once, those without HELLO included, beyond which none is
   *     accepted; what is dialled is the mesh's to bound
   * @param plain how many of them may be plain, dialled ones included
   */
  public PeerLinks(
      LinkSettings settings,
      int maxSessions,
      PlainLimits plain,
      Message.Hello hello,
      Shared shared,
      LinkEvents events) {
    this.settings = settings;
    this.maxSessions = maxSessions;
    this.plainPlaces = new PlainPlaces(plain);
    this.hello = hello;
    this.shared = shared;
    this.events = events;
    long interval = Math.max(1, settings.stalled().toMillis() / 4);
    this.sweep =
        shared
            .timers()
            .scheduleWithFixedDelay(
                () -> sessions.values().forEach(s -> s.closeIfStalled(shared.nanos().getAsLong())),
                interval,
                interval,
                TimeUnit.MILLISECONDS);
  }

  /** Says from now on that we listen on {@code port}. */
  public void listensOn(int port) {
    hello =
        new Message.Hello(
            hello.version(), hello.network(), port, hello.agent(), hello.capabilities());
  }

  /** Serves accepted links, each until it is over; none any more after {@link #closeAll}. */
  public Transport.Acceptor acceptor() {
    long now = age.get();
    return link -> serve(link, Optional.empty(), now);
  }

  /** Serves an accepted link until it is over. */
  void accept(Link link) {
    serve(link, Optional.empty(), age.get());
  }

  /**
   * Dials on a thread of its own and serves the link until it is over.
   *
   * @param transport the one in use; while there is none, the dial fails
   */
  public void dial(Supplier<Optional<Transport>> transport, HostPort address, DialPolicy policy) {
    // Before the transport is asked for: one that is about to leave does so in this very age.
    long now = age.get();
    Optional<Transport> current = transport.get();
    Thread thread =
        shared
            .threads()
            .newThread(
                () -> {
                  if (current.isEmpty()) {
                    events.dialFailed(address, "no transport is loaded");
                    return;
                  }
                  dialled(current.get(), address, policy, now)
                      .ifPresent(link -> serve(link, Optional.of(address), now));
                });
    thread.start();
  }

  /** The link; empty, and told so, if nothing came of it. */
  private Optional<Link> dialled(
      Transport transport, HostPort address, DialPolicy policy, long begun) {
    dialling.add(Thread.currentThread());
    try {
      if (begun != age.get()) {
        throw new IOException(TRANSPORT_STOPS);
      }
      return Optional.of(transport.dial(address, policy));
    } catch (IOException e) {
      events.dialFailed(address, e.getMessage() == null ? "no answer" : e.getMessage());
    } catch (RuntimeException | Error e) {
      shared.logger().error("the transport failed to dial {}", address, e);
      events.dialFailed(address, "the transport failed: " + e);
    } finally {
      dialling.remove(Thread.currentThread());
    }
    return Optional.empty();
  }

  private void serve(Link link, Optional<HostPort> dialled, long begun) {
    try {
      Optional<PeerId> peer = peer(link);
      Optional<String> refusal = refusal(peer, dialled, begun);
      if (refusal.isPresent()) {
        dialled.ifPresent(address -> events.dialFailed(address, refusal.get()));
      } else {
        serve(link, peer.orElseThrow(), dialled, begun);
      }
    } finally {
      close(link, shared.logger());
    }
  }

  private Optional<String> refusal(Optional<PeerId> peer, Optional<HostPort> dialled, long begun) {
    if (peer.isEmpty()) {
      return Optional.of("nobody proved who is there");
    }
    if (dialled.isEmpty() && sessions.size() >= maxSessions) {
      return ending(begun).or(() -> Optional.of("as many links as are allowed"));
    }
    return ending(begun);
  }

  /** Why a link that began then cannot go on. */
  private Optional<String> ending(long begun) {
    if (closed) {
      return Optional.of("the node stops");
    }
    return begun == age.get() ? Optional.empty() : Optional.of(TRANSPORT_STOPS);
  }

  private void serve(Link link, PeerId peer, Optional<HostPort> dialled, long begun) {
    LinkId id = new LinkId(numbers.incrementAndGet());
    Link counted = new CountedLink(link, received, sent);
    LinkSession session = new LinkSession(id, counted, peer, dialled, settings, shared, events);
    sessions.put(id, session);
    try {
      // Who ends all links may have looked before this one was among them.
      ending(begun).ifPresent(session::close);
      if (peer instanceof PeerId.PlainHost host && !plainPlaces.take(session, host)) {
        session.close("as many plain links as are allowed");
      }
      String reason = session.run(hello);
      shared
          .logger()
          .debug("link with {} at {} ended: {}", peer.abbreviated(), session.remoteHost(), reason);
      if (!session.wasUp()) {
        dialled.ifPresent(address -> events.dialFailed(address, reason));
      }
    } finally {
      plainPlaces.release(session);
      sessions.remove(id);
    }
  }

  /** It is the transport's code that closes, which may do anything. */
  static void close(Link link, Logger logger) {
    try {
      link.close();
    } catch (RuntimeException | Error e) {
      logger.error("the transport failed to close a link", e);
    }
  }

  /** Who is there; empty where that is neither proved nor said by an IPv4 address. */
  private Optional<PeerId> peer(Link link) {
    try {
      InetAddress address = link.remoteAddress().getAddress();
      return link.peer()
          .<PeerId>map(PeerId.Node::new)
          .or(
              () ->
                  address instanceof Inet4Address
                      ? Optional.of(new PeerId.PlainHost(IpText.format(address)))
                      : Optional.empty());
    } catch (RuntimeException | Error e) {
      shared.logger().error("the transport cannot tell whom a link is with", e);
      return Optional.empty();
    }
  }

  /** Bytes of frames that came over all links, ever. */
  public long bytesReceived() {
    return received.sum();
  }

  /** Bytes of frames that went over all links, ever. */
  public long bytesSent() {
    return sent.sum();
  }

  /** The session of a link, while there is one. */
  public Optional<LinkSession> session(LinkId id) {
    return Optional.ofNullable(sessions.get(id));
  }

  /**
   * Ends all links and dials, and waits a moment for that. New ones may come, but none that a dial
   * or an {@link #acceptor} of before brings.
   */
  public void closeAll(String reason) {
    age.incrementAndGet();
    dialling.forEach(Thread::interrupt);
    end(reason);
  }

  /** Ends all links, waits a moment for that, and takes no more. */
  @Override
  public void close() {
    closed = true;
    sweep.cancel(false);
    end("the node stops");
  }

  private void end(String reason) {
    sessions.values().forEach(session -> session.close(reason));
    // Counted, since the clock that is handed in may stand still while a transport hangs.
    for (long left = CLOSE.dividedBy(CLOSE_POLL); left > 0 && !sessions.isEmpty(); left--) {
      LockSupport.parkNanos(CLOSE_POLL.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  static String hostText(InetSocketAddress address) {
    return address.getAddress() == null
        ? address.getHostString()
        : IpText.format(address.getAddress());
  }
}
