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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/** All links: accepts, dials, serves, counts, ends. */
public final class PeerLinks implements AutoCloseable {
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Duration CLOSE_POLL = Duration.ofMillis(10);

  private final LinkSettings settings;
  private final int maxSessions;
  private final PlainPlaces plainPlaces;
  private final Shared shared;
  private final LinkEvents events;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<LinkId, LinkSession> sessions = new ConcurrentHashMap<>();
  private final ScheduledFuture<?> sweep;
  private volatile Message.Hello hello;
  private volatile boolean closed;

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

  /** What is counted on links. */
  public record Meters(Counter leftOut) {}

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

  /** Serves an accepted link until it is over. */
  public void accept(Link link) {
    serve(link, Optional.empty());
  }

  /** Dials on a thread of its own and serves the link until it is over. */
  public void dial(Transport transport, HostPort address, DialPolicy policy) {
    Thread thread =
        shared
            .threads()
            .newThread(
                () -> {
                  Link link;
                  try {
                    link = transport.dial(address, policy);
                  } catch (IOException e) {
                    events.dialFailed(
                        address, e.getMessage() == null ? "no answer" : e.getMessage());
                    return;
                  } catch (RuntimeException | Error e) {
                    shared.logger().error("the transport failed to dial {}", address, e);
                    events.dialFailed(address, "the transport failed: " + e);
                    return;
                  }
                  serve(link, Optional.of(address));
                });
    thread.start();
  }

  private void serve(Link link, Optional<HostPort> dialled) {
    try (link) {
      Optional<PeerId> peer = peer(link);
      if (peer.isEmpty() || closed || (dialled.isEmpty() && sessions.size() >= maxSessions)) {
        String reason =
            peer.isEmpty()
                ? "nobody proved who is there"
                : closed ? "the node stops" : "as many links as are allowed";
        dialled.ifPresent(address -> events.dialFailed(address, reason));
        return;
      }
      LinkId id = new LinkId(numbers.incrementAndGet());
      LinkSession session =
          new LinkSession(id, link, peer.get(), dialled, settings, shared, events);
      sessions.put(id, session);
      try {
        if (closed) {
          session.close("the node stops");
        }
        if (peer.get() instanceof PeerId.PlainHost host && !plainPlaces.take(session, host)) {
          session.close("as many plain links as are allowed");
        }
        String reason = session.run(hello);
        shared
            .logger()
            .debug(
                "link with {} at {} ended: {}",
                peer.get().abbreviated(),
                session.remoteHost(),
                reason);
        if (!session.wasUp()) {
          dialled.ifPresent(address -> events.dialFailed(address, reason));
        }
      } finally {
        plainPlaces.release(session);
        sessions.remove(id);
      }
    }
  }

  /** Who is there; empty where that is neither proved nor said by an IPv4 address. */
  private static Optional<PeerId> peer(Link link) {
    InetAddress address = link.remoteAddress().getAddress();
    return link.peer()
        .<PeerId>map(PeerId.Node::new)
        .or(
            () ->
                address instanceof Inet4Address
                    ? Optional.of(new PeerId.PlainHost(IpText.format(address)))
                    : Optional.empty());
  }

  /** The session of a link, while there is one. */
  public Optional<LinkSession> session(LinkId id) {
    return Optional.ofNullable(sessions.get(id));
  }

  /** Ends all links, and waits a moment for that. New ones may come. */
  public void closeAll(String reason) {
    sessions.values().forEach(session -> session.close(reason));
    long end = shared.nanos().getAsLong() + CLOSE.toNanos();
    while (!sessions.isEmpty() && shared.nanos().getAsLong() - end < 0) {
      LockSupport.parkNanos(CLOSE_POLL.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    sweep.cancel(false);
    sessions.values().forEach(session -> session.close("the node stops"));
  }

  static String hostText(InetSocketAddress address) {
    return address.getAddress() == null
        ? address.getHostString()
        : IpText.format(address.getAddress());
  }
}
