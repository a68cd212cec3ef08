package io.cyphermesh.core.source;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks for newlines eight bytes at a time. */
final class Newline {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;
  private static final long NEWLINES = ONES * '\n';

  private Newline() {}

  /** Where the first newline at {@code from} or behind stands, before {@code to}; -1 for none. */
  static int next(byte[] bytes, int from, int to) {
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      // A byte is zero in it where a newline stands; the subtraction then sets its highest bit. It
      // may also set that of a higher byte, but the lowest is right.
      long difference = (long) WORDS.get(bytes, i) ^ NEWLINES;
      long found = (difference - ONES) & ~difference & HIGH;
      if (found != 0) {
        return i + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
