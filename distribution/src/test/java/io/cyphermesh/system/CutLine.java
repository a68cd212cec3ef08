package io.cyphermesh.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A wire between two nodes that can be cut and mended: it passes on what one sends the other. */
final class CutLine implements AutoCloseable {
  private final int port;
  private final int target;
  private final List<Socket> sockets = new ArrayList<>();
  private ServerSocket server;

  private CutLine(int target, ServerSocket server) {
    this.target = target;
    this.port = server.getLocalPort();
    this.server = server;
    accept(server);
  }

  /** A wire to a port of this machine. */
  static CutLine to(int target) throws IOException {
    return new CutLine(target, listen(0));
  }

  private static ServerSocket listen(int port) throws IOException {
    ServerSocket server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return server;
  }

  /** Where to dial in place of the target. */
  int port() {
    return port;
  }

  /** Ends what is connected, and lets nobody connect. */
  synchronized void cut() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  synchronized void mend() throws IOException {
    server = listen(port);
    accept(server);
  }

  private void accept(ServerSocket from) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  Socket here = from.accept();
                  Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
                  if (!keep(from, here, there)) {
                    return;
                  }
                  Thread.ofVirtual().start(() -> pass(here, there));
                  Thread.ofVirtual().start(() -> pass(there, here));
                }
              } catch (IOException e) {
                // It was cut, or the target is down: who dials again finds out.
              }
            });
  }

  private synchronized boolean keep(ServerSocket from, Socket here, Socket there)
      throws IOException {
    if (from.isClosed()) {
      here.close();
      there.close();
      return false;
    }
    sockets.add(here);
    sockets.add(there);
    return true;
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      in.transferTo(to.getOutputStream());
    } catch (IOException e) {
      // Either end is gone, and now so is the other.
    }
  }

  @Override
  public void close() {
    try {
      cut();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
