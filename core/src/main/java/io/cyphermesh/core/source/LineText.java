package io.cyphermesh.core.source;

import java.nio.charset.StandardCharsets;

/**
 * Turns the bytes of a line into its text, alike for every input that a detector reads.
 *
 * <p>A {@code \r} at the end is dropped, NULs are dropped, bytes that are no UTF-8 become U+FFFD,
 * and of a longer line only the first {@value #MAX_BYTES} bytes come, cut between two characters.
 */
public final class LineText {
  /** A longer line is cut here, in bytes. */
  public static final int MAX_BYTES = 64 * 1024;

  /** No character of UTF-8 has more bytes behind its first. */
  private static final int MAX_CONTINUATION = 3;

  private LineText() {}

  /**
   * The text of one line.
   *
   * @param bytes holds the line from {@code from} to before {@code to}, its newline left out; may
   *     hold only the beginning of the line, if that is longer than {@value #MAX_BYTES} bytes
   */
  public static String of(byte[] bytes, int from, int to) {
    int start = start(bytes, from, to);
    int end = end(bytes, start, to);
    String line = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    return line.indexOf('\0') < 0 ? line : line.replace("\0", "");
  }

  /** Whether {@link #of} leaves something of the line out since it is too long. */
  public static boolean isCut(byte[] bytes, int from, int to) {
    int start = start(bytes, from, to);
    int end = to > start && bytes[to - 1] == '\r' ? to - 1 : to;
    return end - start > MAX_BYTES;
  }

  /** NULs before a line are the hole that a writer leaves after truncation: they have no end. */
  private static int start(byte[] bytes, int from, int to) {
    int start = from;
    while (start < to && bytes[start] == 0) {
      start++;
    }
    return start;
  }

  private static int end(byte[] bytes, int start, int to) {
    int end = to > start && bytes[to - 1] == '\r' ? to - 1 : to;
    if (end - start <= MAX_BYTES) {
      return end;
    }
    end = start + MAX_BYTES;
    for (int i = 0; i < MAX_CONTINUATION && (bytes[end] & 0xC0) == 0x80; i++) {
      end--;
    }
    return end;
  }
}
