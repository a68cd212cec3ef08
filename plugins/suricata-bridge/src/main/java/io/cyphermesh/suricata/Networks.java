package io.cyphermesh.suricata;

import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.IpRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows which addresses are the operator's own, and which may never be reported to others.
 *
 * <p>Whatever the settings, an address that means another host elsewhere is never reported.
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

  private final List<IpRange> home;
  private final List<IpRange> proxies;

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
    this.home = ranges.stream().map(range -> range("home", range)).toList();
    this.proxies = proxies.stream().map(range -> range("trusted-proxies", range)).toList();
  }

  private static IpRange range(String key, String text) {
    try {
      return IpRange.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  /** Whether the address is one of ours, or of a proxy that speaks for others. */
  boolean isHome(IpAddress address) {
    return in(home, address)
        || isTrustedProxy(address)
        || address.embedded().filter(host -> in(home, host)).isPresent();
  }

  boolean isTrustedProxy(IpAddress address) {
    return in(proxies, address);
  }

  /** Why the address is not reported, for instance {@code is home}; null if it may be. */
  @Nullable String refusal(IpAddress address) {
    String embedded = address.embedded().map(this::refusal).orElse(null);
    if (embedded != null) {
      return embedded;
    }
    if (in(home, address)) {
      return "is home";
    }
    if (isTrustedProxy(address)) {
      return "is a trusted proxy";
    }
    return address.notReportable().map(why -> "is never reported: " + why).orElse(null);
  }

  private static boolean in(List<IpRange> ranges, IpAddress address) {
    for (IpRange range : ranges) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
