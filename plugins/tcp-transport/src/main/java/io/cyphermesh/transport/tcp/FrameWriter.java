package io.cyphermesh.transport.tcp;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Puts frames on a stream, as many in one write as fit, so that small ones share TLS records. */
final class FrameWriter {
  private static final int HEADER = 4;
  private static final int BUFFER = 64 * 1024;

  private final OutputStream out;

  FrameWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes each frame behind its length. Not for two threads at once. */
  void write(List<byte[]> frames) throws IOException {
    // Of this call only: most links are silent most of the time, and there are many of them.
    Batch batch = new Batch(new byte[(int) Math.min(BUFFER, size(frames))]);
    for (byte[] frame : frames) {
      batch.put(header(frame.length));
      batch.put(frame);
    }
    batch.flush();
  }

  private static long size(List<byte[]> frames) {
    long size = 0;
    for (byte[] frame : frames) {
      if (frame.length == 0) {
        throw new IllegalArgumentException("an empty frame");
      }
      size += HEADER + frame.length;
    }
    return size;
  }

  private static byte[] header(int length) {
    return new byte[] {
      (byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length
    };
  }

  private final class Batch {
    private final byte[] buffer;
    private int filled;

    Batch(byte[] buffer) {
      this.buffer = buffer;
    }

    void put(byte[] bytes) throws IOException {
      int taken = 0;
      while (taken < bytes.length) {
        int n = Math.min(bytes.length - taken, buffer.length - filled);
        System.arraycopy(bytes, taken, buffer, filled, n);
        taken += n;
        filled += n;
        if (filled == buffer.length) {
          flush();
        }
      }
    }

    void flush() throws IOException {
      if (filled > 0) {
        out.write(buffer, 0, filled);
        out.flush();
        filled = 0;
      }
    }
  }
}
