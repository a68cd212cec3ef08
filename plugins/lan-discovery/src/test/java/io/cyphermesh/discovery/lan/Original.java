package io.cyphermesh.discovery.lan;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** An original node's side of the LAN, played on the loopback network. */
final class Original implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final DatagramSocket socket;
  private final String name;
  private final int port;

  /** Shares the UDP port by address only, as the original does. */
  Original(String name, int udpPort, int port) throws IOException {
    this.name = name;
    this.port = port;
    socket = new DatagramSocket(null);
    socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    socket.setBroadcast(true);
    socket.bind(new InetSocketAddress(udpPort));
  }

  void says(String type) throws IOException {
    says(
        "{\"type\": \"%s\", \"node_id\": \"%s\", \"tcp_port\": %d}"
            .formatted(type, name, port)
            .getBytes(StandardCharsets.UTF_8));
  }

  void says(byte[] datagram) throws IOException {
    socket.send(
        new DatagramPacket(
            datagram,
            datagram.length,
            InetAddress.ofLiteral("127.255.255.255"),
            socket.getLocalPort()));
  }

  /** Waits for a datagram that begins so. */
  String hears(String begin) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
    while (System.nanoTime() - end < 0) {
      socket.setSoTimeout(Math.max(1, (int) ((end - System.nanoTime()) / 1_000_000)));
      packet.setLength(2_000);
      socket.receive(packet);
      String text = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
      if (text.startsWith(begin)) {
        return text;
      }
    }
    throw new SocketTimeoutException("nobody said " + begin);
  }

  @Override
  public void close() {
    socket.close();
  }
}
