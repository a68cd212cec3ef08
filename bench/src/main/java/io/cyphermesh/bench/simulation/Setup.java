package io.cyphermesh.bench.simulation;

import io.cyphermesh.bench.report.Progress;
import java.time.Duration;

/**
 * One run.
 *
 * @param nodes honest ones
 * @param events that are published
 * @param label for progress
 */
record Setup(Variant variant, int nodes, int events, long seed, String label) {
  /** Lets virtual time go by, and says how far it is. */
  void run(World world, String phase, Duration duration) {
    Progress progress = Progress.of(label + ", " + phase + ", ms of virtual time");
    world.run(duration, gone -> progress.at(gone / 1_000_000, duration.toMillis()));
    progress.end();
  }
}
