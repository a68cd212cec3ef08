package io.cyphermesh.core.mesh;

/**
 * How an event came to us.
 *
 * @param hops how many links it has crossed; 0 for our own
 * @param way why it was sent
 */
public record Route(int hops, Way way) {
  /** Our own. */
  public static final Route NONE = new Route(0, Way.PUSHED);

  /** From a file. */
  public static final Route IMPORTED = new Route(0, Way.IMPORTED);

  /** Why an event was sent. */
  public enum Way {
    /** Since it was new to the sender. */
    PUSHED,
    /** Since an operator brought it along, whenever it happened and however many others. */
    IMPORTED,
    /** Since we asked for an old one that the sender had announced. */
    PULLED,
    /** Since a reconciliation showed that we lack it. */
    RECONCILED
  }

  /** An event that was pushed over so many links. */
  public static Route pushed(int hops) {
    return new Route(hops, Way.PUSHED);
  }

  /** Whether it is not to be judged by when it comes, as what is new is. */
  public boolean late() {
    return way != Way.PUSHED;
  }
}
