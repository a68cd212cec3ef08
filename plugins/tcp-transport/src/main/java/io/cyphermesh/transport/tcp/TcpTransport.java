package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * The default transport: mutual TLS 1.3 over TCP, and plain frames for version 1 nodes; blocking
 * sockets on the node's virtual threads.
 *
 * <p>An interrupt of a virtual thread that is blocked in a link closes that link.
 */
public final class TcpTransport implements Transport {
  /** Callers that the kernel may hold until they are accepted. */
  private static final int BACKLOG = 1024;

  private static final String TICKETS = "jdk.tls.server.newSessionTicketCount";

  private volatile @Nullable Started started;

  private record Started(TransportContext context, Tls tls, Watchdog watchdog, Dialler dialler) {}

  @Override
  public void start(TransportContext context) {
    if (!"0".equals(System.getProperty(TICKETS))) {
      // Only the JVM as a whole can do without tickets; a resumed link skips the trust manager.
      context.logger().warn("peers may resume TLS sessions: start Java with -D{}=0", TICKETS);
    }
    Tls tls = new Tls(context.identity());
    Watchdog watchdog = new Watchdog();
    Dialler dialler =
        new Dialler(context.limits(), tls, watchdog, context.threads(), InetAddress::getAllByName);
    started = new Started(context, tls, watchdog, dialler);
  }

  @Override
  public Listener listen(HostPort address) throws IOException {
    Started parts = parts();
    ServerSocket server = new ServerSocket();
    boolean listening = false;
    try {
      server.setReuseAddress(true);
      server.bind(
          new InetSocketAddress(InetAddress.getByName(address.host()), address.port()), BACKLOG);
      Listener listener =
          new TcpListener(
              server,
              address.host(),
              parts.context(),
              parts.tls(),
              parts.watchdog(),
              System::nanoTime);
      listening = true;
      return listener;
    } catch (UnknownHostException e) {
      throw new IOException("no address is known for the name " + address.host(), e);
    } catch (IOException e) {
      throw new IOException("cannot listen at " + address + ": " + Texts.oneLine(e), e);
    } finally {
      if (!listening) {
        server.close();
      }
    }
  }

  @Override
  public Link dial(HostPort address, DialPolicy policy) throws IOException {
    return parts().dialler().dial(address, policy);
  }

  private Started parts() {
    Started parts = started;
    if (parts == null) {
      throw new IllegalStateException("the transport was not started");
    }
    return parts;
  }
}
