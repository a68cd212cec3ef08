package io.cyphermesh.logwatch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says which addresses may be reported to others: those that mean the same host everywhere.
 *
 * <p>The ranges are those of the IANA special-purpose address registries (RFC 6890) that are not
 * globally reachable. Documentation ranges are left in: they do no harm, and demonstrations use
 * them.
 */
final class Reportable {

  private record Special(String name, AddressRange range) {
    Special(String name, String range) {
      this(name, AddressRange.parse(range));
    }
  }

  private static final List<Special> SPECIAL =
      List.of(
          new Special("unspecified", "0.0.0.0/8"),
          new Special("private", "10.0.0.0/8"),
          new Special("carrier-grade NAT", "100.64.0.0/10"),
          new Special("loopback", "127.0.0.0/8"),
          new Special("link-local", "169.254.0.0/16"),
          new Special("private", "172.16.0.0/12"),
          new Special("private", "192.168.0.0/16"),
          new Special("multicast", "224.0.0.0/4"),
          new Special("broadcast", "255.255.255.255"),
          new Special("reserved", "240.0.0.0/4"),
          new Special("unspecified", "::"),
          new Special("loopback", "::1"),
          new Special("private", "fc00::/7"),
          new Special("link-local", "fe80::/10"),
          new Special("private", "fec0::/10"),
          new Special("multicast", "ff00::/8"));

  private final List<AddressRange> ignored;

  /**
   * @param ignored addresses and CIDR ranges
   * @throws IllegalArgumentException if one of them is neither
   */
  Reportable(List<String> ignored) {
    this.ignored = ignored.stream().map(AddressRange::parse).toList();
  }

  /** Why the address is not reported, for instance {@code private}; null if it may be. */
  @Nullable String refusal(Address address) {
    for (Special special : SPECIAL) {
      if (special.range.contains(address)) {
        return special.name;
      }
    }
    for (AddressRange range : ignored) {
      if (range.contains(address)) {
        return "ignored";
      }
    }
    return null;
  }
}
