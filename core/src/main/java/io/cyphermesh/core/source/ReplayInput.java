package io.cyphermesh.core.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A log that is read once, from its beginning to its end.
 *
 * @param name what its reader calls it
 * @param file what a detector is told that the lines stand in, absolute
 * @param time when it was written to last: what a detector takes for the present. So stamps without
 *     a year are read alike whenever the log is read
 * @param content opens it
 */
public record ReplayInput(String name, Path file, Instant time, Content content) {

  /** Opens an input. */
  @FunctionalInterface
  public interface Content {
    InputStream open() throws IOException;
  }
}
