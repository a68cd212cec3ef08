package io.cyphermesh.api;

import java.util.Optional;

/**
 * All addresses that share the first {@code bits} of 128 bits with {@code base}.
 *
 * @param base an address of the range
 * @param bits 0 to 128; for IPv4 the bits of the IPv4 prefix and 96
 */
@Experimental
public record IpRange(IpAddress base, int bits) {

  public IpRange {
    if (bits < 0 || bits > 128) {
      throw new IllegalArgumentException("a range has 0 to 128 bits, not " + bits);
    }
  }

  /**
   * Reads an address or a CIDR range such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}.
   *
   * @throws IllegalArgumentException if it is neither; the message quotes it
   */
  public static IpRange parse(String text) {
    int slash = text.indexOf('/');
    Optional<IpAddress> base = IpAddress.parse(text, 0, slash < 0 ? text.length() : slash);
    if (base.isPresent()) {
      int width = base.get().isV4() ? 32 : 128;
      int bits = slash < 0 ? width : bits(text, slash + 1);
      if (bits >= 0 && bits <= width) {
        return new IpRange(base.get(), 128 - width + bits);
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no address and no range such as 192.0.2.0/24 or 2001:db8::/32");
  }

  private static int bits(String text, int from) {
    if (from == text.length() || text.length() - from > 3) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + c - '0';
    }
    return value;
  }

  /** Whether the address is of this range. */
  public boolean contains(IpAddress address) {
    return differs(address.high(), base.high(), Math.min(bits, 64)) == 0
        && differs(address.low(), base.low(), Math.max(bits - 64, 0)) == 0;
  }

  private static long differs(long a, long b, int bits) {
    return bits == 0 ? 0 : (a ^ b) >>> (64 - bits);
  }
}
