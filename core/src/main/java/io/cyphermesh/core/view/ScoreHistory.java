package io.cyphermesh.core.view;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How a peer's reputation went.
 *
 * @param from the horizon: nothing older is kept, but for the last point before it
 * @param to the node's clock
 * @param slot at most one point is kept of so long a time
 * @param points oldest first, at least one: each score holds from about then until the next
 */
public record ScoreHistory(Instant from, Instant to, Duration slot, List<Point> points) {
  public ScoreHistory {
    points = List.copyOf(points);
  }

  /**
   * A score.
   *
   * @param at when the slot began at whose end this was the score
   */
  public record Point(Instant at, long score) {}
}
