package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FrameReaderTest {
  private static final int LENGTH = 4 << 20;

  /** Frames that are too long, one behind the other, for ever. */
  private static final class Endless extends InputStream {
    private static final byte[] FRAME = ByteBuffer.allocate(4 + LENGTH).putInt(LENGTH).array();

    private int at;
    private volatile boolean over;

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (over) {
        return -1;
      }
      int n = Math.min(length, FRAME.length - at);
      System.arraycopy(FRAME, at, into, offset, n);
      at = (at + n) % FRAME.length;
      return n;
    }
  }

  @Test
  void skippingWithoutEndLeavesOtherThreadsTheirTurn() throws InterruptedException {
    List<Endless> streams = new ArrayList<>();
    List<Thread> skippers = new ArrayList<>();
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      Endless stream = new Endless();
      streams.add(stream);
      FrameReader reader =
          new FrameReader(
              stream,
              new FrameDeadline(new Watchdog(), Duration.ofMinutes(1), () -> {}),
              new byte[0],
              LENGTH);
      skippers.add(Thread.ofVirtual().name("skip-", i).start(() -> skip(reader)));
    }
    Thread other = Thread.ofVirtual().name("other").start(() -> {});
    boolean ended = other.join(Duration.ofSeconds(20));
    streams.forEach(stream -> stream.over = true);
    for (Thread skipper : skippers) {
      skipper.join();
    }
    assertThat(ended).isTrue();
  }

  private static void skip(FrameReader reader) {
    try {
      assertThat(reader.next(1 << 20)).isEmpty();
    } catch (IOException e) {
      // The end came in the midst of a frame.
    }
  }
}
