package io.cyphermesh.core.mesh;

/**
 * SipHash-2-4 of whole 64-bit words (Aumasson and Bernstein, 2012): a keyed hash whose values
 * nobody can foresee who does not know the key.
 */
final class SipHash {
  private final long k0;
  private final long k1;

  /** With the key's first and last 8 bytes as little-endian numbers. */
  SipHash(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  /**
   * The hash of a message.
   *
   * @param words each 8 bytes of the message as a <em>big-endian</em> number, which is how ids and
   *     sums are kept here; as SipHash has it they are little-endian
   */
  long hash(long[] words, int from, int count) {
    long v0 = k0 ^ 0x736f6d6570736575L;
    long v1 = k1 ^ 0x646f72616e646f6dL;
    long v2 = k0 ^ 0x6c7967656e657261L;
    long v3 = k1 ^ 0x7465646279746573L;
    // Two rounds after each word and after the length, four at the end; one loop, so that the
    // rounds stand here once.
    for (int i = 0; i <= count + 1; i++) {
      long word = 0;
      int rounds = 2;
      if (i < count) {
        word = Long.reverseBytes(words[from + i]);
      } else if (i == count) {
        word = (long) count << 59; // The length in bytes, in the topmost byte.
      } else {
        v2 ^= 0xff;
        rounds = 4;
      }
      v3 ^= word;
      for (int round = 0; round < rounds; round++) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= word;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
