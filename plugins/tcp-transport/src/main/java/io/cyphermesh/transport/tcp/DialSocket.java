package io.cyphermesh.transport.tcp;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.OptionalInt;

/**
 * Remembers the first byte that the other end sent: TLS libraries do not tell what it was that they
 * could not read.
 */
final class DialSocket extends Socket {
  private static final int NONE = -1;

  private volatile int firstByte = NONE;

  /** The first byte; empty while there is none. */
  OptionalInt firstByte() {
    int first = firstByte;
    return first == NONE ? OptionalInt.empty() : OptionalInt.of(first);
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        int b = in.read();
        note(b);
        return b;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int n = in.read(into, offset, length);
        if (n > 0) {
          note(into[offset] & 0xff);
        }
        return n;
      }
    };
  }

  private void note(int b) {
    if (firstByte == NONE) {
      firstByte = b;
    }
  }
}
