package io.cyphermesh.transport.tcp;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.LockSupport;

/** Sends bytes one by one, so that no single read has to wait for long. */
final class Dripping {
  private static final long GAP_NANOS = 20_000_000;

  private Dripping() {}

  /**
   * Sends {@code times} bytes, the given ones over and over, until done or the other end hangs up.
   */
  static void into(OutputStream out, byte[] bytes, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      out.write(bytes[i % bytes.length]);
      out.flush();
      LockSupport.parkNanos(GAP_NANOS);
    }
  }
}
