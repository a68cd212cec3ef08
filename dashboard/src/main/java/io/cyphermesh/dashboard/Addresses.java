package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where others may reach a node, as far as nothing translates addresses in between. */
final class Addresses {
  private static final int MOST = 16;
  private static final Set<String> ALL_IPV4 = Set.of("0.0.0.0");
  private static final Set<String> ALL = Set.of("::", "0:0:0:0:0:0:0:0");

  private Addresses() {}

  /**
   * The address that a node listens on; where that is all of its machine, those of the machine,
   * public ones first.
   */
  static List<HostPort> of(Optional<String> listening) {
    if (listening.isEmpty()) {
      return List.of();
    }
    HostPort address = HostPort.parse(listening.get());
    if (!ALL_IPV4.contains(address.host()) && !ALL.contains(address.host())) {
      return List.of(address);
    }
    return machine(ALL.contains(address.host())).stream()
        .map(each -> new HostPort(each, address.port()))
        .toList();
  }

  /**
   * Whether a dial of an address ends at the node itself, as far as the address says so without
   * being looked up.
   */
  static boolean isOwn(Optional<String> listening, HostPort address) {
    if (listening.isEmpty()) {
      return false;
    }
    HostPort here = HostPort.parse(listening.get());
    if (here.port() != address.port()) {
      return false;
    }
    boolean all = ALL.contains(here.host());
    boolean allIpv4 = all || ALL_IPV4.contains(here.host());
    Optional<InetAddress> dialled = literal(address.host());
    if (dialled.isEmpty()) {
      return false;
    }
    if (!allIpv4) {
      return dialled.equals(literal(here.host()));
    }
    try {
      return (all || dialled.get() instanceof Inet4Address)
          && (dialled.get().isLoopbackAddress()
              || dialled.get().isAnyLocalAddress()
              || NetworkInterface.getByInetAddress(dialled.get()) != null);
    } catch (SocketException e) {
      // The system does not say: the dial will.
      return false;
    }
  }

  private static Optional<InetAddress> literal(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return literal("127.0.0.1");
    }
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static List<String> machine(boolean ipv6) {
    List<InetAddress> found = new ArrayList<>();
    try {
      for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
        if (each.isUp() && !each.isLoopback()) {
          each.getInterfaceAddresses().stream()
              .map(InterfaceAddress::getAddress)
              .filter(address -> ipv6 || address instanceof Inet4Address)
              .filter(address -> !address.isLinkLocalAddress() && !address.isLoopbackAddress())
              .forEach(found::add);
        }
      }
    } catch (SocketException e) {
      // The system does not say: the page tells where the node listens all the same.
    }
    return found.stream()
        .sorted(
            Comparator.comparing(Addresses::isPrivate)
                .thenComparing(address -> !(address instanceof Inet4Address)))
        .map(Addresses::text)
        .distinct()
        .limit(MOST)
        .toList();
  }

  private static boolean isPrivate(InetAddress address) {
    // fc00::/7 is what site-local was for IPv4.
    return address.isSiteLocalAddress() || (address.getAddress()[0] & 0xfe) == 0xfc;
  }

  private static String text(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }
}
