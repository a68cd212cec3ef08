package io.cyphermesh.core.source;

import org.jspecify.annotations.Nullable;

/**
 * Remembers over restarts at which line the handler failed last, so that one bad line cannot stop a
 * detector for ever. Kept by whoever restarts the follower; used by one thread at a time.
 */
public final class FailedLine {
  /** So many failures in a row at the same line, and it is skipped. */
  static final int TRIES = 3;

  private final Runnable skipped;
  private @Nullable Place place;
  private int failures;

  /**
   * @param skipped called when a line has been given up
   */
  public FailedLine(Runnable skipped) {
    this.skipped = skipped;
  }

  void failed(String fileKey, long offset) {
    Place here = new Place(fileKey, offset);
    failures = here.equals(place) ? failures + 1 : 1;
    place = here;
  }

  /** Whether to skip this line. Answers yes once; the line is forgotten then. */
  boolean skip(String fileKey, long offset) {
    if (failures < TRIES || !new Place(fileKey, offset).equals(place)) {
      return false;
    }
    place = null;
    failures = 0;
    skipped.run();
    return true;
  }

  private record Place(String fileKey, long offset) {}
}
