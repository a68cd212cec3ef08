package io.cyphermesh.syslog;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.Arrays;
import java.util.List;

/** One datagram a message (RFC 5426). */
final class UdpWire implements Wire {
  /** What fits into a datagram over IPv4; the rest of a longer message is cut. */
  private static final int MAX = 65_507;

  private final DatagramSocket socket;

  UdpWire(InetSocketAddress receiver) throws IOException {
    socket = new DatagramSocket();
    try {
      // So that a receiver that says that nobody listens is heard.
      socket.connect(receiver);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public void send(List<byte[]> messages) throws IOException {
    for (byte[] message : messages) {
      byte[] fitting = message.length > MAX ? Arrays.copyOf(message, MAX) : message;
      try {
        socket.send(new DatagramPacket(fitting, fitting.length));
      } catch (PortUnreachableException e) {
        throw new IOException("nobody listens there", e);
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
