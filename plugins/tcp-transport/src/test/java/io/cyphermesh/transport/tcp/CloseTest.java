package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CloseTest {
  private static final TestNode NEAR = new TestNode();
  private static final TestNode FAR = new TestNode();
  private static final int MAX = 1 << 20;
  private static final Duration SOON = Duration.ofSeconds(1);

  private Endpoint near;
  private Endpoint far;
  private Link dialled;
  private Link accepted;

  @BeforeEach
  void link() throws Exception {
    near = new Endpoint(NEAR);
    far = new Endpoint(FAR);
    dialled = near.dial(far);
    accepted = far.accepted();
  }

  @AfterEach
  void close() {
    dialled.close();
    accepted.close();
    near.close();
    far.close();
  }

  @Test
  void closingIsAnOrderlyEndToThePeer() throws Exception {
    dialled.send(List.of(new byte[] {1}));
    dialled.close();

    assertThat(accepted.receive(MAX)).isPresent();
    assertThat(accepted.receive(MAX)).isEmpty();
  }

  @Test
  void closingFreesABlockedReceive() {
    CompletableFuture<Optional<byte[]>> receiving = Async.call(() -> accepted.receive(MAX));
    assertThat(receiving).isNotDone();

    assertThat(Async.run(accepted::close)).succeedsWithin(SOON);

    assertThat(receiving).succeedsWithin(SOON).isEqualTo(Optional.empty());
  }

  @Test
  void closingFreesABlockedSend() {
    CompletableFuture<Void> sending = fill(accepted);

    assertThat(Async.run(accepted::close)).succeedsWithin(SOON);

    assertThat(sending).failsWithin(SOON);
  }

  @Test
  void closingFreesSendAndReceiveAtOnce() {
    CompletableFuture<Optional<byte[]>> receiving = Async.call(() -> accepted.receive(MAX));
    CompletableFuture<Void> sending = fill(accepted);

    assertThat(Async.run(accepted::close)).succeedsWithin(SOON);

    assertThat(receiving).succeedsWithin(SOON).isEqualTo(Optional.empty());
    assertThat(sending).failsWithin(SOON);
  }

  @Test
  void closingDoesNotWaitForAPeerThatDoesNotRead() {
    CompletableFuture<Void> sending = fill(accepted);
    sending.cancel(false);

    assertThat(Async.run(accepted::close)).succeedsWithin(SOON);
  }

  @Test
  void theGoodbyeHoldsUpNobodyAndIsCutOffWhereItLasts() throws Exception {
    AtomicReference<Thread> saying = new AtomicReference<>();
    CountDownLatch end = new CountDownLatch(1);
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket raw = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket stuck =
            new Socket() {
              @Override
              public InputStream getInputStream() {
                return InputStream.nullInputStream();
              }

              @Override
              public OutputStream getOutputStream() {
                return OutputStream.nullOutputStream();
              }

              @Override
              public void shutdownOutput() throws IOException {
                saying.set(Thread.currentThread());
                try {
                  end.await();
                } catch (InterruptedException e) {
                  throw new IOException(e);
                }
              }
            }) {
      Link link =
          new FramedLink(
              raw,
              stuck,
              Optional.empty(),
              true,
              new byte[0],
              new Watchdog(),
              near.context.threads(),
              Endpoint.LIMITS);

      link.close();

      await().until(raw::isClosed);
      assertThat(saying.get()).isNotNull().isNotSameAs(Thread.currentThread());
      end.countDown();
    }
  }

  @Test
  void closingTwiceAndFromManyThreadsIsHarmless() {
    List<CompletableFuture<Void>> closings =
        List.of(Async.run(accepted::close), Async.run(accepted::close), Async.run(accepted::close));

    assertThat(closings).allSatisfy(c -> assertThat(c).succeedsWithin(SOON));
    accepted.close();
  }

  @Test
  void aClosedLinkReceivesNothingAndSendsNothing() throws Exception {
    accepted.close();

    assertThat(accepted.receive(MAX)).isEmpty();
    assertThatThrownBy(() -> accepted.send(List.of(new byte[1])))
        .isInstanceOf(IOException.class)
        .hasMessage("the link is closed");
  }

  @Test
  void anInterruptEndsALinkThatAVirtualThreadReceivesFrom() {
    CompletableFuture<Optional<byte[]>> received = new CompletableFuture<>();
    Thread receiver =
        Thread.ofVirtual()
            .name("receiver")
            .start(
                () -> {
                  try {
                    received.complete(accepted.receive(MAX));
                  } catch (IOException e) {
                    received.completeExceptionally(e);
                  }
                });
    await().until(() -> receiver.getState() == Thread.State.WAITING);

    receiver.interrupt();

    assertThat(received).succeedsWithin(SOON).isEqualTo(Optional.empty());
    assertThatThrownBy(() -> accepted.send(List.of(new byte[1]))).isInstanceOf(IOException.class);
  }

  @Test
  void aPeerThatVanishesBreaksTheLinkWithAReason() throws Exception {
    // A reset, for what was sent is still unread.
    accepted.send(List.of(new byte[1_000]));
    CompletableFuture<Void> sending = fill(dialled);

    dialled.close();

    assertThat(sending).failsWithin(SOON);
    assertThatThrownBy(
            () -> {
              while (accepted.receive(MAX).isPresent()) {
                // What came before the end.
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessageMatching("(?s).+");
  }

  /** Sends until the peer, which does not read, blocks it. */
  private static CompletableFuture<Void> fill(Link link) {
    AtomicLong sent = new AtomicLong();
    CompletableFuture<Void> sending =
        Async.run(
            () -> {
              while (true) {
                link.send(List.of(new byte[100_000]));
                sent.incrementAndGet();
              }
            });
    AtomicLong before = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(100))
        .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
    return sending;
  }
}
