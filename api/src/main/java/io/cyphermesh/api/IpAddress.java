package io.cyphermesh.api;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An IP address of 128 bits; IPv4 is held in its IPv4-mapped form {@code ::ffff:a.b.c.d}.
 *
 * <p>Reads literals by hand, since {@code InetAddress} would ask the DNS for what is none.
 *
 * @param high its first 64 bits
 * @param low its last 64 bits
 */
@Experimental
public record IpAddress(long high, long low) {

  private static final long MAPPED = 0xFFFFL << 32;

  /** The first half of {@code 64:ff9b::/96}, RFC 6052. */
  private static final long NAT64 = 0x0064_FF9B_0000_0000L;

  /** The first 16 bits of {@code 2002::/16}, RFC 3056. */
  private static final long SIX_TO_FOUR = 0x2002;

  private record Special(String name, IpRange range) {
    Special(String name, String range) {
      this(name, IpRange.parse(range));
    }
  }

  /**
   * Of the IANA special-purpose address registries (RFC 6890) those that mean another host, or
   * none, elsewhere. Documentation ranges are left out: they do no harm, and demonstrations use
   * them.
   */
  private static final List<Special> SPECIAL =
      List.of(
          new Special("unspecified", "0.0.0.0/8"),
          new Special("private", "10.0.0.0/8"),
          new Special("carrier-grade NAT", "100.64.0.0/10"),
          new Special("loopback", "127.0.0.0/8"),
          new Special("link-local", "169.254.0.0/16"),
          new Special("private", "172.16.0.0/12"),
          new Special("protocol", "192.0.0.0/24"),
          new Special("private", "192.168.0.0/16"),
          new Special("benchmark", "198.18.0.0/15"),
          new Special("multicast", "224.0.0.0/4"),
          new Special("broadcast", "255.255.255.255"),
          new Special("reserved", "240.0.0.0/4"),
          new Special("unspecified", "::"),
          new Special("loopback", "::1"),
          new Special("private", "64:ff9b:1::/48"),
          new Special("discard", "100::/64"),
          new Special("private", "fc00::/7"),
          new Special("link-local", "fe80::/10"),
          new Special("private", "fec0::/10"),
          new Special("multicast", "ff00::/8"));

  /**
   * The address that {@code text} from {@code from} to {@code to} writes; empty if it writes none.
   * A zone id such as {@code %eth0} is dropped; IPv4 parts have no leading zeros, which some read
   * as octal.
   */
  public static Optional<IpAddress> parse(String text, int from, int to) {
    return Optional.ofNullable(read(text, from, to));
  }

  /** The address that {@code text} writes; empty if it writes none. */
  public static Optional<IpAddress> parse(String text) {
    return parse(text, 0, text.length());
  }

  private static @Nullable IpAddress read(String text, int from, int to) {
    int colon = text.indexOf(':', from, to);
    if (colon < 0) {
      long v4 = parseV4(text, from, to);
      return v4 < 0 ? null : new IpAddress(0, MAPPED | v4);
    }
    int zone = text.indexOf('%', from, to);
    if (zone >= 0) {
      return zone + 1 == to ? null : parseV6(text, from, zone);
    }
    return parseV6(text, from, to);
  }

  /** The IPv4 address of 32 bits. */
  public static IpAddress ofV4(int bits) {
    return new IpAddress(0, MAPPED | (bits & 0xFFFF_FFFFL));
  }

  /** Whether it is an IPv4 address, written so or IPv4-mapped. */
  public boolean isV4() {
    return high == 0 && low >>> 32 == 0xFFFF;
  }

  /** The value of an IPv4 address, as 32 unsigned bits. */
  public int v4() {
    return (int) low;
  }

  /**
   * The IPv4 host that is meant by an IPv6 address of NAT64 ({@code 64:ff9b::/96}), of 6to4 ({@code
   * 2002::/16}) or of the old form {@code ::a.b.c.d}; empty for all others.
   */
  public Optional<IpAddress> embedded() {
    boolean low32 = low >>> 32 == 0 && (high == NAT64 || (high == 0 && low > 1));
    if (low32) {
      return Optional.of(ofV4((int) low));
    }
    return high >>> 48 == SIX_TO_FOUR ? Optional.of(ofV4((int) (high >>> 16))) : Optional.empty();
  }

  /**
   * Why a detector does not report it to others, for instance {@code private} or {@code loopback}:
   * it means another host elsewhere. Empty if it means the same everywhere. What an IPv6 address
   * {@link #embedded embeds} counts, too.
   */
  public Optional<String> notReportable() {
    Optional<String> inside = embedded().flatMap(IpAddress::notReportable);
    if (inside.isPresent()) {
      return inside;
    }
    for (Special special : SPECIAL) {
      if (special.range.contains(this)) {
        return Optional.of(special.name);
      }
    }
    return Optional.empty();
  }

  /** Four decimal numbers without leading zeros, which some read as octal; -1 if it is not that. */
  private static long parseV4(String text, int from, int to) {
    if (to - from < 7 || to - from > 15) {
      return -1;
    }
    long value = 0;
    int parts = 0;
    int part = -1;
    int digits = 0;
    for (int i = from; i <= to; i++) {
      char c = i == to ? '.' : text.charAt(i);
      if (c == '.') {
        if (part < 0 || ++parts > 4) {
          return -1;
        }
        value = value << 8 | part;
        part = -1;
        digits = 0;
      } else if (c >= '0' && c <= '9') {
        part = digits == 0 ? c - '0' : part * 10 + c - '0';
        if (part > 255 || (digits == 1 && part < 10) || ++digits > 3) {
          return -1;
        }
      } else {
        return -1;
      }
    }
    return parts == 4 ? value : -1;
  }

  private static @Nullable IpAddress parseV6(String text, int from, int to) {
    if (to - from < 2 || to - from > 45) {
      return null;
    }
    int[] groups = new int[8];
    int count = 0;
    int gap = -1;
    int i = from;
    if (text.charAt(i) == ':') {
      if (text.charAt(i + 1) != ':') {
        return null;
      }
      gap = 0;
      i += 2;
    }
    while (i < to) {
      if (count == 8) {
        return null;
      }
      int value = 0;
      int start = i;
      int digit;
      while (i < to && (digit = hex(text.charAt(i))) >= 0) {
        value = value << 4 | digit;
        if (++i - start > 4) {
          return null;
        }
      }
      if (i < to && text.charAt(i) == '.') {
        long v4 = parseV4(text, start, to);
        if (v4 < 0 || count > 6) {
          return null;
        }
        groups[count++] = (int) (v4 >>> 16);
        groups[count++] = (int) (v4 & 0xFFFF);
        i = to;
        break;
      }
      if (i == start) {
        return null;
      }
      groups[count++] = value;
      if (i == to) {
        break;
      }
      if (text.charAt(i) != ':' || i + 1 == to) {
        return null;
      }
      i++;
      if (text.charAt(i) == ':') {
        if (gap >= 0) {
          return null;
        }
        gap = count;
        i++;
      }
    }
    if (gap < 0 ? count != 8 : count == 8) {
      return null;
    }
    if (gap >= 0) {
      int tail = count - gap;
      System.arraycopy(groups.clone(), gap, groups, 8 - tail, tail);
      Arrays.fill(groups, gap, 8 - tail, 0);
    }
    return new IpAddress(join(groups, 0), join(groups, 4));
  }

  private static long join(int[] groups, int at) {
    return (long) groups[at] << 48
        | (long) groups[at + 1] << 32
        | (long) groups[at + 2] << 16
        | groups[at + 3];
  }

  private static int hex(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    char lower = (char) (c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** IPv4 dotted, IPv6 as RFC 5952 section 4 writes it. */
  @Override
  public String toString() {
    if (isV4()) {
      int v4 = v4();
      return (v4 >>> 24) + "." + (v4 >>> 16 & 255) + "." + (v4 >>> 8 & 255) + "." + (v4 & 255);
    }
    int bestStart = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && group(i + length) == 0) {
        length++;
      }
      if (length > bestLength) {
        bestStart = i;
        bestLength = length;
      }
      i += length;
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(group(i)));
    }
    return text.toString();
  }

  private int group(int i) {
    long half = i < 4 ? high : low;
    return (int) (half >>> (48 - 16 * (i & 3)) & 0xFFFF);
  }
}
