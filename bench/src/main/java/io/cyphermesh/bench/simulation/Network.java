package io.cyphermesh.bench.simulation;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * How long messages take.
 *
 * @param latency of a pair of hosts, one way, the same for the whole run
 * @param jitter most that one message takes beyond it
 * @param bytesPerSecond what each host can send; 0: no limit
 */
record Network(Latency latency, Duration jitter, long bytesPerSecond) {
  private static final double MAX_TAIL_FACTOR = 60;

  /** Links of 10 to 50 ms, any length as likely as another. */
  static final Network UNIFORM =
      new Network(
          new Uniform(Duration.ofMillis(10), Duration.ofMillis(50)), Duration.ofMillis(1), 0);

  /** Half of all links within 30 ms, one of a hundred beyond 300 ms, some of seconds. */
  static final Network HEAVY_TAIL =
      new Network(new HeavyTail(Duration.ofMillis(30), 1), Duration.ofMillis(5), 0);

  /** As {@link #UNIFORM}, with lines of 1 MB/s. */
  static final Network NARROW = new Network(UNIFORM.latency(), UNIFORM.jitter(), 1_000_000);

  /** How long a message takes between two hosts. */
  sealed interface Latency {
    /** Nanoseconds, for a number between 0 and 1 that belongs to the pair. */
    long nanos(SplittableRandom pair);
  }

  /** Any length as likely as another. */
  record Uniform(Duration min, Duration max) implements Latency {
    @Override
    public long nanos(SplittableRandom pair) {
      return pair.nextLong(min.toNanos(), max.toNanos() + 1);
    }
  }

  /** Lognormal. */
  record HeavyTail(Duration median, double sigma) implements Latency {
    @Override
    public long nanos(SplittableRandom pair) {
      double factor = Math.min(MAX_TAIL_FACTOR, StrictMath.exp(sigma * pair.nextGaussian()));
      return (long) (median.toNanos() * factor);
    }
  }

  /** Nanoseconds from a to b, and from b to a, in the run of that seed. */
  long between(long seed, int a, int b) {
    long pair = (long) Math.min(a, b) << Integer.SIZE | Math.max(a, b);
    return latency.nanos(new SplittableRandom(seed ^ pair * 0x9e3779b97f4a7c15L));
  }
}
