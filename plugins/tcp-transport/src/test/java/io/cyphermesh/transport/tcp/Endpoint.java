package io.cyphermesh.transport.tcp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A transport that listens on loopback and keeps the links it accepted. */
final class Endpoint implements AutoCloseable {
  static final TransportLimits LIMITS =
      new TransportLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          Duration.ofSeconds(10),
          4 << 20,
          64,
          100);

  final TestNode node;
  final TestContext context;
  final TcpTransport transport = new TcpTransport();
  final TcpListener listener;
  private final BlockingQueue<Link> accepted = new LinkedBlockingQueue<>();
  private final Thread serving;

  Endpoint(TestNode node) throws IOException {
    this(node, LIMITS);
  }

  Endpoint(TestNode node, TransportLimits limits) throws IOException {
    this(node, limits, false);
  }

  Endpoint(TestNode node, TransportLimits limits, boolean acceptsPlain) throws IOException {
    this.node = node;
    this.context = new TestContext(node, limits, acceptsPlain);
    transport.start(context);
    listener = (TcpListener) transport.listen(new HostPort("127.0.0.1", 0));
    serving = Thread.ofVirtual().name("serving").start(() -> listener.serve(this::keep));
  }

  private void keep(Link link) {
    accepted.add(link);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  HostPort address() {
    return listener.address();
  }

  Link dial(Endpoint other) throws IOException {
    return transport.dial(other.address(), new DialPolicy.OnlyNode(other.node.self()));
  }

  /** The next link that was accepted. */
  Link accepted() throws InterruptedException {
    Link link = accepted.poll(10, SECONDS);
    assertThat(link).as("an accepted link").isNotNull();
    return link;
  }

  boolean acceptedNothing() {
    return accepted.isEmpty();
  }

  /** A connection that speaks as the test likes. */
  Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), address().port());
  }

  /** A TLS connection that may break the framing. */
  SSLSocket connectTls(SSLContext as) throws IOException {
    return (SSLSocket)
        as.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), address().port());
  }

  Transport.Listener listener() {
    return listener;
  }

  @Override
  public void close() {
    listener.close();
    context.interruptThreads();
    try {
      serving.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
