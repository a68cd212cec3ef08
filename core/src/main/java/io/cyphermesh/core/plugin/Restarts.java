package io.cyphermesh.core.plugin;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a failed extension is tried again: after 1 s to 1 min, and not after 5 failures in 10 min.
 */
final class Restarts {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final int FAILURES = 5;

  private final InstantSource clock;
  private final RandomGenerator random;
  private final Deque<Instant> failures = new ArrayDeque<>();
  private int inARow;

  Restarts(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** How long to wait after a failure now; empty for giving up. */
  synchronized Optional<Duration> afterFailure() {
    Instant now = clock.instant();
    if (!failures.isEmpty() && failures.getLast().isBefore(now.minus(WINDOW))) {
      inARow = 0;
    }
    failures.addLast(now);
    while (failures.getFirst().isBefore(now.minus(WINDOW))) {
      failures.removeFirst();
    }
    if (failures.size() >= FAILURES) {
      return Optional.empty();
    }
    long pause = Math.min(LONGEST.toMillis(), FIRST.toMillis() << Math.min(inARow, 20));
    inARow++;
    // Up to a quarter less, so that what failed together does not come back together.
    return Optional.of(Duration.ofMillis(pause - (long) (pause * 0.25 * random.nextDouble())));
  }

  /** What happened so far does not count any more. */
  synchronized void forget() {
    failures.clear();
    inARow = 0;
  }
}
