package io.cyphermesh.core.reputation;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who is to blame and who is ignored. Scores live in the store; here is what must be known at once:
 * who is banned or blocked, and who was rejected how often within the last minute.
 */
public final class Reputation {
  /** This many rejected events within {@link #WINDOW} block a peer whatever it earned before. */
  public static final int REJECTIONS = 4;

  public static final Duration WINDOW = Duration.ofSeconds(60);
  public static final Duration BLOCK = Duration.ofHours(1);

  private static final int MAX_WATCHED = 10_000;

  private final EventStore store;
  private final InstantSource clock;
  private final Consumer<Standing> changed;
  private final Consumer<Standing> turned;
  private final Map<PeerId, Standing> ignored = new ConcurrentHashMap<>();
  private final LinkedHashMap<PeerId, Deque<Instant>> rejections = new LinkedHashMap<>();

  /**
   * Reads who is ignored from the store.
   *
   * @param changed told of each peer whose score fell, or whose ban was set or lifted
   * @param turned told of each peer that is ignored from now on, or no longer
   */
  public Reputation(
      EventStore store,
      InstantSource clock,
      Consumer<Standing> changed,
      Consumer<Standing> turned) {
    this.store = store;
    this.clock = clock;
    this.changed = changed;
    this.turned = turned;
    store
        .bannedOrBlocked(clock.instant())
        .forEach(standing -> ignored.put(standing.peer(), standing));
  }

  /** All that are banned or blocked at this moment. */
  public List<Standing> ignored() {
    Instant now = clock.instant();
    return ignored.values().stream().filter(standing -> standing.ignoredAt(now)).toList();
  }

  /** Whether a peer is banned or blocked at this moment. */
  public boolean ignored(PeerId peer) {
    Standing standing = ignored.get(peer);
    return standing != null && standing.ignoredAt(clock.instant());
  }

  /** All that are banned. */
  public long banned() {
    return ignored.values().stream().filter(Standing::banned).count();
  }

  /**
   * Charges a peer for an invalid event that it delivered.
   *
   * @param done called when it is committed, on the store's writer
   */
  public void blame(PeerId deliverer, Optional<byte[]> key, Runnable done)
      throws InterruptedException {
    Instant now = clock.instant();
    Optional<Instant> blockedUntil =
        tooMany(deliverer, now) ? Optional.of(now.plus(BLOCK)) : Optional.empty();
    store.adjust(
        deliverer,
        key,
        ReputationRules.INVALID_EVENT,
        blockedUntil,
        standing -> {
          take(standing);
          done.run();
        });
  }

  /** Bans a peer by the operator's word, or lifts a ban. */
  public Standing setBanned(PeerId peer, boolean banned) throws InterruptedException {
    Standing standing = store.setBanned(peer, banned);
    if (!banned) {
      synchronized (rejections) {
        rejections.remove(peer);
      }
    }
    take(standing);
    return standing;
  }

  private void take(Standing standing) {
    Instant now = clock.instant();
    Standing before =
        standing.ignoredAt(now)
            ? ignored.put(standing.peer(), standing)
            : ignored.remove(standing.peer());
    boolean wasIgnored = before != null && before.ignoredAt(now);
    boolean wasBanned = before != null && before.banned();
    changed.accept(standing);
    if (wasIgnored != standing.ignoredAt(now) || wasBanned != standing.banned()) {
      turned.accept(standing);
    }
  }

  private boolean tooMany(PeerId peer, Instant now) {
    synchronized (rejections) {
      Deque<Instant> recent = rejections.remove(peer);
      if (recent == null) {
        recent = new ArrayDeque<>();
      }
      rejections.put(peer, recent);
      if (rejections.size() > MAX_WATCHED) {
        rejections.pollFirstEntry();
      }
      while (!recent.isEmpty() && recent.peekFirst().isBefore(now.minus(WINDOW))) {
        recent.pollFirst();
      }
      recent.addLast(now);
      if (recent.size() > REJECTIONS) {
        recent.pollFirst();
      }
      return recent.size() >= REJECTIONS;
    }
  }
}
