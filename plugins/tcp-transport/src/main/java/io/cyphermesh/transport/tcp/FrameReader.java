package io.cyphermesh.transport.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes frames off a stream: 4-byte unsigned big-endian length, then the content. Nothing is
 * allocated on the word of the length alone beyond {@link #STEP} bytes.
 *
 * <p>Frames that are too long to be received, but not longer than may be skipped, are read past.
 */
final class FrameReader {
  private static final int HEADER = 4;

  /** One TLS record's content, so that each record costs one read. */
  private static final int BUFFER = 16 * 1024;

  private static final int STEP = 64 * 1024;

  /** Any pause is long enough: it is the waking that goes through the scheduler. */
  private static final long MAKE_WAY_NANOS = 10_000;

  /** What of a frame that is skipped has to come within the time of one frame. */
  private static final int SKIPPED_AT_ONCE = 256 * 1024;

  private final InputStream in;
  private final FrameDeadline deadline;
  private final long skip;
  private final byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;

  /**
   * @param taken what was taken off the stream already; less than a frame's length
   * @param skip the longest frame, in bytes, that is read past where it may not be received; 0 if
   *     each such frame is a breach
   */
  FrameReader(InputStream in, FrameDeadline deadline, byte[] taken, long skip) {
    this.in = in;
    this.deadline = deadline;
    this.skip = skip;
    System.arraycopy(taken, 0, buffer, 0, taken.length);
    this.end = taken.length;
  }

  /**
   * Waits for the next frame.
   *
   * @return its content; empty if the stream ended between two frames
   * @throws FramingException if what came is no frame that may come
   */
  Optional<byte[]> next(int maxBytes) throws IOException {
    while (true) {
      if (start == end && !fill()) {
        return Optional.empty();
      }
      if (wholeFrameBuffered()) {
        return Optional.of(content(length(maxBytes)));
      }
      deadline.begin();
      try {
        int length = length(Math.max(maxBytes, skip));
        if (length <= maxBytes) {
          return Optional.of(content(length));
        }
        skip(length);
      } finally {
        deadline.end();
      }
    }
  }

  private void skip(int length) throws IOException {
    int left = length;
    int untilNextDeadline = SKIPPED_AT_ONCE;
    while (left > 0) {
      if (start == end && !fill()) {
        throw half();
      }
      int n = Math.min(left, end - start);
      start += n;
      left -= n;
      untilNextDeadline -= n;
      if (untilNextDeadline <= 0) {
        deadline.begin();
        untilNextDeadline = SKIPPED_AT_ONCE;
        makeWay();
      }
    }
    makeWay();
  }

  /** A fast sender never has this thread wait, so that no other would get its carrier. */
  private void makeWay() {
    // Not a yield: threads that yield take turns with each other on their carrier, and those that
    // were woken from elsewhere would wait for ever.
    LockSupport.parkNanos(this, MAKE_WAY_NANOS);
  }

  private boolean wholeFrameBuffered() {
    if (end - start < HEADER) {
      return false;
    }
    int length =
        (buffer[start] & 0xff) << 24
            | (buffer[start + 1] & 0xff) << 16
            | (buffer[start + 2] & 0xff) << 8
            | (buffer[start + 3] & 0xff);
    return length >= 0 && length <= end - start - HEADER;
  }

  private byte[] content(int length) throws IOException {
    byte[] content = new byte[Math.min(length, STEP)];
    int have = 0;
    while (true) {
      while (have < content.length) {
        have += read(content, have);
      }
      if (have == length) {
        return content;
      }
      content = Arrays.copyOf(content, (int) Math.min(length, 2L * have));
    }
  }

  private int length(long maxBytes) throws IOException {
    long length = 0;
    for (int i = 0; i < HEADER; i++) {
      if (start == end && !fill()) {
        throw half();
      }
      length = length << 8 | (buffer[start++] & 0xff);
    }
    if (length == 0) {
      throw new FramingException("an empty frame");
    }
    if (length > maxBytes) {
      throw new FramingException(
          "a frame of " + length + " bytes, where " + maxBytes + " are allowed");
    }
    return (int) length;
  }

  private int read(byte[] content, int have) throws IOException {
    int rest = content.length - have;
    if (start == end) {
      if (rest >= BUFFER) {
        int n = in.read(content, have, rest);
        if (n < 0) {
          throw half();
        }
        return n;
      }
      if (!fill()) {
        throw half();
      }
    }
    int n = Math.min(rest, end - start);
    System.arraycopy(buffer, start, content, have, n);
    start += n;
    return n;
  }

  private boolean fill() throws IOException {
    start = 0;
    end = 0;
    int n = in.read(buffer, 0, BUFFER);
    end = Math.max(n, 0);
    return n > 0;
  }

  private static FramingException half() {
    return new FramingException("half a frame, and then the end");
  }
}
