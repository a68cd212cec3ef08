package io.cyphermesh.syslog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/** Reads messages off TCP or TLS connections as RFC 6587 frames them. */
final class StreamReceiver implements AutoCloseable {
  private final ServerSocket server;
  private final boolean counted;
  private final boolean reading;
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();

  StreamReceiver(ServerSocketFactory sockets, boolean counted, boolean reading, int port)
      throws IOException {
    this.counted = counted;
    this.reading = reading;
    this.server = sockets.createServerSocket(port, 50, InetAddress.getByName("localhost"));
    pool.execute(this::accept);
  }

  static StreamReceiver plain(boolean counted) throws IOException {
    return new StreamReceiver(ServerSocketFactory.getDefault(), counted, true, 0);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        connections.add(connection);
        accepted.incrementAndGet();
        if (reading) {
          pool.execute(() -> read(connection));
        }
      } catch (IOException e) {
        // Closed, or a handshake that came to nothing.
      }
    }
  }

  private void read(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      while (true) {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int b = in.read();
        while (b >= 0 && b != (counted ? ' ' : '\n')) {
          head.write(b);
          b = in.read();
        }
        if (b < 0) {
          return;
        }
        String text = head.toString(StandardCharsets.UTF_8);
        messages.add(
            counted
                ? new String(in.readNBytes(Integer.parseInt(text)), StandardCharsets.UTF_8)
                : text);
      }
    } catch (IOException e) {
      // The sender is gone.
    } finally {
      connections.remove(connection);
    }
  }

  int port() {
    return server.getLocalPort();
  }

  List<String> messages() {
    return messages;
  }

  /** How many there were, ever. */
  int connections() {
    return accepted.get();
  }

  /** Hangs up on everybody. */
  void hangUp() throws IOException {
    for (Socket connection : connections) {
      connection.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    hangUp();
    pool.shutdownNow();
  }
}
