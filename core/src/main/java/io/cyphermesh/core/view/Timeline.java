package io.cyphermesh.core.view;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How many events there were, by their own time and severity.
 *
 * @param bucket length of a bucket; they begin at multiples of it since 1970
 * @param buckets all of the span, oldest first, those without events too; the last is under way
 */
public record Timeline(Duration bucket, List<Bucket> buckets) {
  public Timeline {
    buckets = List.copyOf(buckets);
  }

  /** Events from {@code start} for the length of a bucket. */
  public record Bucket(
      Instant start, long low, long medium, long high, long critical, long unknown) {
    /** All of them. */
    public long events() {
      return low + medium + high + critical + unknown;
    }
  }
}
