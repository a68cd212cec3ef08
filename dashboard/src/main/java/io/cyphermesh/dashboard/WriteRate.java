package io.cyphermesh.dashboard;

import io.cyphermesh.dashboard.access.Ration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Bounds reports by hand to what a reporter is granted on the mesh (20/s, burst 200): beyond it the
 * other nodes would leave its events aside.
 */
final class WriteRate {
  private static final double PER_SECOND = 20;
  private static final double BURST = 200;

  private final InstantSource clock;
  private final Ration ration;

  WriteRate(InstantSource clock) {
    this.clock = clock;
    this.ration = new Ration(PER_SECOND, BURST, nanos());
  }

  synchronized boolean tryTake() {
    return ration.tryTake(nanos());
  }

  private long nanos() {
    return TimeUnit.MILLISECONDS.toNanos(clock.millis());
  }
}
