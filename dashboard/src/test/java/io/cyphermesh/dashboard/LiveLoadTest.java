package io.cyphermesh.dashboard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.HostPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand clients of the live feed, and some that do not read. */
@Tag("load")
class LiveLoadTest {
  private static final int CLIENTS = 1_000;
  private static final int DEAF = 20;
  private static final int EVENTS = 400;

  @TempDir Path folder;

  private final FakeNode node = new FakeNode(InstantSource.system());

  /** Follows the numbers of the events in what one client reads, a byte at a time. */
  private static final class Listener {
    private static final byte[] MARK = "\nid: ".getBytes(US_ASCII);
    private int matched;
    private long number;
    private boolean within;
    private long last;
    private boolean gap;

    /** Takes what came; whether the last event that is waited for came with it. */
    boolean take(ByteBuffer bytes) {
      boolean reached = false;
      while (bytes.hasRemaining()) {
        byte b = bytes.get();
        if (within) {
          if (b >= '0' && b <= '9') {
            number = number * 10 + b - '0';
            continue;
          }
          gap |= number != last + 1;
          last = number;
          reached |= last == EVENTS;
          within = false;
          matched = 0;
        }
        matched = b == MARK[matched] ? matched + 1 : b == MARK[0] ? 1 : 0;
        if (matched == MARK.length) {
          within = true;
          number = 0;
          matched = 0;
        }
      }
      return reached;
    }
  }

  @Test
  void aThousandClientsGetEveryEventAndThoseThatDoNotReadAreCutAndHoldNobodyUp() throws Exception {
    try (Dashboard dashboard =
        Dashboard.start(
            new DashboardSettings(
                new HostPort("127.0.0.1", 0),
                false,
                folder.resolve("api-token"),
                List.of(),
                Optional.empty(),
                List.of()),
            node,
            node,
            ProcessView.NONE,
            () -> "",
            InstantSource.system(),
            new Dashboard.Patience(
                Duration.ofSeconds(60), Duration.ofSeconds(3), Duration.ofSeconds(15)))) {
      List<SocketChannel> deaf = new ArrayList<>();
      try (Selector selector = Selector.open()) {
        for (int i = 0; i < DEAF; i++) {
          deaf.add(connect(dashboard));
        }
        for (int i = 0; i < CLIENTS; i++) {
          SocketChannel client = connect(dashboard);
          client.configureBlocking(false);
          client.register(selector, SelectionKey.OP_READ, new Listener());
        }
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> dashboard.liveClients() == CLIENTS + DEAF);

        AtomicInteger served = new AtomicInteger();
        AtomicInteger gone = new AtomicInteger();
        AtomicLong bytes = new AtomicLong();
        Thread reader = Thread.ofPlatform().start(() -> read(selector, served, gone, bytes));
        long begun = System.nanoTime();
        // Long ones, so that what the deaf leave unread fills every buffer on its way.
        String details = "{\"description\": \"" + "x".repeat(1_000) + "\"}";
        for (int i = 0; i < EVENTS; i++) {
          node.store("peer", "198.51.100.7", "x", "low", Optional.of(details), Duration.ZERO);
          LockSupport.parkNanos(5_000_000);
        }
        await()
            .atMost(Duration.ofSeconds(90))
            .pollInterval(Duration.ofMillis(20))
            .untilAsserted(
                () -> {
                  assertThat(gone.get()).isZero();
                  assertThat(served.get()).isEqualTo(CLIENTS);
                });
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
            "%d events of 2.5 kB to %d clients in %.1f s, %.0f MB/s%n",
            EVENTS, CLIENTS, seconds, bytes.get() / 1e6 / seconds);
        assertThat(gone.get()).isZero();
        for (SelectionKey key : selector.keys()) {
          assertThat(((Listener) key.attachment()).gap).isFalse();
        }
        // Those that do not read are cut, and nobody else.
        await().atMost(Duration.ofSeconds(20)).until(() -> dashboard.liveClients() == CLIENTS);
        reader.interrupt();
        reader.join();
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
      } finally {
        for (SocketChannel each : deaf) {
          each.close();
        }
      }
    }
  }

  private static SocketChannel connect(Dashboard dashboard) throws IOException {
    SocketChannel client = SocketChannel.open();
    client.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 16 * 1024);
    client.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), dashboard.address().port()));
    client.write(
        ByteBuffer.wrap(
            "GET /api/v1/live?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII)));
    return client;
  }

  private static void read(
      Selector selector, AtomicInteger served, AtomicInteger gone, AtomicLong bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    try {
      while (!Thread.currentThread().isInterrupted()) {
        selector.select(
            key -> {
              try {
                buffer.clear();
                int count = ((SocketChannel) key.channel()).read(buffer);
                if (count < 0) {
                  gone.incrementAndGet();
                  key.cancel();
                  return;
                }
                bytes.addAndGet(count);
                if (((Listener) key.attachment()).take(buffer.flip())) {
                  served.incrementAndGet();
                }
              } catch (IOException e) {
                gone.incrementAndGet();
                key.cancel();
              }
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClosedSelectorException e) {
      // The test is over.
    }
  }
}
