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
 *
 * <p>Late events, which we asked for since we were away or missed them, are not judged by when they
 * come: a reporter's whole hour arrives within seconds, and is as honest as it was. They are held
 * to what the reporter could have had admitted in the hour of their own time, so that one key
 * cannot fill the past at will, and to one rate of all together. The rate of the newcomers does not
 * apply: to a node that is new itself everybody is one, and catching up at 50 events a second it
 * never would. What a thousand fresh keys can backdate is bounded by the rate of all late events,
 * which takes nothing from those that spread, and by the store's size limit, by which events of the
 * newest, least proven reporters go first.
 */
public final class ReporterRates implements EventStore.Gate {
  private static final int MAX_TRACKED = 20_000;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration NEWCOMER = Duration.ofHours(24);

  private final Settings settings;
  private final LongSupplier nanos;
  private final TokenBucket newcomers;
  private final Map<NodeId, TokenBucket> buckets = new LruMap<>(MAX_TRACKED);
  private final TokenBucket late;
  private final double latePerHour;
  private final Map<ReportersHour, Integer> lateByHour = new LruMap<>(MAX_TRACKED);

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

  /**
   * The rate of late events.
   *
   * @param perSecond of all reporters together
   * @param burst likewise, at once
   */
  public record Late(double perSecond, double burst) {}

  /**
   * An hour of a reporter's.
   *
   * @param hour since 1970
   */
  private record ReportersHour(NodeId reporter, long hour) {}

  public ReporterRates(Settings settings, Late late, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
    this.newcomers =
        new TokenBucket(
            settings.newcomersPerSecond(),
            settings.newcomersBurst(),
            settings.newcomersBurst(),
            nanos.getAsLong());
    this.late = new TokenBucket(late.perSecond(), late.burst(), late.burst(), nanos.getAsLong());
    this.latePerHour = settings.perSecond() * HOUR.toSeconds() + settings.burst();
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

  @Override
  public boolean admitsLate(NodeId reporter, Instant firstSeen, Instant eventTime, Instant now) {
    ReportersHour hour =
        new ReportersHour(reporter, Math.floorDiv(eventTime.getEpochSecond(), HOUR.toSeconds()));
    int before = lateByHour.getOrDefault(hour, 0);
    // The reporter's own limit first: who is beyond it takes nothing from the others.
    if (before + 1 > latePerHour || !late.tryTake(1, nanos.getAsLong())) {
      return false;
    }
    lateByHour.put(hour, before + 1);
    return true;
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
