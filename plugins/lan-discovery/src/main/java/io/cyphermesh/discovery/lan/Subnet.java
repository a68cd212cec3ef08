package io.cyphermesh.discovery.lan;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * The IPv4 network that an interface of this host is in.
 *
 * @param own this host's address there
 * @param prefix length of the network's part, 1 to 30
 */
record Subnet(Inet4Address own, int prefix) {
  /** The longest prefix that leaves room for another host and a broadcast address. */
  static final int LONGEST = 30;

  Subnet {
    if (prefix < 1 || prefix > LONGEST) {
      throw new IllegalArgumentException("nothing can be broadcast in a /" + prefix);
    }
  }

  /** The address at which all its hosts are reached. */
  InetAddress broadcast() {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(bits(own) | ~mask()).array();
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether {@code address} is one that a single host of this network can have. */
  boolean holdsHost(Inet4Address address) {
    int bits = bits(address);
    int host = bits & ~mask();
    return (bits & mask()) == (bits(own) & mask()) && host != 0 && host != ~mask();
  }

  private int mask() {
    return -1 << (Integer.SIZE - prefix);
  }

  private static int bits(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }
}
