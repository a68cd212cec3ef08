package io.cyphermesh.core.peer;

import io.cyphermesh.core.identity.PeerId.PlainHost;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The few places that there are for plain links. Who dials us proves nothing, so those that we dial
 * come first: where there is no place left, the youngest accepted link gives way to one of them.
 */
final class PlainPlaces {
  private final PlainLimits limits;
  private final Map<LinkSession, PlainHost> taken = new LinkedHashMap<>();

  PlainPlaces(PlainLimits limits) {
    this.limits = limits;
  }

  /** Takes a place for a link, if there is one. */
  synchronized boolean take(LinkSession link, PlainHost host) {
    if (!limits.accepted()) {
      return false;
    }
    boolean room =
        (ofHost(host) < limits.linksPerAddress() || (dialled(link) && giveWay(Optional.of(host))))
            && (taken.size() < limits.links() || (dialled(link) && giveWay(Optional.empty())));
    if (room) {
      taken.put(link, host);
    }
    return room;
  }

  private long ofHost(PlainHost host) {
    return taken.values().stream().filter(host::equals).count();
  }

  private static boolean dialled(LinkSession link) {
    return link.dialled().isPresent();
  }

  private boolean giveWay(Optional<PlainHost> of) {
    Optional<LinkSession> youngest =
        taken.entrySet().stream()
            .filter(entry -> !dialled(entry.getKey()))
            .filter(entry -> of.filter(host -> !host.equals(entry.getValue())).isEmpty())
            .map(Map.Entry::getKey)
            .reduce((_, later) -> later);
    youngest.ifPresent(
        link -> {
          taken.remove(link);
          link.close("gives way to a link that this node dialled");
        });
    return youngest.isPresent();
  }

  synchronized void release(LinkSession link) {
    taken.remove(link);
  }
}
