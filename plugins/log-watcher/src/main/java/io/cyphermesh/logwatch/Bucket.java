package io.cyphermesh.logwatch;

import java.util.Arrays;

/**
 * A leaky bucket that leaks by log time.
 *
 * <p>Its level is kept as the moment at which it will be empty (the virtual scheduling form of the
 * generic cell rate algorithm, ITU-T I.371), so that nothing has to be done for time to pass and a
 * snapshot of three numbers is exact. All times are milliseconds since 1970. Not thread-safe.
 */
final class Bucket {

  /** How many user names or connections are told apart; an older one counts again. */
  static final int REMEMBERED = 32;

  /**
   * Lines of several processes, and the hour that is repeated when summer time ends, come out of
   * order by less than this. What is older means that the clock was set back.
   */
  static final long TOLERATED_DISORDER = 75 * 60_000L;

  private static final int[] NONE = {};

  long emptyAt = Long.MIN_VALUE;
  long latest = Long.MIN_VALUE;
  long firstSeen;
  long lastSeen;
  long count;
  int[] seen = NONE;
  int seenCount;

  /** The bucket's own time for a line of time {@code at}: it never runs backwards. */
  long advance(long at) {
    if (latest == Long.MIN_VALUE || at > latest) {
      latest = at;
    } else if (at < latest - TOLERATED_DISORDER) {
      if (emptyAt > latest) {
        emptyAt -= latest - at;
      }
      latest = at;
    }
    return latest;
  }

  boolean isEmpty(long now) {
    return emptyAt <= now;
  }

  /** Forgets all that it held. */
  void reset() {
    emptyAt = Long.MIN_VALUE;
    count = 0;
    seen = NONE;
    seenCount = 0;
  }

  /** Starts a new count; the level and what was seen stay. */
  void restartCount() {
    count = 0;
  }

  /** Remembers {@code key}; false if it was remembered already. */
  boolean remember(int key) {
    int held = Math.min(seenCount, REMEMBERED);
    for (int i = 0; i < held; i++) {
      if (seen[i] == key) {
        return false;
      }
    }
    if (held == seen.length && held < REMEMBERED) {
      seen = Arrays.copyOf(seen, held == 0 ? 4 : held * 2);
    }
    seen[seenCount % REMEMBERED] = key;
    // Kept below 2 × REMEMBERED, so that it is one byte in a snapshot.
    seenCount = seenCount + 1 == 2 * REMEMBERED ? REMEMBERED : seenCount + 1;
    return true;
  }

  /**
   * Adds drops. The level never exceeds the capacity: after a flood the bucket is empty as soon as
   * after a trickle.
   *
   * @param at the line's own time
   * @param now what {@link #advance} gave for it
   */
  void pour(long at, long now, long drops, int capacity, long leakMillis) {
    if (count == 0) {
      firstSeen = at;
      lastSeen = at;
    } else {
      firstSeen = Math.min(firstSeen, at);
      lastSeen = Math.max(lastSeen, at);
    }
    count += drops;
    emptyAt =
        Math.min(
            Math.max(emptyAt, now) + Math.min(drops, capacity) * leakMillis,
            now + capacity * leakMillis);
  }

  /** The level in drops, a drop that leaks counting until it is gone. */
  long level(long now, long leakMillis) {
    return emptyAt <= now ? 0 : (emptyAt - now + leakMillis - 1) / leakMillis;
  }
}
