package io.cyphermesh.core.protocol;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * IP addresses as text, in the one form that wire-protocol 3.3 allows. Never asks a name server.
 */
public final class IpText {
  private IpText() {}

  /**
   * The canonical text of an address: IPv4 dotted, IPv6 as RFC 5952, {@code ::ffff:a.b.c.d} as
   * IPv4; empty where {@code text} is no literal address.
   */
  public static Optional<String> canonical(String text) {
    return parse(text).map(IpText::format);
  }

  /** The address that {@code text} writes; empty where it is no literal address without a zone. */
  public static Optional<InetAddress> parse(String text) {
    if (text.indexOf(':') < 0) {
      return ipv4(text);
    }
    if (text.length() > 45
        || !text.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')) {
      return Optional.empty();
    }
    try {
      // A text with a colon is only ever read as an address, never looked up; IPv4-mapped ones come
      // back as IPv4.
      return Optional.of(InetAddress.getByName("[" + text + "]"));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> ipv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    byte[] bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      String part = parts[i];
      boolean digits =
          !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> c >= '0' && c <= '9');
      if (!digits || (part.length() > 1 && part.charAt(0) == '0') || Integer.parseInt(part) > 255) {
        return Optional.empty();
      }
      bytes[i] = (byte) Integer.parseInt(part);
    }
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  /** The canonical text of {@code address}, without a zone. */
  public static String format(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    byte[] bytes = address.getAddress();
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
    }
    int start = -1;
    int length = 1; // RFC 5952 4.2.2: a single zero group is not shortened.
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
      i = Math.max(i, end - 1);
    }
    StringBuilder out = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        out.append("::");
        i += length - 1;
      } else {
        if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
          out.append(':');
        }
        out.append(Integer.toHexString(groups[i]));
      }
    }
    return out.toString();
  }

  /** What kind of network an address belongs to, as far as telling others of it goes. */
  public enum Scope {
    /** Anybody may reach it. */
    GLOBAL,
    /** RFC 1918, ULA, carrier-grade NAT: of use only to neighbours. */
    PRIVATE,
    /** Loopback, link-local, multicast, unspecified: of use to nobody else. */
    NEVER
  }

  /** The scope of {@code address}. */
  public static Scope scope(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isMulticastAddress()) {
      return Scope.NEVER;
    }
    byte[] b = address.getAddress();
    boolean shared =
        b.length == 4 ? (b[0] & 0xff) == 100 && (b[1] & 0xc0) == 64 : (b[0] & 0xfe) == 0xfc;
    if (b.length == 4 && ((b[0] & 0xff) >= 240 || b[0] == 0)) {
      return Scope.NEVER;
    }
    return shared || address.isSiteLocalAddress() ? Scope.PRIVATE : Scope.GLOBAL;
  }
}
