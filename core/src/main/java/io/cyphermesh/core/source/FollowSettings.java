package io.cyphermesh.core.source;

import java.time.Duration;

/**
 * How files are followed.
 *
 * @param poll how long to wait between two looks at files that had nothing new
 * @param checkpointEvery how often positions that moved are saved where nothing was reported
 * @param untilEnd whether to return at the end of the input (a replay) instead of waiting for more;
 *     a last line without its newline counts then, and a missing file is an error
 * @param maxFiles paths followed at once, each with an open file
 */
public record FollowSettings(
    Duration poll, Duration checkpointEvery, boolean untilEnd, int maxFiles) {
  /** Enough for a daily log of more than a year, few enough for the usual limit of open files. */
  public static final int MAX_FILES = 500;

  public FollowSettings(Duration poll, Duration checkpointEvery, boolean untilEnd) {
    this(poll, checkpointEvery, untilEnd, MAX_FILES);
  }

  /** Follows for ever: a look every 100 ms, a checkpoint every 5 s. */
  public static FollowSettings live() {
    return new FollowSettings(Duration.ofMillis(100), Duration.ofSeconds(5), false);
  }

  /** Reads what is there and returns. */
  public static FollowSettings replay() {
    return new FollowSettings(Duration.ofMillis(100), Duration.ofSeconds(5), true);
  }
}
