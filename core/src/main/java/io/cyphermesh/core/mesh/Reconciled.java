package io.cyphermesh.core.mesh;

/**
 * How a reconciliation with the peer of a link ended.
 *
 * @param initiated whether we began it
 * @param why for people; empty where all went well
 * @param toMillis where the time that was compared ends, in ms since 1970
 * @param received events that came and are stored
 * @param refused events that came and are not stored
 * @param missing events that the peer offered and did not send
 * @param unwanted offered events that were judged to be ignored before
 * @param served events that the peer asked for
 * @param rounds messages of the comparison, both ways
 * @param bytes of these, both ways
 * @param more whether something was left for another one, which should follow soon
 */
public record Reconciled(
    LinkId link,
    boolean initiated,
    Result result,
    String why,
    long toMillis,
    int received,
    int refused,
    int missing,
    int unwanted,
    int served,
    int rounds,
    long bytes,
    boolean more) {

  /** How it ended. */
  public enum Result {
    /** Both have the same. */
    EQUAL,
    /** Both have what the other one had, but for what {@code more} and the counts say. */
    COMPLETED,
    /** The peer has no place for it at the moment, is not ready, or ended it. */
    DECLINED,
    /** The link ended. */
    INTERRUPTED,
    /** The peer began anew before it was over, and did not say that it ended it. */
    BEGUN_ANEW,
    /** The peer did not answer in time, or it took too much of something. */
    UNFINISHED,
    /** The peer offered what it did not send. */
    BROKEN_PROMISE,
    /** The peer sent what no honest node sends. */
    LIED
  }

  /** Whether nothing is lacking now that the peer had. */
  public boolean complete() {
    return result == Result.EQUAL || (result == Result.COMPLETED && !more && missing == 0);
  }

  /** Whether it speaks against the peer. */
  public boolean blame() {
    return result == Result.BROKEN_PROMISE || result == Result.LIED;
  }
}
