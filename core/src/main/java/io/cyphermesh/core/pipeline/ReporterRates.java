package io.cyphermesh.core.pipeline;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.store.EventStore;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Step 7 of wire-protocol 3.2: each reporter's own rate, and one rate that all newcomers share, so
 * that a thousand fresh keys weigh no more than a few old ones. Used on the store's writer alone.
 */
public final class ReporterRates implements EventStore.Gate {
  private static final int MAX_TRACKED = 20_000;
  private static final Duration NEWCOMER = Duration.ofHours(24);

  private final Settings settings;
  private final LongSupplier nanos;
  private final TokenBucket newcomers;
  private final Map<NodeId, TokenBucket> buckets = new LruMap<>(MAX_TRACKED);

  /**
   * The rates.
   *
   * @param perSecond of one reporter
   * @param burst of one reporter
   * @param newcomersPerSecond of all reporters first seen under 24 h ago together
   * @param newcomersBurst likewise
   */
  public record Settings(
      double perSecond, double burst, double newcomersPerSecond, double newcomersBurst) {}

  public ReporterRates(Settings settings, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
    this.newcomers =
        new TokenBucket(
            settings.newcomersPerSecond(),
            settings.newcomersBurst(),
            settings.newcomersBurst(),
            nanos.getAsLong());
  }

  @Override
  public boolean admits(NodeId reporter, Instant firstSeen, Instant now) {
    long nanosNow = nanos.getAsLong();
    TokenBucket own =
        buckets.computeIfAbsent(
            reporter,
            r ->
                new TokenBucket(
                    settings.perSecond(), settings.burst(), settings.burst(), nanosNow));
    boolean newcomer = firstSeen.isAfter(now.minus(NEWCOMER));
    if (newcomer && newcomers.nanosUntil(1, nanosNow) > 0) {
      return false;
    }
    return own.tryTake(1, nanosNow) && (!newcomer || newcomers.tryTake(1, nanosNow));
  }

  /** Forgets whom it has not met for longest. */
  private static final class LruMap<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;
    private final int capacity;

    LruMap(int capacity) {
      super(16, 0.75f, true);
      this.capacity = capacity;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > capacity;
    }
  }
}
