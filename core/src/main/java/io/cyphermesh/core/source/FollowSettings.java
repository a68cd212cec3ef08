package io.cyphermesh.core.source;

import java.time.Duration;

/**
 * How files are followed.
 *
 * @param poll how long to wait between two looks at files that had nothing new
 * @param checkpointEvery how often positions that moved are saved where nothing was reported
 * @param untilEnd whether to return at the end of the input (a replay) instead of waiting for more;
 *     a last line without its newline counts then, and a missing file is an error
 */
public record FollowSettings(Duration poll, Duration checkpointEvery, boolean untilEnd) {

  /** Follows for ever: a look every 100 ms, a checkpoint every 5 s. */
  public static FollowSettings live() {
    return new FollowSettings(Duration.ofMillis(100), Duration.ofSeconds(5), false);
  }

  /** Reads what is there and returns. */
  public static FollowSettings replay() {
    return new FollowSettings(Duration.ofMillis(100), Duration.ofSeconds(5), true);
  }
}
