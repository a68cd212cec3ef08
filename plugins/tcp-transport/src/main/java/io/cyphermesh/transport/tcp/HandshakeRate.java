package io.cyphermesh.transport.tcp;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How many handshakes each network may begin: a token bucket for each.
 *
 * <p>Deliberately loose: the table holds {@link #NETWORKS} networks, and one that was forgotten
 * starts full again. Whoever commands that many networks is bounded by the pending callers instead.
 */
final class HandshakeRate {
  static final int NETWORKS = 4096;

  private static final int BURST_SECONDS = 4;

  /** Many nodes on one machine, as in a demo, share one loopback address. */
  private static final int LOOPBACK_ALLOWANCE = 20;

  private final int perSecond;
  private final LongSupplier nanoTime;
  private final Map<Network, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Network, Bucket> eldest) {
          return size() > NETWORKS;
        }
      };

  HandshakeRate(int perSecond, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.nanoTime = nanoTime;
  }

  /** Takes one handshake from the caller's network, if it has one left. */
  synchronized boolean allows(InetAddress caller) {
    double rate = caller.isLoopbackAddress() ? perSecond * LOOPBACK_ALLOWANCE : perSecond;
    long now = nanoTime.getAsLong();
    return buckets
        .computeIfAbsent(Network.of(caller), n -> new Bucket(rate * BURST_SECONDS, now))
        .take(rate, now);
  }

  synchronized int networks() {
    return buckets.size();
  }

  private static final class Bucket {
    private double tokens;
    private long filled;

    Bucket(double tokens, long now) {
      this.tokens = tokens;
      this.filled = now;
    }

    boolean take(double rate, long now) {
      tokens = Math.min(rate * BURST_SECONDS, tokens + (now - filled) * rate / 1e9);
      filled = now;
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }
  }
}
