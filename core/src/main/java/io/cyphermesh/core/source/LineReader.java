package io.cyphermesh.core.source;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads the lines of one input to its end, once. What begins like gzip is read as that, however it
 * is called. Lines are what {@link FileFollower} makes of the same bytes; a last one without
 * newline counts. Needs the same memory for any input. Not thread-safe.
 */
public final class LineReader implements Closeable {
  private static final int BUFFER = 256 * 1024;

  /** A longer beginning of a line is enough: {@link LineText} cuts it, a character kept whole. */
  private static final int ENOUGH = LineText.MAX_BYTES + 8;

  private static final int GZIP_BUFFER = 64 * 1024;

  private final Counting raw;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int held;
  private boolean midLine;
  private boolean ended;

  /**
   * Begins to read.
   *
   * @param input closed by {@link #close}
   * @throws IOException if it cannot be read, or is packed by a program other than gzip; the
   *     message says what to do then
   */
  public LineReader(InputStream input) throws IOException {
    raw = new Counting(input);
    BufferedInputStream start = new BufferedInputStream(raw, GZIP_BUFFER);
    start.mark(8);
    byte[] magic = start.readNBytes(6);
    start.reset();
    if (begins(magic, 0x1f, 0x8b)) {
      in = new GZIPInputStream(new Members(start), GZIP_BUFFER);
      return;
    }
    String packer =
        begins(magic, 0xfd, '7', 'z', 'X', 'Z', 0)
            ? "xz"
            : begins(magic, 0x28, 0xb5, 0x2f, 0xfd)
                ? "zstd"
                : begins(magic, 'B', 'Z', 'h') ? "bzip2" : "";
    if (!packer.isEmpty()) {
      throw new IOException("it is packed by " + packer + ": unpack it into a pipe, and read that");
    }
    in = start;
  }

  private static boolean begins(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * The next lines, as many as have come and fit into a buffer of 256 KiB; none at the end.
   *
   * @throws IOException if the input breaks off
   */
  public List<String> next() throws IOException {
    List<String> lines = new ArrayList<>();
    while (lines.isEmpty() && !ended) {
      int read = in.read(buffer, held, buffer.length - held);
      if (read < 0) {
        ended = true;
        if (held > 0 && !midLine) {
          lines.add(LineText.of(buffer, 0, held));
        }
      } else {
        split(held + read, held, lines);
      }
    }
    return lines;
  }

  /** Takes the complete lines of the buffer; what comes before {@code seen} holds no newline. */
  private void split(int length, int seen, List<String> lines) {
    int start = 0;
    for (int i = seen; i < length; i++) {
      if (buffer[i] == '\n') {
        if (!midLine) {
          lines.add(LineText.of(buffer, start, i));
        }
        midLine = false;
        start = i + 1;
      }
    }
    if (midLine) {
      held = 0;
      return;
    }
    // A hole of NULs, as truncation leaves it, has no end and belongs to no line.
    while (start < length && buffer[start] == 0) {
      start++;
    }
    held = length - start;
    if (held > ENOUGH) {
      lines.add(LineText.of(buffer, start, length));
      midLine = true;
      held = 0;
      return;
    }
    System.arraycopy(buffer, start, buffer, 0, held);
  }

  /** How many bytes of the input itself, packed as it is, were read. */
  public long bytes() {
    return raw.count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static final class Counting extends FilterInputStream {
    private long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = super.read(bytes, from, length);
      count += Math.max(read, 0);
      return read;
    }
  }

  private static final class Members extends FilterInputStream {
    Members(InputStream in) {
      super(in);
    }

    /**
     * Never nothing: at the end of a member {@link GZIPInputStream} takes it for the end of all,
     * and a pipe whose writer is slow would seem to end there.
     */
    @Override
    public int available() throws IOException {
      return Math.max(1, super.available());
    }
  }
}
