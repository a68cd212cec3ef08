package io.cyphermesh.discovery.lan;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;

/** A UDP port that several nodes of one host share: each of them hears every broadcast. */
final class LanSocket implements AutoCloseable {
  /** Datagrams taken before it is asked again what is due. */
  private static final int IN_A_ROW = 64;

  private final DatagramChannel channel;
  private final Selector selector;
  private final int port;
  private final Logger logger;

  /** One byte more than a packet may have, so that what is longer is seen to be. */
  private final ByteBuffer buffer = ByteBuffer.allocate(Packet.MAX_BYTES + 1);

  private LanSocket(DatagramChannel channel, Selector selector, int port, Logger logger) {
    this.channel = channel;
    this.selector = selector;
    this.port = port;
    this.logger = logger;
  }

  /**
   * Binds it.
   *
   * @throws IOException if that cannot be; the message is one line that says what to do
   */
  static LanSocket open(int port, Logger logger) throws IOException {
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    Selector selector = null;
    try {
      // To share with programs that set either of them, both are needed.
      for (SocketOption<Boolean> option :
          List.of(StandardSocketOptions.SO_REUSEADDR, StandardSocketOptions.SO_REUSEPORT)) {
        if (channel.supportedOptions().contains(option)) {
          channel.setOption(option, true);
        }
      }
      channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
      channel.bind(new InetSocketAddress(port));
      channel.configureBlocking(false);
      selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
      return new LanSocket(channel, selector, port, logger);
    } catch (IOException e) {
      if (selector != null) {
        selector.close();
      }
      channel.close();
      throw new IOException(
          "cannot hear neighbours at UDP port %d: %s (a program that does not share the port? set plugins.lan-discovery.port or discovery = false)"
              .formatted(port, e.getMessage()),
          e);
    }
  }

  /**
   * Sends to each of the addresses that it can.
   *
   * @return whether that was any
   */
  boolean send(byte[] datagram, Collection<InetAddress> targets) throws InterruptedException {
    boolean sent = false;
    for (InetAddress target : targets) {
      try {
        sent |= channel.send(ByteBuffer.wrap(datagram), new InetSocketAddress(target, port)) > 0;
      } catch (ClosedByInterruptException e) {
        throw interrupted(e);
      } catch (IOException e) {
        // A network that went away, or a firewall. There may be others.
        logger.debug("cannot broadcast to {}", target, e);
      }
    }
    return sent;
  }

  /** Waits for datagrams and hands over what came. */
  void receive(Duration time, BiConsumer<Inet4Address, ByteBuffer> hearer)
      throws IOException, InterruptedException {
    // Zero would mean for ever.
    selector.select(Math.max(1, time.toMillis()));
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    selector.selectedKeys().clear();
    try {
      for (int i = 0; i < IN_A_ROW; i++) {
        buffer.clear();
        if (!(channel.receive(buffer) instanceof InetSocketAddress source)) {
          return;
        }
        if (source.getAddress() instanceof Inet4Address address) {
          hearer.accept(address, buffer.flip());
        }
      }
    } catch (ClosedByInterruptException e) {
      throw interrupted(e);
    }
  }

  private static InterruptedException interrupted(ClosedByInterruptException e) {
    Thread.interrupted();
    InterruptedException interrupt = new InterruptedException();
    interrupt.initCause(e);
    return interrupt;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    selector.close();
  }
}
