package io.cyphermesh.core.peer;

import io.cyphermesh.api.Link;
import io.cyphermesh.api.NodeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** One end of a link in memory; the test is the other end. */
class FakeLink implements Link {
  private static final byte[] END = new byte[0];

  final BlockingQueue<byte[]> incoming = new LinkedBlockingQueue<>();
  final AtomicInteger received = new AtomicInteger();
  private final List<byte[]> sent = new ArrayList<>();
  private final Optional<NodeId> peer;
  private final Optional<byte[]> flood;
  private boolean stalled;
  private volatile boolean closed;

  FakeLink(NodeId peer) {
    this(Optional.of(peer), Optional.empty());
  }

  /** A plain one, from loopback. */
  FakeLink() {
    this(Optional.empty(), Optional.empty());
  }

  private FakeLink(Optional<NodeId> peer, Optional<byte[]> flood) {
    this.peer = peer;
    this.flood = flood;
  }

  /** A plain one that delivers {@code frame} as often as it is asked. */
  static FakeLink flooding(byte[] frame) {
    return new FakeLink(Optional.empty(), Optional.of(frame));
  }

  /** Nothing that is sent is read any more. */
  synchronized void stall() {
    stalled = true;
  }

  synchronized void resume() {
    stalled = false;
    notifyAll();
  }

  synchronized List<byte[]> sent() {
    return List.copyOf(sent);
  }

  synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public Optional<NodeId> peer() {
    return peer;
  }

  @Override
  public Optional<byte[]> peerKey() {
    return Optional.empty();
  }

  @Override
  public boolean dialled() {
    return false;
  }

  @Override
  public InetSocketAddress localAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9001);
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
  }

  @Override
  public Optional<byte[]> receive(int maxBytes) throws IOException {
    if (flood.isPresent()) {
      return closed ? Optional.empty() : flood;
    }
    try {
      byte[] frame = incoming.take();
      if (frame.length == 0 || isClosed()) {
        return Optional.empty();
      }
      if (frame.length > maxBytes) {
        throw new IOException("a frame of " + frame.length + " bytes");
      }
      received.incrementAndGet();
      return Optional.of(frame);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public synchronized void send(List<byte[]> frames) throws IOException {
    while (stalled && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (closed) {
      throw new IOException("closed");
    }
    sent.addAll(frames);
  }

  /** As the peer would. */
  void hangUp() {
    incoming.add(END);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      incoming.add(END);
      notifyAll();
    }
  }
}
