package io.cyphermesh.suricata;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Cuts a stream of bytes into lines. One for each stream; not thread-safe. */
final class LineSplitter {

  /** A longer line is cut here, in bytes. */
  static final int MAX_LINE = 256 * 1024;

  private final Lines lines;
  private byte[] partial = new byte[8 * 1024];
  private int length;

  /** Takes the lines. */
  @FunctionalInterface
  interface Lines {
    void line(String line) throws InterruptedException;
  }

  LineSplitter(Lines lines) {
    this.lines = lines;
  }

  /** Takes what remains in {@code bytes}. */
  void add(ByteBuffer bytes) throws InterruptedException {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n') {
        end();
      } else if (length < MAX_LINE) {
        if (length == partial.length) {
          partial = Arrays.copyOf(partial, Math.min(MAX_LINE, length * 2));
        }
        partial[length++] = next;
      }
    }
  }

  /** Ends a line without its newline, if one was begun. */
  void end() throws InterruptedException {
    if (length == 0) {
      return;
    }
    String line = new String(partial, 0, length, StandardCharsets.UTF_8);
    length = 0;
    lines.line(line);
  }
}
