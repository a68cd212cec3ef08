package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Garbage on the dashboard's port. */
@Tag("system")
class DashboardGarbageIT {
  private static final int SLOW_READERS = 200;

  @TempDir private Path folder;
  private Node node;
  private long files;

  @BeforeEach
  void startNode() throws IOException {
    node = Node.start(folder.resolve("node"), 0);
    assertThat(node.healthy()).isTrue();
    files = node.openFiles();
  }

  @AfterEach
  void stopNode() {
    node.close();
  }

  private Socket call(String request) throws IOException {
    Socket socket = new Socket();
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), node.url().getPort()), 5_000);
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** The first line of the answer; empty where the connection was closed instead. */
  private String answer(String request) throws IOException {
    try (Socket socket = call(request)) {
      byte[] bytes = socket.getInputStream().readNBytes(12);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (java.net.SocketException e) {
      return "";
    }
  }

  @Test
  void whoNeverEndsARequestIsBorneAndThenClosed() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < SLOW_READERS; i++) {
        slow.add(call("POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
      }
      await("an answer beside them").atMost(Duration.ofSeconds(40)).until(node::healthy);
      await("their end")
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> node.openFiles() <= files + 20);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    assertThat(node.healthy()).isTrue();
  }

  @Test
  void hugeAndMisshapenRequestsAreRefused() throws Exception {
    String post =
        "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    assertThat(answer(post + "\r\nContent-Length: 10000000000\r\n\r\n{"))
        .startsWith("HTTP/1.1 413");
    assertThat(answer(post + "\r\nContent-Length: 1000000\r\n\r\n" + "[".repeat(1_000_000)))
        .doesNotContain(" 2");
    assertThat(answer("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(1_000_000)))
        .doesNotContain(" 2");
    assertThat(answer("\u0016\u0003\u0001\u0002\u0000garbage\r\n\r\n")).doesNotContain(" 2");
    assertThat(answer("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .doesNotContain(" 2");
    assertThat(node.healthy()).isTrue();
    assertThat(node.stored()).isZero();
  }

  @Test
  void aForeignHostNameIsRefused() throws Exception {
    // What a page of somebody else's would send that had its own name point to this machine.
    assertThat(answer("GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
        .startsWith("HTTP/1.1 4");
    assertThat(answer("GET /api/v1/status HTTP/1.1\r\nHost: localhost:1\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }
}
