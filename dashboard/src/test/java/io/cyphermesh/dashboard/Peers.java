package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.LinkView;
import io.cyphermesh.core.view.PeerView;
import java.time.Instant;
import java.util.Optional;

/** Peers of every role, with and without trouble. */
final class Peers {
  private Peers() {}

  /** 6 active ones, 2 for reconciliation, 1 of version 1 and 30 in reserve. */
  static void fill(FakeNode node, Instant now) {
    node.peer(
        linked("lighthouse", "192.0.2.14:9001", true, 184, active(true, 23.4, 9_125, 4), now));
    node.peer(
        linked("harbour", "[2001:db8::41]:9001", false, 77, active(true, 131.9, 4_310, 1), now));
    node.peer(
        linked("observatory", "mesh.example.org:9001", true, 9, active(false, 8.1, 212, 0), now));
    node.peer(linked("mill", "198.51.100.71:9001", false, 0, active(false, 61, 80, 0), now));
    node.peer(linked("ferry", "203.0.113.140:9001", true, 41, active(true, 1_240, 6_204, 2), now));
    node.peer(linked("tavern", "198.51.100.9:9001", false, -6, active(false, 310, 18, -3), now));
    node.peer(linked("archive", "192.0.2.201:9001", true, 12, sync(44.8, 96_000, 0), now));
    node.peer(linked("library", "192.0.2.202:9001", false, 3, sync(0.4, 1_100, 1), now));
    node.peer(plain("203.0.113.61", now));
    for (int i = 1; i <= 30; i++) {
      node.peer(reserve("reserve " + i, i % 3 == 0 ? "" : "192.0.2." + (40 + i) + ":9001", now));
    }
  }

  static LinkView active(boolean tree, double millis, long events, long score) {
    return new LinkView(
        "active", tree, Optional.of(millis), events * 1_311, events * 702, events, 2_411, score);
  }

  static LinkView sync(double millis, long events, long score) {
    return new LinkView(
        "sync", false, Optional.of(millis), events * 1_450, 61_004, events, 0, score);
  }

  static PeerView linked(
      String name, String address, boolean dialled, long reputation, LinkView link, Instant now) {
    return new PeerView(
        Optional.of(FakeNode.sha256(name)),
        Optional.of(address),
        PeerView.State.CONNECTED,
        Optional.of(dialled ? "outbound" : "inbound"),
        Optional.of(dialled ? "cyphermesh/0.1.0" : "cyphermesh/0.1.0-SNAPSHOT of a far-off build"),
        reputation,
        false,
        Optional.empty(),
        Math.max(0, reputation),
        reputation < 0 ? 2 : 0,
        Optional.of(now.minusSeconds(7_200)),
        Optional.of(now),
        Optional.empty(),
        Optional.of(link),
        false,
        Optional.of(FakeNode.sha256(name)),
        false);
  }

  static PeerView plain(String ip, Instant now) {
    return new PeerView(
        Optional.empty(),
        Optional.of(ip),
        PeerView.State.CONNECTED,
        Optional.of("inbound"),
        Optional.of("v1"),
        2,
        false,
        Optional.empty(),
        2,
        0,
        Optional.of(now.minusSeconds(340)),
        Optional.of(now),
        Optional.empty(),
        Optional.of(new LinkView("v1", true, Optional.empty(), 2_640, 1_204_113, 2, 911, 0)),
        false,
        Optional.empty(),
        false);
  }

  /**
   * A node of the reserve.
   *
   * @param address empty where none is known
   */
  static PeerView reserve(String name, String address, Instant now) {
    return new PeerView(
        Optional.of(FakeNode.sha256(name)),
        Optional.of(address).filter(a -> !a.isEmpty()),
        PeerView.State.DISCONNECTED,
        Optional.empty(),
        Optional.empty(),
        0,
        false,
        Optional.empty(),
        0,
        0,
        Optional.empty(),
        address.isEmpty() ? Optional.empty() : Optional.of(now.minusSeconds(86_400)),
        Optional.empty(),
        Optional.empty(),
        true,
        Optional.of(FakeNode.sha256(name)),
        false);
  }
}
