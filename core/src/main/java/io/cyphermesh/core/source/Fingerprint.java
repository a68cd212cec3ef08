package io.cyphermesh.core.source;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Some bytes of a file, to notice that it was truncated and filled again, or that its inode now
 * belongs to another file.
 *
 * @param length how many bytes it covers
 * @param hash first eight bytes of their SHA-256
 */
record Fingerprint(int length, long hash) {
  /** Most bytes of a file's beginning that count. */
  static final int HEAD = 1024;

  /** Most bytes before a position that count: logs may all begin with the same lines. */
  static final int TAIL = 64;

  static final Fingerprint NONE = new Fingerprint(0, 0);

  /** Of the file's beginning, as far as it stands before {@code offset}. */
  static Fingerprint head(RandomAccessFile file, long offset) throws IOException {
    return of(file, 0, (int) Math.min(HEAD, offset));
  }

  /** Of the bytes right before {@code offset}. */
  static Fingerprint tail(RandomAccessFile file, long offset) throws IOException {
    int length = (int) Math.min(TAIL, offset);
    return of(file, offset - length, length);
  }

  /** Whether the file still begins as it did. */
  boolean isHeadOf(RandomAccessFile file) throws IOException {
    return length == 0 || equals(of(file, 0, length));
  }

  /** Whether the same bytes still stand before {@code offset}. */
  boolean isTailOf(RandomAccessFile file, long offset) throws IOException {
    return length == 0 || (length <= offset && equals(of(file, offset - length, length)));
  }

  /** Of these bytes. */
  static Fingerprint of(byte[] bytes) {
    return bytes.length == 0 ? NONE : new Fingerprint(bytes.length, hash(bytes));
  }

  /** What stands in the file there; fewer bytes where it ends before. */
  static byte[] bytes(RandomAccessFile file, long from, int length) throws IOException {
    byte[] bytes = new byte[length];
    int read = 0;
    file.seek(from);
    while (read < length) {
      int n = file.read(bytes, read, length - read);
      if (n < 0) {
        break;
      }
      read += n;
    }
    return Arrays.copyOf(bytes, read);
  }

  private static Fingerprint of(RandomAccessFile file, long from, int length) throws IOException {
    return of(bytes(file, from, length));
  }

  private static long hash(byte[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes);
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
