package io.cyphermesh.core.reputation;

import java.time.Duration;

/** The numbers of wire-protocol 4; they stand here and nowhere else. */
public final class ReputationRules {
  /** What a valid event that is stored adds to its reporter's score. */
  public static final int VALID_EVENT = 1;

  /** What an invalid event adds to its deliverer's score. */
  public static final int INVALID_EVENT = -3;

  /** A node whose score falls below this is banned until an operator lifts the ban. */
  public static final int BAN_BELOW = -10;

  /**
   * How long an IP address is banned, and for plain links only: addresses are shared and change.
   */
  public static final Duration PLAIN_BAN = Duration.ofHours(24);

  private ReputationRules() {}

  /** Whether a score that just fell to {@code score} bans. */
  public static boolean bans(long score) {
    return score < BAN_BELOW;
  }
}
