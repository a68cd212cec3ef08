package io.cyphermesh.suricata;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;

/** Accepts connections on a stream socket, a virtual thread for each, and reads their lines. */
final class StreamReceiver implements Listener.Receiver {

  private static final int BUFFER = 64 * 1024;
  private static final int BACKLOG = 16;

  private final int maxClients;
  private final LineSplitter.Lines lines;
  private final Logger logger;
  private final Set<Thread> clients = ConcurrentHashMap.newKeySet();

  StreamReceiver(int maxClients, LineSplitter.Lines lines, Logger logger) {
    this.maxClients = maxClients;
    this.lines = lines;
    this.logger = logger;
  }

  @Override
  public void receive(SocketFile file) throws IOException, InterruptedException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      server.bind(UnixDomainSocketAddress.of(file.temporary()), BACKLOG);
      // A blocking accept that is interrupted may lose the connection that it just took, and never
      // close it.
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      file.publish();
      boolean told = false;
      while (true) {
        selector.select();
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedException();
        }
        SocketChannel client = server.accept();
        if (client == null) {
          continue;
        }
        if (clients.size() >= maxClients) {
          client.close();
          if (!told) {
            told = true;
            logger.warn("{} has {} clients; more are turned away", file.path(), maxClients);
          }
          continue;
        }
        Thread reader =
            Thread.ofVirtual()
                .name("suricata-client-" + file.path().getFileName())
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> read(client));
        clients.add(reader);
        reader.start();
      }
    } finally {
      stopClients();
    }
  }

  private void read(SocketChannel client) {
    LineSplitter splitter = new LineSplitter(lines);
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (client) {
      while (client.read(buffer) >= 0) {
        splitter.add(buffer.flip());
        buffer.clear();
      }
      splitter.end();
    } catch (IOException e) {
      logger.debug("A client of the socket is gone: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      clients.remove(Thread.currentThread());
    }
  }

  private void stopClients() throws InterruptedException {
    // Whoever is told to stop may be interrupted here already; the clients' threads end promptly.
    boolean interrupted = Thread.interrupted();
    try {
      for (Thread client : clients) {
        client.interrupt();
        client.join();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
