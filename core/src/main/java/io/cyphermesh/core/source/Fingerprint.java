package io.cyphermesh.core.source;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The beginning of a file, to notice that it was truncated and filled again, or that its inode now
 * belongs to another file.
 *
 * @param length how many bytes it covers, at most {@value #MAX}
 * @param hash first eight bytes of their SHA-256
 */
record Fingerprint(int length, long hash) {
  static final int MAX = 1024;
  static final Fingerprint NONE = new Fingerprint(0, 0);

  /** Of the bytes before {@code offset}, as far as they count. */
  static Fingerprint of(RandomAccessFile file, long offset) throws IOException {
    byte[] head = new byte[(int) Math.min(MAX, offset)];
    int read = 0;
    file.seek(0);
    while (read < head.length) {
      int n = file.read(head, read, head.length - read);
      if (n < 0) {
        break;
      }
      read += n;
    }
    return read == 0 ? NONE : new Fingerprint(read, hash(head, read));
  }

  /** Whether the file still begins as it did. */
  boolean matches(RandomAccessFile file) throws IOException {
    return length == 0 || equals(of(file, length));
  }

  private static long hash(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
