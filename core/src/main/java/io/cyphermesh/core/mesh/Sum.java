package io.cyphermesh.core.mesh;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What a set of events adds up to: 512-bit numbers, one for each event, modulo 2^512, and how many.
 * Why so many bits is said in decision 7.
 *
 * <p>The words are big-endian: the first one is the most significant.
 */
final class Sum {
  static final int WORDS = 8;

  private final long[] words = new long[WORDS];
  private long count;

  long count() {
    return count;
  }

  void clear() {
    Arrays.fill(words, 0);
    count = 0;
  }

  void set(Sum other) {
    System.arraycopy(other.words, 0, words, 0, WORDS);
    count = other.count;
  }

  void add(Sum other) {
    long carry = 0;
    for (int i = WORDS - 1; i >= 0; i--) {
      long sum = words[i] + other.words[i];
      long carried = sum + carry;
      carry = lost(sum, words[i]) | lost(carried, sum);
      words[i] = carried;
    }
    count += other.count;
  }

  void subtract(Sum other) {
    long borrow = 0;
    for (int i = WORDS - 1; i >= 0; i--) {
      long difference = words[i] - other.words[i];
      long borrowed = difference - borrow;
      borrow = lost(words[i], difference) | lost(difference, borrowed);
      words[i] = borrowed;
    }
    count -= other.count;
  }

  private static long lost(long smaller, long greater) {
    return Long.compareUnsigned(smaller, greater) < 0 ? 1 : 0;
  }

  /** The words, most significant first, and then the count. */
  long[] wordsAndCount() {
    long[] all = Arrays.copyOf(words, WORDS + 1);
    all[WORDS] = count;
    return all;
  }

  /** Makes the numbers of single events, and fingerprints for {@code digest}. */
  static final class Maker {
    private final MessageDigest sha512 = digest("SHA-512");
    private final MessageDigest sha256 = digest("SHA-256");
    private final byte[] in = new byte[Long.BYTES * EventSet.WORDS];
    private final byte[] out = new byte[Long.BYTES * WORDS];

    private static MessageDigest digest(String algorithm) {
      try {
        return MessageDigest.getInstance(algorithm);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has " + algorithm, e);
      }
    }

    /** Makes {@code target} the sum of one event: SHA-512 of its time and id. */
    void single(long[] items, int at, Sum target) {
      for (int i = 0; i < EventSet.WORDS; i++) {
        Bytes.put(in, Long.BYTES * i, items[at + i]);
      }
      sha512.update(in);
      try {
        sha512.digest(out, 0, out.length);
      } catch (DigestException e) {
        throw new IllegalStateException(e);
      }
      for (int i = 0; i < WORDS; i++) {
        target.words[i] = Bytes.get(out, Long.BYTES * i);
      }
      target.count = 1;
    }

    /** The first 16 bytes of SHA-256 of a sum and its count. */
    byte[] fingerprint(Sum sum) {
      for (long word : sum.wordsAndCount()) {
        byte[] bytes = new byte[Long.BYTES];
        Bytes.put(bytes, 0, word);
        sha256.update(bytes);
      }
      return Arrays.copyOf(sha256.digest(), 16);
    }

    byte[] sha256(byte[] a, byte[] b) {
      sha256.update(a);
      return sha256.digest(b);
    }
  }
}
