package io.cyphermesh.suricata;

/** All addresses that share the first {@code bits} of 128 bits with {@code base}. */
record AddressRange(Address base, int bits) {

  /**
   * Reads an address or a CIDR range such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}.
   *
   * @param key the setting it stands in, for the message
   * @throws IllegalArgumentException if it is neither
   */
  static AddressRange parse(String text, String key) {
    int slash = text.indexOf('/');
    Address base = Address.parse(text, 0, slash < 0 ? text.length() : slash);
    int bits = -1;
    if (base != null) {
      int width = base.isV4() ? 32 : 128;
      bits = slash < 0 ? width : bits(text, slash + 1);
      if (bits > width) {
        bits = -1;
      }
    }
    if (base == null || bits < 0) {
      throw new IllegalArgumentException(
          key + ": '" + text + "' is no address and no range such as 192.0.2.0/24 or fd00::/8");
    }
    return new AddressRange(base, base.isV4() ? 96 + bits : bits);
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

  boolean contains(Address address) {
    return differs(address.high(), base.high(), Math.min(bits, 64)) == 0
        && differs(address.low(), base.low(), Math.max(bits - 64, 0)) == 0;
  }

  private static long differs(long a, long b, int bits) {
    return bits == 0 ? 0 : (a ^ b) >>> (64 - bits);
  }
}
