package io.cyphermesh.dashboard;

import java.time.InstantSource;

/**
 * Bounds reports by hand to what a reporter is granted on the mesh (20/s, burst 200): beyond it the
 * other nodes would leave its events aside.
 */
final class WriteRate {
  private static final double PER_SECOND = 20;
  private static final double BURST = 200;

  private final InstantSource clock;
  private double tokens = BURST;
  private long filledAtMillis;

  WriteRate(InstantSource clock) {
    this.clock = clock;
    this.filledAtMillis = clock.millis();
  }

  synchronized boolean tryTake() {
    long now = clock.millis();
    // A clock that was set back grants nothing, and takes nothing.
    double seconds = Math.max(0, now - filledAtMillis) / 1000.0;
    tokens = Math.min(BURST, tokens + seconds * PER_SECOND);
    filledAtMillis = now;
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }
}
