package io.cyphermesh.transport.tcp;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * What one household or one cheap server gets of the address space: the first 24 bits of an IPv4
 * address, the first 48 of an IPv6 one.
 */
record Network(boolean v4, long prefix) {
  static Network of(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean v4 = address instanceof Inet4Address;
    long prefix = 0;
    for (int i = 0; i < (v4 ? 3 : 6); i++) {
      prefix = prefix << 8 | (bytes[i] & 0xff);
    }
    return new Network(v4, prefix);
  }
}
