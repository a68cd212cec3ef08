package io.cyphermesh.core.mesh;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import java.util.Optional;
import java.util.OptionalLong;

/** Sees to it that links are alive, that there is one a peer, and that addresses are exchanged. */
final class Upkeep {
  /** A link that was up for so long has lasted; its address is told so as often. */
  static final long LASTING_NANOS = 5_000_000_000L;

  private static final long PEERS_WANTED_NANOS = 300_000_000_000L;

  /** The same of all links together, once so many addresses are known. */
  private static final long PEERS_WANTED_AGAIN_NANOS = 60_000_000_000L;

  private static final int ENOUGH_ADDRESSES = 200;

  /** A node has one of each kind of address. */
  private static final int ADDRESSES_OF_ONE = 2;

  /** An answer is a thousand times as long as the question: nobody gets it more often than this. */
  private static final long PEERS_ANSWER_NANOS = 60_000_000_000L;

  /**
   * A node that was too busy for TLS once must not stay a stranger for as long as its link lasts.
   */
  private static final long TLS_AGAIN_NANOS = 600_000_000_000L;

  /** How often a round trip is measured on a link that is not idle. */
  private static final long MEASURE_NANOS = 30_000_000_000L;

  private static final String SUPERSEDED = "a newer link to the same node";

  private final MeshSettings settings;
  private final NodeId self;
  private final AddressBook book;
  private final Links links;
  private final Outbox out;
  private final RoundTrips roundTrips;
  private long pingNumber;
  private long nextPeersWanted;

  Upkeep(
      MeshSettings settings,
      NodeId self,
      AddressBook book,
      Links links,
      Outbox out,
      RoundTrips roundTrips) {
    this.settings = settings;
    this.self = self;
    this.book = book;
    this.links = links;
    this.out = out;
    this.roundTrips = roundTrips;
  }

  /** A link came up beside those that there are to the same node: one of them has to go. */
  void settle(long now, Link link) {
    links
        .where(other -> other != link && other.peer.equals(link.peer))
        .forEach(other -> settle(now, other, link));
  }

  private void settle(long now, Link older, Link newer) {
    if (older.isDialled() && newer.isDialled()) {
      links.close(older, SUPERSEDED);
      return;
    }
    if (!older.isDialled() && !newer.isDialled()) {
      // Which one is newer is the dialler's to say: two at the same time may come up here in the
      // other order, and both would be closed. It is only helped where it forgot the older one.
      if (older.supersededAt == 0) {
        older.supersededAt = now + settings.contest().toNanos();
      }
      return;
    }
    boolean oursIsPreferred = new PeerId.Node(self).compareTo(newer.peer) < 0;
    Link preferred = newer.isDialled() == oursIsPreferred ? newer : older;
    Link other = preferred == newer ? older : newer;
    Link.Contest contest =
        new Link.Contest(++pingNumber, other.id, now + settings.contest().toNanos());
    preferred.contest = Optional.of(contest);
    out.send(preferred, new Message.Ping(contest.ping()));
  }

  /** A plain link came up. */
  void beat(long now, Link link) {
    link.nextHeartbeat = now + settings.plain().heartbeat().toNanos();
    link.nextTls = now + TLS_AGAIN_NANOS;
    out.send(link, new Message.Heartbeat());
  }

  void heard(long now, Link link) {
    link.lastReceived = now;
  }

  void ping(long now, Link link) {
    link.pinged = true;
    link.pingSent = now;
    link.pingNumber = ++pingNumber;
    out.send(link, new Message.Ping(link.pingNumber));
  }

  void pong(long now, Link link, long number) {
    if (link.pinged && number == link.pingNumber) {
      link.pinged = false;
      link.roundTrip = OptionalLong.of(now - link.pingSent);
      roundTrips.add(now - link.pingSent);
    }
    link.contest
        .filter(contest -> contest.ping() == number)
        .ifPresent(
            contest -> {
              link.contest = Optional.empty();
              Link other = links.open(contest.other());
              if (other != null) {
                links.close(other, "a second link to the same node");
              }
            });
  }

  /** A link came up: who is there is asked for its own address, or for all that it knows. */
  void linkUp(long now, Link link) {
    if (lacksPeers(now)) {
      wantPeers(now, link);
    } else {
      wantPeers(now, link, ADDRESSES_OF_ONE);
    }
  }

  /** A full answer has 100 KB, which few links are worth where the book is well filled. */
  private boolean lacksPeers(long now) {
    return book.size() < ENOUGH_ADDRESSES || now >= nextPeersWanted;
  }

  private void wantPeers(long now, Link link) {
    nextPeersWanted = now + PEERS_WANTED_AGAIN_NANOS;
    wantPeers(now, link, Message.Peers.MAX_RECORDS);
  }

  private void wantPeers(long now, Link link, int most) {
    link.awaitsPeers = true;
    link.nextPeersWanted = now + PEERS_WANTED_NANOS;
    out.send(link, new Message.PeersWanted(most));
  }

  void peersWanted(long now, Link link, int most) {
    if (now >= link.nextPeersAnswer) {
      link.nextPeersAnswer = now + PEERS_ANSWER_NANOS;
      out.send(link, new Message.Peers(book.records(most, link.privateNetwork)));
    }
  }

  /** Only an answer is looked at: signatures cost time, and nobody else may spend it. */
  void peers(Link link, Message.Peers peers) {
    if (link.awaitsPeers) {
      link.awaitsPeers = false;
      out.add(new Output.VerifyPeers(link.id, peers.records()));
    }
  }

  /** Looks after every link; called twice a second. */
  void tick(long now) {
    for (Link link : links.all()) {
      if (link.closing) {
        continue;
      }
      if (link.plain()) {
        tickPlain(now, link);
      } else {
        tick(now, link);
      }
      if (!link.closing && now >= link.nextLasting) {
        link.nextLasting = now + LASTING_NANOS;
        link.dialled.ifPresent(book::lasted);
      }
    }
  }

  private void tick(long now, Link link) {
    long idle = now - link.lastReceived;
    long dead = settings.pingAfter().plus(settings.deadAfter()).toNanos();
    if (idle >= dead) {
      links.close(
          link,
          "no sign of life for "
              + settings.pingAfter().plus(settings.deadAfter()).toSeconds()
              + " s");
    } else if (idle >= settings.pingAfter().toNanos()
        ? !link.pinged || link.pingSent < link.lastReceived
        : link.role == LinkRole.ACTIVE
            && link.hyparview
            && (link.pingNumber == 0 || now - link.pingSent >= MEASURE_NANOS)) {
      ping(now, link);
    }
    link.contest
        .filter(contest -> now >= contest.deadline())
        .ifPresent(
            contest -> {
              link.contest = Optional.empty();
              if (links.get(contest.other()) != null) {
                links.close(link, "a second link to the same node, and it does not answer");
              }
            });
    if (link.supersededAt != 0 && now >= link.supersededAt) {
      link.supersededAt = 0;
      // Not that newer one alone: where it is gone there may be others, and each has its place.
      if (links.count(l -> l != link && !l.isDialled() && l.peer.equals(link.peer)) > 0) {
        links.close(link, SUPERSEDED);
      }
    }
    if (!link.closing && now >= link.nextPeersWanted && lacksPeers(now)) {
      wantPeers(now, link);
    }
  }

  private void tickPlain(long now, Link link) {
    if (now - link.lastReceived >= settings.plain().silence().toNanos()) {
      links.close(link, "no sign of life for " + settings.plain().silence().toSeconds() + " s");
      return;
    }
    if (now >= link.nextHeartbeat) {
      link.nextHeartbeat = now + settings.plain().heartbeat().toNanos();
      out.send(link, new Message.Heartbeat());
    }
    if (now >= link.nextTls) {
      link.nextTls = now + TLS_AGAIN_NANOS;
      link.dialled.ifPresent(
          address -> out.add(new Output.Dial(address, new DialPolicy.AnyNode())));
    }
  }
}
