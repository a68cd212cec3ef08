package io.cyphermesh.original;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Pretends to know no TLS: answers whatever comes with the head of a plain frame. */
final class Impostor implements AutoCloseable {
  private static final int TLS_HANDSHAKE = 0x16;

  private final ServerSocket server = new ServerSocket();
  private final AtomicInteger callers = new AtomicInteger();
  private final AtomicInteger plainCallers = new AtomicInteger();

  Impostor(int port) throws IOException {
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
    Thread.ofVirtual().name("impostor").start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        Socket caller = server.accept();
        try (caller) {
          int first = caller.getInputStream().read();
          if (first != TLS_HANDSHAKE) {
            plainCallers.incrementAndGet();
          }
          caller.getOutputStream().write(new byte[] {0, 0, 0, 2, '{', '}'});
        } catch (IOException e) {
          // The next one will call.
        } finally {
          callers.incrementAndGet();
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  int callers() {
    return callers.get();
  }

  int plainCallers() {
    return plainCallers.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
