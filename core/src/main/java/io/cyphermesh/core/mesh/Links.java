package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All links that are up, in the order in which they came. */
final class Links {
  /** Why a link ends that is one too many. */
  static final String AS_MANY = "as many links as are allowed";

  private final Outbox out;
  private long changes;

  /** The same in their order, made anew where one came or went: they are looked through often. */
  private List<Link> listed = List.of();

  /** By the place in that list: the link's number, which rises. */
  private long[] numbers = {};

  /** By the place in that list: the hash of the peer, so that few peers are looked at. */
  private int[] peerHashes = {};

  Links(Outbox out) {
    this.out = out;
  }

  void add(Link link) {
    int place = place(link.id);
    List<Link> more = new ArrayList<>(listed);
    if (place >= 0) {
      more.set(place, link);
    } else {
      more.add(-1 - place, link);
    }
    list(more);
    changed();
  }

  private void list(List<Link> links) {
    listed = List.copyOf(links);
    numbers = new long[listed.size()];
    peerHashes = new int[listed.size()];
    for (int i = 0; i < numbers.length; i++) {
      Link link = listed.get(i);
      numbers[i] = link.id.number();
      peerHashes[i] = link.peer.node().map(NodeId::hashCode).orElse(0);
    }
  }

  private int place(LinkId id) {
    return Arrays.binarySearch(numbers, id.number());
  }

  @Nullable Link remove(LinkId id) {
    changed();
    int place = place(id);
    if (place < 0) {
      return null;
    }
    List<Link> fewer = new ArrayList<>(listed);
    Link removed = fewer.remove(place);
    list(fewer);
    return removed;
  }

  /** The link, also one that is being closed. */
  @Nullable Link get(LinkId id) {
    int place = place(id);
    return place < 0 ? null : listed.get(place);
  }

  /** The link, unless it is gone or going. */
  @Nullable Link open(LinkId id) {
    Link link = get(id);
    return link == null || link.closing ? null : link;
  }

  /** All of them, those included that are being closed; what comes later is not in this list. */
  List<Link> all() {
    return listed;
  }

  List<Link> where(Predicate<Link> wanted) {
    List<Link> found = new ArrayList<>();
    for (Link link : listed) {
      if (!link.closing && wanted.test(link)) {
        found.add(link);
      }
    }
    return found;
  }

  /** Whether there is one to a node. */
  boolean has(NodeId node) {
    int hash = node.hashCode();
    for (int i = 0; i < peerHashes.length; i++) {
      if (peerHashes[i] == hash && !listed.get(i).closing && listed.get(i).peer.is(node)) {
        return true;
      }
    }
    return false;
  }

  int count(Predicate<Link> wanted) {
    int count = 0;
    for (Link link : listed) {
      if (!link.closing && wanted.test(link)) {
        count++;
      }
    }
    return count;
  }

  void close(Link link, String reason) {
    if (!link.closing) {
      link.closing = true;
      changed();
      out.add(new Output.Close(link.id, reason));
    }
  }

  /** Closes a link that did nothing wrong: its address may be dialled again soon. */
  void part(Link link, String reason) {
    link.parted = true;
    close(link, reason);
  }

  /** Something changed that people see. */
  void changed() {
    changes++;
  }

  long changes() {
    return changes;
  }

  Set<HostPort> addresses() {
    Set<HostPort> addresses = new TreeSet<>(AddressBook.ORDER);
    for (Link link : listed) {
      if (!link.closing) {
        addresses.add(link.shownAddress);
      }
    }
    return addresses;
  }

  Set<NodeId> peers() {
    Set<NodeId> peers = new TreeSet<>();
    for (Link link : listed) {
      if (!link.closing) {
        link.peer.node().ifPresent(peers::add);
      }
    }
    return peers;
  }
}
