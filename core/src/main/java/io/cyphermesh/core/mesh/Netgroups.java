package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.protocol.IpText;
import java.util.Optional;

/**
 * Which addresses count as one network. Addresses that only neighbours reach, loopback and names
 * are exempt: each is a network of its own, with its port.
 *
 * @param v4Bits length of an IPv4 network's prefix, 0 to 32
 * @param v6Bits length of an IPv6 network's prefix, 0 to 128
 */
public record Netgroups(int v4Bits, int v6Bits) {
  /** Whoever has one address of an IPv4 /16 or an IPv6 /32 can often have more of it. */
  public static final Netgroups DEFAULTS = new Netgroups(16, 32);

  private static final int V4_MAX = 32;
  private static final int V6_MAX = 128;

  public Netgroups {
    if (v4Bits < 0 || v4Bits > V4_MAX || v6Bits < 0 || v6Bits > V6_MAX) {
      throw new IllegalArgumentException(
          "no lengths of prefixes: /" + v4Bits + " of IPv4, /" + v6Bits + " of IPv6");
    }
  }

  /** Whether {@code host} is exempt from all limits of networks. */
  public static boolean exempt(String host) {
    return IpText.bits(host).map(bits -> bits.scope() != IpText.Scope.GLOBAL).orElse(true);
  }

  /** The network of an address. */
  public Netgroup of(HostPort address) {
    Optional<IpText.Bits> ip = IpText.bits(address.host());
    if (ip.isEmpty()) {
      return named(address);
    }
    IpText.Bits bits = ip.get();
    if (bits.scope() != IpText.Scope.GLOBAL) {
      return new Netgroup(bits.high(), bits.low(), address.port());
    }
    int length = bits.v4() ? V6_MAX - V4_MAX + v4Bits : v6Bits;
    return Netgroup.ofPrefix(bits.high() & mask(length), bits.low() & mask(length - Long.SIZE));
  }

  /** A mask of the first {@code bits} of 64. */
  private static long mask(int bits) {
    if (bits <= 0) {
      return 0;
    }
    return bits >= Long.SIZE ? -1 : -1L << (Long.SIZE - bits);
  }

  /** Names are the operator's, and few: that no two of them meet is likely enough. */
  private static Netgroup named(HostPort address) {
    long hash = 0;
    for (int i = 0; i < address.host().length(); i++) {
      hash = Buckets.mix(hash, address.host().charAt(i));
    }
    return new Netgroup(-1, hash, address.port());
  }
}
