package io.cyphermesh.core.protocol;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * IP addresses as text, in the one form that wire-protocol 3.3 allows. Never asks a name server.
 */
public final class IpText {
  private static final int IPV6_BYTES = 16;
  private static final int GROUP_BYTES = 2;
  private static final int GROUPS = IPV6_BYTES / GROUP_BYTES;

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
    return ipv6(text);
  }

  /** RFC 4291 2.2: eight groups, one run of zeros as {@code ::}, the last two may be as IPv4. */
  private static Optional<InetAddress> ipv6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, true).filter(bytes -> bytes.length == IPV6_BYTES).map(IpText::address);
    }
    Optional<byte[]> head = groups(text.substring(0, gap), false);
    Optional<byte[]> tail = groups(text.substring(gap + 2), true);
    if (head.isEmpty()
        || tail.isEmpty()
        || head.get().length + tail.get().length > IPV6_BYTES - GROUP_BYTES) {
      return Optional.empty();
    }
    byte[] bytes = Arrays.copyOf(head.get(), IPV6_BYTES);
    System.arraycopy(tail.get(), 0, bytes, IPV6_BYTES - tail.get().length, tail.get().length);
    return Optional.of(address(bytes));
  }

  /** The bytes of groups with colons between; empty where they are none. */
  private static Optional<byte[]> groups(String text, boolean mayEndAsIpv4) {
    if (text.isEmpty()) {
      return Optional.of(new byte[0]);
    }
    String[] parts = text.split(":", GROUPS + 1);
    if (parts.length > GROUPS) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.allocate(IPV6_BYTES * GROUP_BYTES);
    for (int i = 0; i < parts.length; i++) {
      Optional<InetAddress> ipv4 =
          mayEndAsIpv4 && i == parts.length - 1 ? ipv4(parts[i]) : Optional.empty();
      if (ipv4.isPresent()) {
        bytes.put(ipv4.get().getAddress());
      } else if (!parts[i].isEmpty()
          && parts[i].length() <= 4
          && parts[i].chars().allMatch(IpText::isHexDigit)) {
        bytes.putShort((short) Integer.parseInt(parts[i], 16));
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(Arrays.copyOf(bytes.array(), bytes.position()));
  }

  /** {@link Character#digit} would take digits of other scripts too. */
  private static boolean isHexDigit(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
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
    return Optional.of(address(bytes));
  }

  /** IPv4-mapped ones become IPv4. */
  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
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
