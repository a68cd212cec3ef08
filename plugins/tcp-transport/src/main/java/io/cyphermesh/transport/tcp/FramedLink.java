package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.Link;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Frames over a connected socket, or over TLS on one. */
final class FramedLink implements Link {
  /** How long the goodbye after {@link #close} may take. */
  private static final Duration FAREWELL = Duration.ofMillis(200);

  private static final String CLOSED = "the link is closed";

  private final Socket raw;
  private final Socket stream;
  private final Optional<Peer> peer;
  private final boolean dialled;
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private final Watchdog watchdog;
  private final ThreadFactory threads;
  private final FrameReader reader;
  private final FrameWriter writer;
  private final ReentrantLock sending = new ReentrantLock();

  /** Why the link is over, once it is; {@link #CLOSED} where this end closed it. */
  private final AtomicReference<@Nullable String> over = new AtomicReference<>();

  /**
   * @param raw the connection itself; closing it frees whoever is blocked in {@code stream}
   * @param stream what carries the frames: TLS over {@code raw}, or {@code raw}
   * @param taken what was taken off the stream already
   * @param threads makes the thread that says goodbye
   * @param limits how long a frame that was begun may take, and what of a plain link is skipped
   */
  FramedLink(
      Socket raw,
      Socket stream,
      Optional<Peer> peer,
      boolean dialled,
      byte[] taken,
      Watchdog watchdog,
      ThreadFactory threads,
      TransportLimits limits)
      throws IOException {
    this.raw = raw;
    this.stream = stream;
    this.peer = peer;
    this.dialled = dialled;
    this.local = (InetSocketAddress) raw.getLocalSocketAddress();
    this.remote = (InetSocketAddress) raw.getRemoteSocketAddress();
    this.watchdog = watchdog;
    this.threads = threads;
    String late = "half a frame, and no more of it within " + Texts.seconds(limits.frame());
    this.reader =
        new FrameReader(
            stream.getInputStream(),
            new FrameDeadline(watchdog, limits.frame(), () -> drop(late)),
            taken,
            peer.isPresent() ? 0 : limits.skip());
    this.writer = new FrameWriter(stream.getOutputStream());
  }

  /**
   * A link over TLS whose handshake is complete.
   *
   * @param raw what {@code secured} is laid over
   */
  static FramedLink secured(
      Socket raw,
      SSLSocket secured,
      Peer peer,
      boolean dialled,
      Watchdog watchdog,
      ThreadFactory threads,
      TransportLimits limits)
      throws IOException {
    return new FramedLink(
        raw, secured, Optional.of(peer), dialled, new byte[0], watchdog, threads, limits);
  }

  /**
   * A plain link of version 1.
   *
   * @param taken what was taken off the stream already
   */
  static FramedLink plain(
      Socket raw,
      boolean dialled,
      byte[] taken,
      Watchdog watchdog,
      ThreadFactory threads,
      TransportLimits limits)
      throws IOException {
    return new FramedLink(raw, raw, Optional.empty(), dialled, taken, watchdog, threads, limits);
  }

  @Override
  public Optional<NodeId> peer() {
    return peer.map(Peer::id);
  }

  @Override
  public Optional<byte[]> peerKey() {
    return peer.map(p -> p.key().getEncoded());
  }

  @Override
  public boolean dialled() {
    return dialled;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public Optional<byte[]> receive(int maxBytes) throws IOException {
    try {
      Optional<byte[]> frame = reader.next(maxBytes);
      // The stream outlives a close by the goodbye.
      return CLOSED.equals(over.get()) ? Optional.empty() : frame;
    } catch (IOException e) {
      IOException broken = broken(e);
      if (CLOSED.equals(over.get())) {
        return Optional.empty();
      }
      throw broken;
    }
  }

  @Override
  public void send(List<byte[]> frames) throws IOException {
    requireOpen();
    sending.lock();
    try {
      requireOpen();
      writer.write(frames);
    } catch (IOException e) {
      throw broken(e);
    } finally {
      sending.unlock();
    }
  }

  private void requireOpen() throws IOException {
    String why = over.get();
    if (why != null) {
      throw new IOException(why);
    }
  }

  /** Closes the link for {@code e}, and says what the caller is to be told. */
  private IOException broken(IOException e) {
    // The JDK closes a socket whose virtual thread is interrupted in it: the owner's wish.
    boolean interrupted = Thread.currentThread().isInterrupted();
    drop(interrupted ? CLOSED : Texts.oneLine(e));
    String why = over.get();
    return new IOException(why == null ? CLOSED : why, e);
  }

  /** Ends the link at once without a goodbye; the first reason given stays. */
  private void drop(String why) {
    over.compareAndSet(null, why);
    Sockets.drop(raw);
  }

  @Override
  public void close() {
    if (!over.compareAndSet(null, CLOSED)) {
      return;
    }
    // A goodbye needs the write side, which a peer that does not read blocks for ever; and the
    // caller may be the one thread that serves all links.
    if (sending.isLocked()) {
      Sockets.drop(raw);
      return;
    }
    boolean leaving = false;
    try {
      Watchdog.Alarm alarm = watchdog.after(FAREWELL, () -> Sockets.drop(raw));
      threads.newThread(() -> leave(alarm)).start();
      leaving = true;
    } catch (RuntimeException | OutOfMemoryError e) {
      // Without a thread there is no goodbye.
    } finally {
      if (!leaving) {
        Sockets.drop(raw);
      }
    }
  }

  /** Says goodbye, if that can be done soon, and closes. */
  private void leave(Watchdog.Alarm alarm) {
    if (!sending.tryLock()) {
      alarm.cancel();
      Sockets.drop(raw);
      return;
    }
    try {
      stream.shutdownOutput();
    } catch (IOException e) {
      // Nobody left to say goodbye to.
    } finally {
      alarm.cancel();
      sending.unlock();
      Sockets.close(raw);
    }
  }

  @Override
  public String toString() {
    return (dialled ? "link to " : "link from ")
        + Texts.address(remote)
        + peer.map(p -> " (" + p.id().abbreviated() + ")").orElse(" (plain)");
  }
}
