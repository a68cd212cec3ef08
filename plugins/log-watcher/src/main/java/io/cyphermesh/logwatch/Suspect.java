package io.cyphermesh.logwatch;

import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.Severity;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one source address: a bucket for each rule that met it, and for each threat type
 * until when it is not reported again. Not thread-safe.
 */
final class Suspect {

  final IpAddress address;
  final @Nullable Bucket[] buckets;
  final long[] quietUntil;
  final Severity[] reported;

  private long keptUntil = Long.MAX_VALUE;

  /** Its part of a snapshot, while nothing has changed; the snapshot's own business. */
  byte @Nullable [] encoded;

  Suspect(IpAddress address, int rules, int threats) {
    this.address = address;
    buckets = new Bucket[rules];
    quietUntil = new long[threats];
    reported = new Severity[threats];
    Arrays.fill(quietUntil, Long.MIN_VALUE);
    Arrays.fill(reported, Severity.LOW);
  }

  Bucket bucket(int rule) {
    Bucket bucket = buckets[rule];
    if (bucket == null) {
      bucket = new Bucket();
      buckets[rule] = bucket;
    }
    return bucket;
  }

  /**
   * Whether {@code threat} was reported and its cool-down is not over. An end further ahead than
   * {@code longest} comes from a clock that was set back since, and does not count.
   */
  boolean isQuiet(int threat, long now, long longest) {
    return now < quietUntil[threat] && quietUntil[threat] - longest <= now;
  }

  /** Not again before {@code until}, unless by a rule of a higher severity. */
  void quiet(int threat, long until, Severity severity) {
    quietUntil[threat] = until;
    reported[threat] = severity;
  }

  /**
   * Keeps it until, by the node's clock, nothing of it matters any more. Log time is no measure for
   * that, since several logs may stand at several times.
   */
  void touch(long clock) {
    long newest = Long.MIN_VALUE;
    long needed = 0;
    for (Bucket bucket : buckets) {
      if (bucket != null && bucket.latest != Long.MIN_VALUE) {
        newest = Math.max(newest, bucket.latest);
        if (!bucket.isEmpty(bucket.latest)) {
          needed = Math.max(needed, bucket.emptyAt - bucket.latest);
        }
      }
    }
    for (long until : quietUntil) {
      if (until != Long.MIN_VALUE && newest != Long.MIN_VALUE) {
        needed = Math.max(needed, until - newest);
      }
    }
    keptUntil = clock + needed + Bucket.TOLERATED_DISORDER;
  }

  boolean isExpired(long clock) {
    return clock > keptUntil;
  }
}
