package io.cyphermesh.core.mesh;

import java.util.HexFormat;
import java.util.Optional;

/**
 * A network whose addresses are thought to be in one hand.
 *
 * @param high the first 64 bits of the network's IPv6 prefix; IPv4 as {@code ::ffff:a.b.c.d}
 * @param low the other 64 bits
 * @param port of an address that is a network of its own; −1 for all others
 */
public record Netgroup(long high, long low, int port) implements Comparable<Netgroup> {
  private static final int NO_PORT = -1;
  private static final int HALF = 16;

  @Override
  public int compareTo(Netgroup other) {
    int order = Long.compare(high, other.high);
    if (order == 0) {
      order = Long.compare(low, other.low);
    }
    return order != 0 ? order : Integer.compare(port, other.port);
  }

  /** One of many addresses, of which no more than so many count. */
  static Netgroup ofPrefix(long high, long low) {
    return new Netgroup(high, low, NO_PORT);
  }

  /** Whether it is exempt from all limits, since its one address is a network of its own. */
  boolean exempt() {
    return port != NO_PORT;
  }

  /** As {@link #parse} reads it: 32 hexadecimal digits, a slash, the port. */
  String text() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low) + "/" + port;
  }

  /** What {@link #text} wrote; empty for anything else. */
  static Optional<Netgroup> parse(String text) {
    try {
      int slash = 2 * HALF;
      if (text.length() < slash + 2 || text.charAt(slash) != '/') {
        return Optional.empty();
      }
      return Optional.of(
          new Netgroup(
              HexFormat.fromHexDigitsToLong(text, 0, HALF),
              HexFormat.fromHexDigitsToLong(text, HALF, slash),
              Integer.parseInt(text.substring(slash + 1))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
