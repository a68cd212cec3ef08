package io.cyphermesh.transport.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.api.Link;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FrameTest {
  private static final TestNode NEAR = new TestNode();
  private static final TestNode FAR = new TestNode();
  private static final int MAX = 1 << 20;

  private static final TransportLimits SHORT =
      new TransportLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          Duration.ofMillis(900),
          4 << 20,
          64,
          100);

  private Endpoint near;
  private Endpoint far;

  @BeforeEach
  void listen() throws IOException {
    near = new Endpoint(NEAR);
    far = new Endpoint(FAR, SHORT);
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
  }

  @Test
  void framesArriveBothWays() throws Exception {
    try (Link dialled = near.dial(far);
        Link accepted = far.accepted()) {
      dialled.send(List.of("to".getBytes(UTF_8)));
      accepted.send(List.of("fro".getBytes(UTF_8)));

      assertThat(accepted.receive(MAX)).hasValue("to".getBytes(UTF_8));
      assertThat(dialled.receive(MAX)).hasValue("fro".getBytes(UTF_8));
    }
  }

  @Test
  void aBatchOfAllSizesArrivesWholeAndInOrder() throws Exception {
    long seed = 20_261_122;
    Random random = new Random(seed);
    List<byte[]> batch = new ArrayList<>();
    for (int bound : new int[] {4, 40, 4_000, 20_000, 70_000, 300_000}) {
      for (int i = 0; i < 20; i++) {
        byte[] frame = new byte[1 + random.nextInt(bound)];
        random.nextBytes(frame);
        batch.add(frame);
      }
    }
    try (Link dialled = near.dial(far);
        Link accepted = far.accepted()) {
      CompletableFuture<Void> sent = async(() -> dialled.send(batch));

      for (byte[] frame : batch) {
        assertThat(accepted.receive(300_000)).as("seed %d", seed).hasValue(frame);
      }
      assertThat(sent).succeedsWithin(Duration.ofSeconds(5));
    }
  }

  @Test
  void aFrameOfExactlyTheLimitArrivesAndOneByteMoreEndsTheLink() throws Exception {
    try (Link dialled = near.dial(far);
        Link accepted = far.accepted()) {
      dialled.send(List.of(new byte[100], new byte[101]));

      assertThat(accepted.receive(100)).hasValue(new byte[100]);
      assertThatThrownBy(() -> accepted.receive(100))
          .isInstanceOf(IOException.class)
          .hasMessage("a frame of 101 bytes, where 100 are allowed");
      assertThatThrownBy(() -> accepted.send(List.of(new byte[1])))
          .isInstanceOf(IOException.class)
          .hasMessage("a frame of 101 bytes, where 100 are allowed");
    }
  }

  @Test
  void aLengthIsUnsignedAndRefusedUnread() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      caller.getOutputStream().write(new byte[] {-1, -1, -1, -1});

      assertThatThrownBy(() -> far.accepted().receive(Integer.MAX_VALUE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("4294967295 bytes");
    }
  }

  @Test
  void anAnnouncedLengthCostsNothingUntilItsBytesArrive() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      caller.getOutputStream().write(frame(Integer.MAX_VALUE - 8, new byte[100_000]));
      caller.shutdownOutput();

      // The tests' heap is half of that: allocating it would be an OutOfMemoryError.
      assertThatThrownBy(() -> far.accepted().receive(Integer.MAX_VALUE))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("half a frame");
    }
  }

  @Test
  void anEmptyFrameEndsTheLink() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      caller.getOutputStream().write(new byte[4]);

      assertThatThrownBy(() -> far.accepted().receive(MAX))
          .isInstanceOf(IOException.class)
          .hasMessage("an empty frame");
      assertThat(caller.getInputStream()).satisfies(FrameTest::assertEnded);
    }
  }

  @Test
  void anEmptyFrameIsNotSent() throws Exception {
    try (Link dialled = near.dial(far)) {
      assertThatThrownBy(() -> dialled.send(List.of(new byte[0])))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anEndBetweenFramesIsOrderly() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      caller.getOutputStream().write(frame(3, new byte[3]));
      caller.shutdownOutput();

      Link accepted = far.accepted();
      assertThat(accepted.receive(MAX)).isPresent();
      assertThat(accepted.receive(MAX)).isEmpty();
    }
  }

  @Test
  void anEndInsideALengthIsHalfAFrame() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      caller.getOutputStream().write(new byte[2]);
      caller.shutdownOutput();

      assertThatThrownBy(() -> far.accepted().receive(MAX))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("half a frame");
    }
  }

  @Test
  void halfAFrameEndsTheLinkAtItsDeadline() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      caller.getOutputStream().write(frame(1_000, new byte[500]));

      assertThatThrownBy(() -> far.accepted().receive(MAX))
          .isInstanceOf(IOException.class)
          .hasMessage("half a frame, and no more of it within 900 ms");
      assertThat(caller.getInputStream()).satisfies(FrameTest::assertEnded);
    }
  }

  @Test
  void drippedBytesDoNotExtendAFramesDeadline() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      OutputStream out = caller.getOutputStream();
      out.write(frame(1 << 19, new byte[1]));
      CompletableFuture<Void> dripping = async(() -> Dripping.into(out, new byte[1], 1 << 19));

      assertThatThrownBy(() -> far.accepted().receive(MAX))
          .isInstanceOf(IOException.class)
          .hasMessage("half a frame, and no more of it within 900 ms");
      assertThat(dripping).failsWithin(Duration.ofSeconds(5));
    }
  }

  @Test
  void silenceBetweenFramesHasNoDeadline() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      OutputStream out = caller.getOutputStream();
      out.write(frame(3, new byte[1]));
      CompletableFuture<Void> later =
          after(50, () -> write(out, new byte[2]))
              .thenCompose(_ -> after(1_500, () -> write(out, frame(1, new byte[1]))));

      Link accepted = far.accepted();
      assertThat(accepted.receive(MAX)).hasValue(new byte[3]);
      assertThat(accepted.receive(MAX)).hasValue(new byte[1]);
      assertThat(later).succeedsWithin(Duration.ofSeconds(5));
    }
  }

  private static void assertEnded(InputStream in) {
    try {
      assertThat(in.read()).isEqualTo(-1);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  private static CompletableFuture<Void> after(long millis, Runnable action) {
    return CompletableFuture.runAsync(
        action, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
  }

  private static byte[] frame(int length, byte[] content) {
    return ByteBuffer.allocate(4 + content.length).putInt(length).put(content).array();
  }

  private static void write(OutputStream out, byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompletableFuture<Void> async(Async.Action action) {
    return Async.run(action);
  }
}
