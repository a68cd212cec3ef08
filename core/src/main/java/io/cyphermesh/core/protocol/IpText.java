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
  private static final long V4_MAPPED = 0xffff_0000_0000L;
  private static final int GROUPS = IPV6_BYTES / GROUP_BYTES;
  private static final long NONE = -1;

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
    long number = v4(text);
    return number == NONE
        ? Optional.empty()
        : Optional.of(
            address(
                new byte[] {
                  (byte) (number >> 24), (byte) (number >> 16), (byte) (number >> 8), (byte) number
                }));
  }

  /** Four numbers up to 255 without leading zeros, with dots between, as one; else NONE. */
  private static long v4(String text) {
    long number = 0;
    int parts = 0;
    int part = -1;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '.';
      if (c == '.') {
        if (part < 0 || ++parts > 4) {
          return NONE;
        }
        number = number << Byte.SIZE | part;
        part = -1;
      } else if (c < '0' || c > '9' || part == 0) {
        return NONE;
      } else {
        part = Math.max(part, 0) * 10 + c - '0';
        if (part > 255) {
          return NONE;
        }
      }
    }
    return parts == 4 ? number : NONE;
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

  /**
   * An address as a number.
   *
   * @param high the first 64 bits of the IPv6 address, as which IPv4 is {@code ::ffff:a.b.c.d}
   * @param low the other 64 bits
   * @param v4 whether it is IPv4
   */
  public record Bits(long high, long low, boolean v4, Scope scope) {}

  /** The address that {@code text} writes, as a number; empty where {@link #parse} is. */
  public static Optional<Bits> bits(String text) {
    if (text.indexOf(':') < 0) {
      // Asked for with each address that is told of: no object but the answer.
      long number = v4(text);
      return number == NONE
          ? Optional.empty()
          : Optional.of(new Bits(0, V4_MAPPED | number, true, scope((int) number)));
    }
    return ipv6(text)
        .map(
            address -> {
              ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
              return bytes.capacity() < IPV6_BYTES
                  ? new Bits(0, V4_MAPPED | (bytes.getInt() & 0xffff_ffffL), true, scope(address))
                  : new Bits(bytes.getLong(), bytes.getLong(), false, scope(address));
            });
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
    byte[] b = address.getAddress();
    if (b.length == 4) {
      return scope(ByteBuffer.wrap(b).getInt());
    }
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isMulticastAddress()) {
      return Scope.NEVER;
    }
    boolean local = (b[0] & 0xfe) == 0xfc;
    return local || address.isSiteLocalAddress() ? Scope.PRIVATE : Scope.GLOBAL;
  }

  private static Scope scope(int v4) {
    int first = v4 >>> 24;
    int second = v4 >> 16 & 0xff;
    if (first == 0
        || first == 127
        || first >= 224 // Multicast, and what is kept for later.
        || (first == 169 && second == 254)) {
      return Scope.NEVER;
    }
    boolean local =
        first == 10
            || (first == 100 && (second & 0xc0) == 64)
            || (first == 172 && (second & 0xf0) == 16)
            || (first == 192 && second == 168);
    return local ? Scope.PRIVATE : Scope.GLOBAL;
  }
}
