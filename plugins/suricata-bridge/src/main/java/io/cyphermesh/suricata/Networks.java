package io.cyphermesh.suricata;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows which addresses are the operator's own, and which may never be reported to others.
 *
 * <p>What is never reported are, whatever the settings, the ranges of the IANA special-purpose
 * address registries (RFC 6890) that mean another host elsewhere. Documentation ranges are left in:
 * they do no harm, and demonstrations use them.
 */
final class Networks {

  /** Stands for all ranges of {@link #PRIVATE} in the setting {@code home}. */
  private static final String PRIVATE_TERM = "private";

  private static final List<String> PRIVATE =
      List.of(
          "10.0.0.0/8",
          "172.16.0.0/12",
          "192.168.0.0/16",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "::1",
          "fc00::/7",
          "fe80::/10",
          "fec0::/10");

  private record Special(String name, AddressRange range) {
    Special(String name, String range) {
      this(name, AddressRange.parse(range, "built in"));
    }
  }

  private static final List<Special> SPECIAL =
      List.of(
          new Special("an unspecified address", "0.0.0.0/8"),
          new Special("a private address", "10.0.0.0/8"),
          new Special("an address of carrier-grade NAT", "100.64.0.0/10"),
          new Special("a loopback address", "127.0.0.0/8"),
          new Special("a link-local address", "169.254.0.0/16"),
          new Special("a private address", "172.16.0.0/12"),
          new Special("an address of protocols", "192.0.0.0/24"),
          new Special("a private address", "192.168.0.0/16"),
          new Special("an address of benchmarks", "198.18.0.0/15"),
          new Special("a multicast address", "224.0.0.0/4"),
          new Special("a reserved address", "240.0.0.0/4"),
          new Special("an unspecified address", "::"),
          new Special("a loopback address", "::1"),
          new Special("a private address", "64:ff9b:1::/48"),
          new Special("an address that goes nowhere", "100::/64"),
          new Special("a private address", "fc00::/7"),
          new Special("a link-local address", "fe80::/10"),
          new Special("a private address", "fec0::/10"),
          new Special("a multicast address", "ff00::/8"));

  private final List<AddressRange> home;
  private final List<AddressRange> proxies;

  /**
   * @param home addresses, CIDR ranges, and {@code private} for all private ranges
   * @param proxies addresses and CIDR ranges of proxies whose X-Forwarded-For is believed
   * @throws IllegalArgumentException if one of them is none of these
   */
  Networks(List<String> home, List<String> proxies) {
    List<String> ranges = new ArrayList<>();
    for (String each : home) {
      if (each.equals(PRIVATE_TERM)) {
        ranges.addAll(PRIVATE);
      } else {
        ranges.add(each);
      }
    }
    this.home = ranges.stream().map(range -> AddressRange.parse(range, "home")).toList();
    this.proxies =
        proxies.stream().map(range -> AddressRange.parse(range, "trusted-proxies")).toList();
  }

  /** Whether the address is one of ours, or of a proxy that speaks for others. */
  boolean isHome(Address address) {
    Address embedded = address.embedded();
    return in(home, address) || isTrustedProxy(address) || (embedded != null && in(home, embedded));
  }

  boolean isTrustedProxy(Address address) {
    return in(proxies, address);
  }

  /** Why the address is not reported, for instance {@code is home}; null if it may be. */
  @Nullable String refusal(Address address) {
    Address embedded = address.embedded();
    String refusal = embedded == null ? null : refusal(embedded);
    if (refusal != null) {
      return refusal;
    }
    if (in(home, address)) {
      return "is home";
    }
    if (isTrustedProxy(address)) {
      return "is a trusted proxy";
    }
    for (Special special : SPECIAL) {
      if (special.range.contains(address)) {
        return "is " + special.name;
      }
    }
    return null;
  }

  private static boolean in(List<AddressRange> ranges, Address address) {
    for (AddressRange range : ranges) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
