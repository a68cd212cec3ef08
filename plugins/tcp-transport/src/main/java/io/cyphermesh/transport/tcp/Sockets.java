package io.cyphermesh.transport.tcp;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/** The few things that both ends of every connection do with their plain socket. */
final class Sockets {
  private Sockets() {}

  static void tune(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
  }

  /**
   * Closes at once and forgets what was not sent yet, so that a stranger who does not read keeps
   * nothing of ours in the kernel. Frees threads blocked in the socket; never blocks.
   */
  static void drop(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // Closed already, or about to be.
    }
    close(socket);
  }

  /** Closes; the kernel still tries to deliver what was sent. Never blocks. */
  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // The descriptor is gone in any case.
    }
  }

  /** As the socket options want it, where 0 would mean for ever. */
  static int millis(Duration duration) {
    return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
  }
}
