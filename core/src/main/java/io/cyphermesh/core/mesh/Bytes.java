package io.cyphermesh.core.mesh;

/** Big-endian numbers in byte arrays. */
final class Bytes {
  private Bytes() {}

  static void put(byte[] bytes, int at, long value) {
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[at + i] = (byte) (value >>> (56 - 8 * i));
    }
  }

  static long get(byte[] bytes, int at) {
    return get(bytes, at, Long.BYTES);
  }

  /** The number that {@code length} bytes make, at most 8. */
  static long get(byte[] bytes, int at, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }
}
