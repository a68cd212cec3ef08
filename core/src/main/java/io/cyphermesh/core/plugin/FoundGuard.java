package io.cyphermesh.core.plugin;

import io.cyphermesh.api.HostPort;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * How many found addresses are taken, since strangers may be behind each: one once a minute, and so
 * many different ones a minute.
 */
final class FoundGuard {
  static final int MOST = 64;
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final InstantSource clock;
  private final Map<HostPort, Instant> taken = new HashMap<>();

  FoundGuard(InstantSource clock) {
    this.clock = clock;
  }

  synchronized boolean admits(HostPort address) {
    Instant now = clock.instant();
    // A clock that was set back must not keep anything for longer.
    taken.values().removeIf(at -> at.isAfter(now) || !now.isBefore(at.plus(AGAIN)));
    return taken.size() < MOST && taken.putIfAbsent(address, now) == null;
  }
}
