package io.cyphermesh.dashboard;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What all connections together may take. */
final class ConnectionLimits {
  /** The places of the live feed, and a quarter more for who only asks something. */
  static final int MAX_CONNECTIONS = LiveFeed.MAX_CLIENTS + 256;

  /** Each client of the live feed may have one chunk unread, which all of them share. */
  private static final long MAX_PENDING_BYTES =
      (32L << 20) + (long) LiveFeed.MAX_CLIENTS * LiveTail.CHUNK_BYTES;

  private final Duration requestPatience;
  private final Duration writePatience;
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
  private final AtomicLong pendingBytes = new AtomicLong();

  /**
   * @param requestPatience how long a connection may take until its next request is whole
   * @param writePatience how long the peer may take to read what was written
   */
  ConnectionLimits(Duration requestPatience, Duration writePatience) {
    this.requestPatience = requestPatience;
    this.writePatience = writePatience;
  }

  Duration requestPatience() {
    return requestPatience;
  }

  Duration writePatience() {
    return writePatience;
  }

  int connections() {
    return connections.size();
  }

  /** Counts a connection, or closes it where there are too many. */
  boolean admit(Channel client) {
    connections.add(client);
    client.closeFuture().addListener(_ -> connections.remove(client));
    // One event loop admits all, so that none slips in between.
    boolean room = connections.size() <= MAX_CONNECTIONS;
    if (!room) {
      var _ = client.close();
    }
    return room;
  }

  /** Closes them all: an event loop that is shut down at once may forget to. */
  void closeAll() {
    for (Channel client : connections) {
      client.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }

  /** Reserves room for an answer that waits to be read; false where slow readers hold too much. */
  boolean reserve(int bytes) {
    if (pendingBytes.addAndGet(bytes) > MAX_PENDING_BYTES) {
      pendingBytes.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void release(int bytes) {
    pendingBytes.addAndGet(-bytes);
  }
}
