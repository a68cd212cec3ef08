package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * When a node reconciles, and with whom: with every peer that it dials, and now and then with a
 * random one of the book, so that two parts of the network that share no neighbours have no
 * different past.
 */
final class CatchingUp {
  /** Our hello, and what refuses it. */
  private static final int ROUNDS_OF_A_REFUSAL = 2;

  /** A link that was dialled to reconcile ends when it has, or when it had this long to begin. */
  private static final long IDLE_NANOS = Duration.ofSeconds(30).toNanos();

  private static final long TRIM_NANOS = Duration.ofMinutes(1).toNanos();

  private final ReconciliationSettings settings;
  private final Outbox out;
  private final Links links;
  private final Scores scores;
  private final Membership membership;
  private final RandomGenerator random;
  private final WallTime wall;
  private final Reconciliation reconciliation;
  private long next = Long.MIN_VALUE;
  private long nextTrim = Long.MIN_VALUE;

  CatchingUp(
      ReconciliationSettings settings,
      Links links,
      Outbox out,
      Scores scores,
      Membership membership,
      RandomGenerator random,
      WallTime wall,
      Ignored ignored,
      BooleanSupplier pulling) {
    this.settings = settings;
    this.out = out;
    this.links = links;
    this.scores = scores;
    this.membership = membership;
    this.random = random;
    this.wall = wall;
    this.reconciliation =
        new Reconciliation(settings, random, out.sink(), this::ended, ignored, pulling);
  }

  // ---- events

  /** An event is stored. */
  void stored(long now, Input.EventStored stored) {
    SignedEvent event = stored.event();
    Optional<EventTime> time = event.time();
    boolean belongs =
        time.isPresent() && stored.key().equals(event.claimedId()) && event.isForAll();
    if (belongs) {
      reconciliation.stored(now, time.get().instant().toEpochMilli(), stored.key());
    } else {
      reconciliation.storedOutside(now, stored.key());
    }
  }

  void refused(long now, Input.EventRefused refused) {
    reconciliation.refused(
        now, refused.link(), refused.event().claimedId(), refused.key(), refused.why());
  }

  void loaded(Input.SetLoaded loaded) {
    reconciliation.loaded(loaded.items(), loaded.complete());
  }

  void deleted(Input.EventsDeleted deleted) {
    reconciliation.deleted(deleted.items());
  }

  /** Whether an event that came by {@link Message.Events} is one that a reconciliation wants. */
  boolean arrived(long now, Link link, EventId id) {
    if (!reconciliation.awaits(link.id)) {
      return false;
    }
    reconciliation.arrived(now, link.id, id);
    return true;
  }

  // ---- links

  void received(long now, Link link, Message message) {
    if (link.rbsr) {
      if (message instanceof Message.Digest && !reconciliation.running(link.id)) {
        link.reconciledSince = now;
      }
      reconciliation.received(now, wall.millis(now), link.id, message);
    }
  }

  void linkDown(long now, Link link) {
    reconciliation.down(now, link.id);
  }

  private void ended(Reconciled report) {
    Link link = links.open(report.link());
    if (link == null) {
      return;
    }
    out.add(new Output.CaughtUp(link.peer, report));
    switch (report.result()) {
      case LIED -> scores.lie(link);
      case UNFINISHED -> {
        scores.unfinished(link);
        again(link);
      }
      case BEGUN_ANEW -> scores.unfinished(link);
      case BROKEN_PROMISE -> {
        if (report.received() + report.refused() == 0) {
          scores.notServed(link);
          again(link);
        } else {
          scores.unfinished(link);
        }
      }
      case DECLINED -> {
        // Later it may end it since we were too slow.
        if (!report.initiated() && report.rounds() <= ROUNDS_OF_A_REFUSAL) {
          scores.askedForNothing(link);
        }
      }
      case EQUAL, COMPLETED, INTERRUPTED -> {}
    }
    // Where nothing moved the peer wants to be left alone for a while.
    if (report.more() && report.initiated() && report.received() + report.served() > 0) {
      link.toReconcile = true;
    } else if (!link.toReconcile) {
      partIfDone(link);
    }
  }

  /** Whoever was only busy does better the next time, and whoever is of no use is soon gone. */
  private static void again(Link link) {
    link.toReconcile = link.score >= Scores.LEAST;
  }

  private void partIfDone(Link link) {
    if (link.purpose == Link.Purpose.SYNC
        && link.role == LinkRole.SYNC
        && link.isDialled()
        && !reconciliation.running(link.id)) {
      links.part(link, "it was dialled to reconcile");
    }
  }

  // ---- time

  void tick(long now) {
    if (now >= reconciliation.nextWake()) {
      reconciliation.tick(now);
    }
  }

  /** Whether a reconciliation waits for events that it asked for. */
  boolean fetching() {
    return reconciliation.fetching();
  }

  /** How many events are compared, those of this moment included. */
  long compared() {
    return reconciliation.size();
  }

  /** Begins what is due; called twice a second. */
  void tend(long now) {
    if (next == Long.MIN_VALUE) {
      next = now + random.nextLong(settings.every().toNanos());
      nextTrim = now;
    }
    if (!reconciliation.ready()) {
      return;
    }
    if (now >= nextTrim) {
      nextTrim = now + TRIM_NANOS;
      reconciliation.trimBefore(wall.millis(now) - settings.retention().toMillis());
    }
    if (now >= next) {
      long fifth = settings.every().toNanos() / 5;
      next = now + 4 * fifth + random.nextLong(2 * fifth + 1);
      if (random.nextBoolean() || !membership.dialForSync(now)) {
        List<Link> able = links.where(l -> l.rbsr);
        if (!able.isEmpty()) {
          able.get(random.nextInt(able.size())).toReconcile = true;
        }
      }
    }
    for (Link link : links.where(l -> l.toReconcile || l.purpose == Link.Purpose.SYNC)) {
      if (link.toReconcile && reconciliation.start(now, wall.millis(now), link.id)) {
        link.toReconcile = false;
        link.reconciledSince = now;
      } else if (now - link.upSince > IDLE_NANOS) {
        partIfDone(link);
      }
    }
  }

  /** When {@link #tick} is next to be called. */
  long nextWake() {
    return reconciliation.nextWake();
  }

  void sizes(Map<String, Integer> sizes) {
    sizes.put("sessions", reconciliation.sessions());
  }
}
