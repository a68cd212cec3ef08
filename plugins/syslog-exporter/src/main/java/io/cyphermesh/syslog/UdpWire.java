package io.cyphermesh.syslog;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.List;

/** One datagram a message (RFC 5426). */
final class UdpWire implements Wire {
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
      try {
        socket.send(new DatagramPacket(message, message.length));
      } catch (PortUnreachableException e) {
        throw new IOException("nobody listens there", e);
      }
    }
  }

  @Override
  public void confirm() {
    // Nobody answers a datagram.
  }

  @Override
  public boolean reusable() {
    return true;
  }

  @Override
  public void close() {
    socket.close();
  }
}
