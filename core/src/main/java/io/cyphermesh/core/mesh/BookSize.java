package io.cyphermesh.core.mesh;

/**
 * How many addresses a book holds besides the operator's. An address alone in its network takes
 * about 400 bytes, and its record about 2 KB more where no other book in the process holds it.
 *
 * @param fresh most addresses that we were only told of
 * @param tried most addresses where a link came up
 */
public record BookSize(int fresh, int tried) {
  /** At most 0.6 MB of addresses and 3 MB of records. */
  public static final BookSize DEFAULTS = new BookSize(1_024, 512);

  private static final int SHARE = 32;

  public BookSize {
    if (fresh < 1 || tried < 1) {
      throw new IllegalArgumentException("a book holds at least one address of either kind");
    }
  }

  /** Most fresh addresses of one network. */
  int freshOfGroup() {
    return Math.max(2, fresh / SHARE);
  }

  /** Most tried addresses of one network. */
  int triedOfGroup() {
    return Math.max(2, tried / SHARE);
  }
}
