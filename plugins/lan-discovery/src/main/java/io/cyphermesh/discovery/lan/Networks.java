package io.cyphermesh.discovery.lan;

import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import org.slf4j.Logger;

/** The networks that this host is in. They come and go, so they are looked up again and again. */
final class Networks {
  /** Between two looks: hosts with very many interfaces exist, and packets come at any rate. */
  private static final Duration GOOD_FOR = Duration.ofSeconds(5);

  private final List<String> names;
  private final Logger logger;
  private List<Subnet> subnets = List.of();
  private Instant lookedAt = Instant.MIN;

  /**
   * @param names interfaces to use; none for all but loopback
   */
  Networks(List<String> names, Logger logger) {
    this.names = names;
    this.logger = logger;
  }

  List<Subnet> at(Instant now) {
    if (now.isBefore(lookedAt) || !now.isBefore(lookedAt.plus(GOOD_FOR))) {
      subnets = look();
      lookedAt = now;
    }
    return subnets;
  }

  private List<Subnet> look() {
    List<Subnet> found = new ArrayList<>();
    try {
      Enumeration<NetworkInterface> all = NetworkInterface.getNetworkInterfaces();
      while (all.hasMoreElements()) {
        add(all.nextElement(), found);
      }
    } catch (SocketException e) {
      // An interface that goes away while it is asked; what was found until then counts.
      logger.debug("the network interfaces cannot be listed", e);
    }
    if (!found.equals(subnets)) {
      logger.debug("networks: {}", found);
    }
    return List.copyOf(found);
  }

  private void add(NetworkInterface each, List<Subnet> found) throws SocketException {
    boolean wanted = names.isEmpty() ? !each.isLoopback() : names.contains(each.getName());
    if (!wanted || !each.isUp() || each.isPointToPoint()) {
      return;
    }
    for (InterfaceAddress address : each.getInterfaceAddresses()) {
      int prefix = address.getNetworkPrefixLength();
      if (address.getAddress() instanceof Inet4Address own
          && (address.getBroadcast() != null || each.isLoopback())
          && prefix >= 1
          && prefix <= Subnet.LONGEST) {
        found.add(new Subnet(own, prefix));
      }
    }
  }
}
