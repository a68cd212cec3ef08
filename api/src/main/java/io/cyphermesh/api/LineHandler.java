package io.cyphermesh.api;

import java.nio.file.Path;
import java.util.Optional;

/** Takes the lines of followed files, one after the other, always on the same thread. */
@FunctionalInterface
public interface LineHandler {

  /**
   * Takes one line.
   *
   * @param line its text without the line's end, decoded as UTF-8, bad bytes replaced
   * @param file the file it stands in
   * @throws Exception whatever went wrong; the detector is restarted and gets this line again
   */
  void line(String line, Path file) throws Exception;

  /**
   * Called about once a second between two lines, also while none come, on the lines' thread: for
   * what is due by the clock and not by a line. What it reports is committed as a line's detections
   * are. Not called in a replay.
   *
   * @throws Exception whatever went wrong; the detector is restarted
   */
  @Experimental
  default void tick() throws Exception {}

  /**
   * The handler's own state between two lines, for instance half-filled buckets. At most {@link
   * Checkpoint#MAX_BYTES} bytes.
   */
  default Optional<byte[]> snapshot() {
    return Optional.empty();
  }

  /** Called once before the first line, with what {@link #snapshot} last gave, if anything. */
  default void restore(byte[] snapshot) {}
}
