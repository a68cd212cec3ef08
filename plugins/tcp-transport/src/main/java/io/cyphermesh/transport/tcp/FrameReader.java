package io.cyphermesh.transport.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Takes frames off a stream: 4-byte unsigned big-endian length, then the content. Nothing is
 * allocated on the word of the length alone beyond {@link #STEP} bytes.
 */
final class FrameReader {
  private static final int HEADER = 4;

  /** One TLS record's content, so that each record costs one read. */
  private static final int BUFFER = 16 * 1024;

  private static final int STEP = 64 * 1024;

  private final InputStream in;
  private final FrameDeadline deadline;
  private final byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;

  FrameReader(InputStream in, FrameDeadline deadline) {
    this.in = in;
    this.deadline = deadline;
  }

  /**
   * Waits for the next frame.
   *
   * @return its content; empty if the stream ended between two frames
   * @throws FramingException if what came is no frame that may come
   */
  Optional<byte[]> next(int maxBytes) throws IOException {
    if (start == end && !fill()) {
      return Optional.empty();
    }
    if (wholeFrameBuffered()) {
      return Optional.of(frame(maxBytes));
    }
    deadline.begin();
    try {
      return Optional.of(frame(maxBytes));
    } finally {
      deadline.end();
    }
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

  private byte[] frame(int maxBytes) throws IOException {
    int length = length(maxBytes);
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

  private int length(int maxBytes) throws IOException {
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
