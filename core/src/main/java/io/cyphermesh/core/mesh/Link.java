package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.pipeline.TokenBucket;
import io.cyphermesh.core.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the mesh knows of one link. Each part of the mesh keeps its own fields up to date. */
final class Link {
  /** Takes part in membership. */
  static final String HYPARVIEW = "hyparview";

  /** Takes part in the broadcast tree. */
  static final String PLUMTREE = "plumtree";

  /** Takes part in reconciliation. */
  static final String RBSR = "rbsr";

  final LinkId id;
  final PeerId peer;
  final Optional<HostPort> dialled;
  final HostPort shownAddress;
  final String remoteHost;
  final boolean privateNetwork;
  final Netgroup group;
  final String agent;
  final long upSince;
  final boolean hyparview;
  final boolean plumtree;
  final boolean rbsr;

  // ---- upkeep
  long lastReceived;
  boolean closing;

  /** Whether it ends though nobody failed. */
  boolean parted;

  long pingNumber;
  long pingSent;
  boolean pinged;
  OptionalLong roundTrip = OptionalLong.empty();
  boolean awaitsPeers;
  long nextPeersWanted;
  long nextPeersAnswer;
  long nextLasting;
  long nextHeartbeat;
  long nextTls;
  Optional<Contest> contest = Optional.empty();

  /** By when whoever dialled a newer link has to have closed this one; 0: there is no newer one. */
  long supersededAt;

  // ---- membership
  LinkRole role;
  Purpose purpose = Purpose.NEIGHBOUR;

  /** Until when we wait for the answer to our request to become neighbours; 0: we asked nothing. */
  long answerDue;

  long nextRequest;

  /** Walks that it may begin or pass on: each costs signatures. */
  final TokenBucket walks;

  // ---- broadcast

  /** Whether new events go over it at once, and are not only announced. */
  boolean eager;

  /** Whether the peer asked for that. */
  boolean child;

  @Nullable NodeId beaconRoot;
  long beaconSeq;
  int beaconDepth;
  final TokenBucket beacons;
  long prunedAt;

  /** Until when it is eager though it is not the tree's; 0: as long as that is not noticed. */
  long helpsUntil;

  /** When we last told the peer again that we are its child. */
  long regraftedAt;

  List<Message.Announced> announcing = new ArrayList<>();
  List<Message.Announced> announcingLate = new ArrayList<>();

  /** Announced events that we wait for, and learned of over this link first. */
  int awaited;

  /** Events that were announced and asked for over it, and neither came nor are given up. */
  int promised;

  /** Of these, old ones. */
  int pulled;

  /** When the last of those came. */
  long servedAt;

  /** Far too old events that came among old ones and were not asked for. */
  int unasked;

  // ---- reconciliation

  /** Whether a reconciliation over it is to begin as soon as it can. */
  boolean toReconcile;

  /** When the reconciliation over this link that began last did so. */
  long reconciledSince;

  /** What the peer did for us; see {@link Scores}. */
  long score;

  /** The preferred of two links to one node has to answer a ping, else the other one stays. */
  record Contest(long ping, LinkId other, long deadline) {}

  /** What an address is dialled for. */
  enum Purpose {
    /** To have a neighbour. */
    NEIGHBOUR,
    /** To have another neighbour in the place of one. */
    MIX,
    /** To find out whether somebody is there. */
    FEELER,
    /** To reconcile. */
    SYNC
  }

  Link(Input.LinkUp up, Netgroup group, long now) {
    this.group = group;
    this.id = up.link();
    this.peer = up.peer();
    this.dialled = up.dialled();
    this.shownAddress = up.dialled().orElse(new HostPort(up.remoteHost(), up.listenPort()));
    this.remoteHost = up.remoteHost();
    this.privateNetwork = AddressBook.isPrivateNetwork(up.remoteHost());
    this.agent = up.agent();
    this.upSince = now;
    this.lastReceived = now;
    this.servedAt = now;
    this.nextPeersWanted = now;
    this.nextPeersAnswer = now;
    this.nextHeartbeat = now;
    this.nextLasting = now + Upkeep.LASTING_NANOS;
    Set<String> capabilities = up.capabilities();
    this.hyparview = capabilities.contains(HYPARVIEW);
    this.plumtree = capabilities.contains(PLUMTREE);
    this.rbsr = capabilities.contains(RBSR);
    this.role = plain() ? LinkRole.PLAIN : LinkRole.SYNC;
    this.walks = new TokenBucket(Walks.PER_SECOND, Walks.BURST, Walks.BURST, now);
    this.beacons = new TokenBucket(Tree.PER_SECOND, Tree.BURST, Tree.BURST, now);
    this.reconciledSince = Long.MIN_VALUE / 2;
    this.prunedAt = Long.MIN_VALUE / 2;
    this.regraftedAt = Long.MIN_VALUE / 2;
  }

  boolean plain() {
    return peer instanceof PeerId.PlainHost;
  }

  boolean active() {
    return role == LinkRole.ACTIVE && !closing;
  }

  boolean isDialled() {
    return dialled.isPresent();
  }

  /** Whether new events are announced over it, and go over it at once only if it is of the tree. */
  boolean inTree() {
    return role == LinkRole.ACTIVE && plumtree && !closing;
  }

  /** Whether all new events go over it, since the peer knows nothing better. */
  boolean flooded() {
    return !closing && (role == LinkRole.PLAIN || (role == LinkRole.ACTIVE && !plumtree));
  }
}
