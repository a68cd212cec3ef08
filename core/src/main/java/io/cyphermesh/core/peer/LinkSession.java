package io.cyphermesh.core.peer;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.pipeline.TokenBucket;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PlainCodec;
import io.cyphermesh.core.protocol.ProtocolException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * One link from its handshake to its end. The thread that calls {@link #run} reads; a second one,
 * which the session starts, writes.
 */
public final class LinkSession {
  /** Any pause is long enough: it is the waking that goes through the scheduler. */
  private static final long MAKE_WAY_NANOS = 10_000;

  /**
   * Events of a plain link that nobody will store are looked into for blame alone: so many a second
   * will do for that. Who delivers them at no cost of his own must not spend our time on
   * signatures.
   */
  private static final double UNUSUAL_PER_SECOND = 20;

  private static final double UNUSUAL_BURST = 100;

  private final LinkId id;
  private final Link link;
  private final PeerId peer;
  private final Optional<HostPort> dialled;
  private final LinkSettings settings;
  private final PeerLinks.Shared shared;
  private final LinkEvents events;
  private final SendQueue queue;
  private final InFlight inFlight;
  private final TrafficCounts traffic = new TrafficCounts();
  private final AtomicReference<String> endReason = new AtomicReference<>();
  private volatile long sendingSince = Long.MAX_VALUE;
  private final Queue<Long> barriers = new ArrayBlockingQueue<>(8);
  private boolean up;

  LinkSession(
      LinkId id,
      Link link,
      PeerId peer,
      Optional<HostPort> dialled,
      LinkSettings settings,
      PeerLinks.Shared shared,
      LinkEvents events) {
    this.id = id;
    this.link = link;
    this.peer = peer;
    this.dialled = dialled;
    this.settings = settings;
    this.shared = shared;
    this.events = events;
    this.queue = new SendQueue(settings, shared.nanos());
    this.inFlight = new InFlight(settings.inFlight());
  }

  public LinkId id() {
    return id;
  }

  public PeerId peer() {
    return peer;
  }

  /** Whether this is a plain link of version 1. */
  public boolean plain() {
    return peer instanceof PeerId.PlainHost;
  }

  /** The frame that says {@code message} on this kind of link. */
  public byte[] encode(Message message) {
    return plain() ? shared.plainCodec().encode(message) : shared.codec().encode(message);
  }

  /** The peer's DER SubjectPublicKeyInfo; empty where nobody proved to have a key. */
  public Optional<byte[]> peerKey() {
    return link.peerKey();
  }

  /** The address that we dialled; empty where the peer did. */
  public Optional<HostPort> dialled() {
    return dialled;
  }

  /** The IP address at the other end. */
  public String remoteHost() {
    return PeerLinks.hostText(link.remoteAddress());
  }

  /** The IP address at our end. */
  public String localHost() {
    return PeerLinks.hostText(link.localAddress());
  }

  /** Queues a control frame. A peer that lets too many wait loses the link. */
  public void send(byte[] frame) {
    if (!queue.offer(frame)) {
      close("the peer does not read");
    }
  }

  /**
   * Queues an announcement, which is dropped if too much waits already: what it announces can be
   * had elsewhere.
   */
  public void sendDroppable(byte[] frame) {
    if (!queue.offerDroppable(frame)) {
      shared.meters().dropped().increment();
    }
  }

  /** Queues a new event if there is room; if there is none, {@link CatchUp} makes up for it. */
  public void sendEvent(NodeId reporter, byte[] frame, long seq) {
    if (!queue.offer(reporter, frame, seq)) {
      shared.meters().leftOut().increment();
    }
  }

  /** What went over it by now. */
  public LinkTraffic traffic() {
    return traffic.with(queue);
  }

  SendQueue queue() {
    return queue;
  }

  /** Whether a pong answers {@link CatchUp}; all others are the mesh's. */
  public boolean answersBarrier(long n) {
    return n >= CatchUp.FIRST_BARRIER && barriers.offer(n);
  }

  /** The numbers of barriers that were answered and not yet looked at. */
  Queue<Long> barriers() {
    return barriers;
  }

  /** An event of this link has its verdict; said once for each, also of those of one frame. */
  public void settled() {
    inFlight.leave();
  }

  /**
   * Ends the link; the first reason counts. Never waits: it is the transport's code that closes.
   */
  public void close(String reason) {
    if (end(reason)) {
      shared.threads().newThread(this::closeLink).start();
    }
  }

  /** Whether it was to end for the first time. */
  private boolean end(String reason) {
    if (!endReason.compareAndSet(null, reason)) {
      return false;
    }
    queue.close();
    // A reader that waits for verdicts which nobody will ask for any more must see the end.
    inFlight.open();
    return true;
  }

  private void closeLink() {
    PeerLinks.close(link, shared.logger());
  }

  /** Closes the link if what is being sent was not read for too long. */
  void closeIfStalled(long now) {
    if (sendingSince != Long.MAX_VALUE && now - sendingSince > settings.stalled().toNanos()) {
      close("the peer did not read for " + settings.stalled().toSeconds() + " s");
    }
  }

  /** Whether the peer's HELLO ever came; asked after {@link #run} by its thread. */
  boolean wasUp() {
    return up;
  }

  /** Serves the link until it is over, and returns why. Never throws. */
  String run(Message.Hello ours) {
    Thread writer = null;
    try {
      if (events.ignored(this)) {
        end("the peer is banned");
      } else if (plain()) {
        // Who found no place was closed already, and never comes up.
        if (endReason.get() == null) {
          writer = shared.threads().newThread(this::write);
          writer.start();
          up = true;
          events.up(this, Message.Hello.ORIGINAL, Optional.empty());
          readPlain();
        }
      } else {
        queue.offer(shared.codec().encode(ours));
        writer = shared.threads().newThread(this::write);
        writer.start();
        Optional<FrameCodec.Decoded> hello = awaitHello();
        if (hello.isPresent() && hello.get().message() instanceof Message.Hello theirs) {
          check(theirs, ours);
          up = true;
          events.up(this, theirs, skew(hello.get()));
          read();
        }
      }
    } catch (ProtocolException e) {
      end(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      end(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    } catch (InterruptedException e) {
      end("the node stops");
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      // An Error of the transport is no reason to leave the mesh with a link that is none.
      end("an internal error");
      shared.logger().error("link to {} ended by an internal error", peer.abbreviated(), e);
    } finally {
      end("closed by the peer");
      if (writer != null) {
        writer.interrupt();
      }
      closeLink();
    }
    String reason = String.valueOf(endReason.get());
    if (up) {
      events.down(id, reason);
    }
    return reason;
  }

  private Optional<FrameCodec.Decoded> awaitHello()
      throws IOException, ProtocolException, InterruptedException {
    PeerLinks.Deadline deadline =
        shared.deadline(
            settings.hello(),
            () -> close("no HELLO within " + settings.hello().toSeconds() + " s"));
    try {
      Optional<byte[]> frame = link.receive(FrameCodec.MAX_HELLO_BYTES);
      if (frame.isEmpty()) {
        return Optional.empty();
      }
      traffic.received(frame.get());
      FrameCodec.Decoded decoded = decode(frame.get());
      if (decoded.message() instanceof Message.Hello) {
        return Optional.of(decoded);
      }
      throw new ProtocolException("the first frame is no HELLO");
    } finally {
      deadline.cancel();
    }
  }

  private static void check(Message.Hello theirs, Message.Hello ours) throws ProtocolException {
    if (!theirs.network().equals(ours.network())) {
      throw new ProtocolException("the peer is of another network");
    }
    if (theirs.version() < ours.version()) {
      throw new ProtocolException("the peer speaks version " + theirs.version());
    }
  }

  private Optional<Duration> skew(FrameCodec.Decoded hello) {
    Instant now = shared.clock().instant();
    return hello.senderTime().map(theirs -> Duration.between(now, theirs));
  }

  private TokenBucket eventRate(long start) {
    return new TokenBucket(
        settings.eventsPerSecond(), settings.eventsBurst(), settings.eventsBurst(), start);
  }

  private TokenBucket byteRate(long start) {
    return new TokenBucket(
        settings.bytesPerSecond(), settings.bytesBurst(), settings.bytesBurst(), start);
  }

  /**
   * Beyond its rate a frame is not looked at, so that it costs next to nothing: an original node
   * that cannot send at once keeps all its other links waiting.
   */
  private void readPlain() throws IOException, ProtocolException, InterruptedException {
    long start = shared.nanos().getAsLong();
    TokenBucket eventRate = eventRate(start);
    TokenBucket byteRate = byteRate(start);
    TokenBucket unusualRate =
        new TokenBucket(UNUSUAL_PER_SECOND, UNUSUAL_BURST, UNUSUAL_BURST, start);
    while (true) {
      Optional<byte[]> frame = link.receive(FrameCodec.MAX_FRAME_BYTES);
      if (frame.isEmpty()) {
        return;
      }
      traffic.received(frame.get());
      long now = shared.nanos().getAsLong();
      if (!eventRate.tryTake(1, now) || !byteRate.tryTake(frame.get().length + 4.0, now)) {
        leaveAside();
        continue;
      }
      Message message = decodePlain(frame.get());
      if (message instanceof Message.UnusualEvent && !unusualRate.tryTake(1, now)) {
        leaveAside();
        continue;
      }
      int count = events(message);
      if (count > 0) {
        traffic.events(count);
        inFlight.enter(count);
        if (endReason.get() != null) {
          return;
        }
      }
      events.received(this, message);
    }
  }

  /**
   * A thread that finds one frame after the other never waits, and so has to make way by itself.
   */
  private void leaveAside() {
    events.tooFast(this);
    // Not a yield: threads that yield take turns with each other on their carrier, and those that
    // were woken from elsewhere would wait for ever.
    LockSupport.parkNanos(this, MAKE_WAY_NANOS);
  }

  private Message decodePlain(byte[] frame) throws ProtocolException, InterruptedException {
    shared.parsers().acquire();
    try {
      return PlainCodec.decode(frame);
    } finally {
      shared.parsers().release();
    }
  }

  /** How many events it is, or stands for, so that there will be as many verdicts. */
  private static int events(Message message) {
    return switch (message) {
      case Message.Event _, Message.MalformedEvent _, Message.UnusualEvent _, Message.LeftOut _ ->
          1;
      case Message.Events events -> events.events().size();
      default -> 0;
    };
  }

  /** How many stored events we have to look for on account of it. */
  private static int named(Message message) {
    return switch (message) {
      case Message.IHave announcement -> announcement.events().size();
      case Message.Graft graft -> graft.keys().size();
      case Message.Want want -> want.keys().size();
      case Message.WantOffered want -> want.bits().length * Byte.SIZE;
      default -> 0;
    };
  }

  private void read() throws IOException, ProtocolException, InterruptedException {
    long start = shared.nanos().getAsLong();
    TokenBucket eventRate = eventRate(start);
    TokenBucket byteRate = byteRate(start);
    TokenBucket controlRate =
        new TokenBucket(
            settings.controlPerSecond(),
            settings.controlPerSecond(),
            settings.controlPerSecond(),
            start);
    TokenBucket announcedRate =
        new TokenBucket(
            settings.announcedPerSecond(),
            settings.announcedBurst(),
            settings.announcedBurst(),
            start);
    while (true) {
      Optional<byte[]> frame = link.receive(FrameCodec.MAX_FRAME_BYTES);
      if (frame.isEmpty()) {
        return;
      }
      traffic.received(frame.get());
      Message message = decode(frame.get()).message();
      int count = events(message);
      long now = shared.nanos().getAsLong();
      // Over its rate a link is not read on: its peer feels it, and nothing is lost.
      pause(
          Math.max(
              Math.max(
                  byteRate.take(frame.get().length + 4.0, now),
                  announcedRate.take(named(message), now)),
              count > 0 ? eventRate.take(count, now) : controlRate.take(1, now)));
      if (count > 0) {
        traffic.events(count);
        inFlight.enter(count);
        if (endReason.get() != null) {
          return;
        }
      }
      events.received(this, message);
    }
  }

  /**
   * No more frames are parsed at once than there are cores, so that many links cannot fill the
   * memory.
   */
  private FrameCodec.Decoded decode(byte[] frame) throws ProtocolException, InterruptedException {
    shared.parsers().acquire();
    try {
      return FrameCodec.decode(frame);
    } finally {
      shared.parsers().release();
    }
  }

  private void pause(long nanos) throws InterruptedException {
    long end = shared.nanos().getAsLong() + nanos;
    for (long left = nanos;
        left > 0 && endReason.get() == null;
        left = end - shared.nanos().getAsLong()) {
      LockSupport.parkNanos(this, Math.min(left, 100_000_000L));
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private void write() {
    try {
      while (true) {
        List<byte[]> frames = queue.take();
        if (frames.isEmpty()) {
          return;
        }
        sendingSince = shared.nanos().getAsLong();
        link.send(frames);
        traffic.sent(frames);
        sendingSince = Long.MAX_VALUE;
      }
    } catch (IOException e) {
      close("cannot send: " + e.getMessage());
    } catch (InterruptedException e) {
      // The reader ended and takes the link with it.
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      close("an internal error");
      shared.logger().error("link to {} ended by an internal error", peer.abbreviated(), e);
    }
  }
}
