package io.cyphermesh.core.mesh;

/**
 * What peers do for us, link by link and in memory alone: it decides who stays a neighbour, and is
 * apart from the reputation of wire-protocol 4, which follows its rule exactly.
 */
final class Scores {
  /** What earns, and how much can be saved up, so that nobody misbehaves on old merits for long. */
  private static final long MOST = 100;

  private static final long FIRST_DELIVERY = 1;
  private static final long BROKEN_PROMISE = -5;
  private static final long ASKED_FOR_NOTHING = -20;
  private static final long PUSHED_OLD = -20;
  private static final long UNFINISHED = -60;
  private static final long NOT_SERVED = -101;
  private static final long LIE = -300;

  /** Below it a link goes where there are others, and its peer stays away for a while. */
  static final long LEAST = -100;

  /** Below it a link goes, be it the last one: no honest peer is that busy. */
  static final long WORST = -190;

  /** Whoever may only have been busy is welcome again sooner. */
  static final long AWAY_NANOS = 600_000_000_000L;

  static final long AWAY_LONG_NANOS = 3_600_000_000_000L;

  /** What was bad is forgotten by so much each {@link #HEAL_NANOS}. */
  private static final long HEALED = 2;

  static final long HEAL_NANOS = 60_000_000_000L;

  /** An event came over it before it came over any other. */
  void firstDelivery(Link link) {
    add(link, FIRST_DELIVERY);
  }

  /** An event that was announced and asked for did not come. */
  void brokenPromise(Link link) {
    add(link, BROKEN_PROMISE);
  }

  /** The same of an old one: its sender may be busy with those that others asked for. */
  void brokenLatePromise(Link link) {
    blame(link, BROKEN_PROMISE);
  }

  /** An event was sent as new that is older than any that spreads so. */
  void pushedOld(Link link) {
    blame(link, PUSHED_OLD);
  }

  /** A reconciliation ended before its time by the peer's doing, or not at all. */
  void unfinished(Link link) {
    blame(link, UNFINISHED);
  }

  /** A peer began a reconciliation and ended it when it was asked what it meant. */
  void askedForNothing(Link link) {
    blame(link, ASKED_FOR_NOTHING);
  }

  /** A peer offered events, was asked for them and sent none: it has no use, or was very busy. */
  void notServed(Link link) {
    blame(link, NOT_SERVED);
  }

  /** Time heals; called once each {@link #HEAL_NANOS}. */
  void heal(Link link) {
    if (link.score < 0) {
      link.score = Math.min(0, link.score + HEALED);
    }
  }

  /** The peer sent what no honest one does. */
  void lie(Link link) {
    add(link, LIE);
  }

  /** For what need not be ill will; it is never the worst. */
  private static void blame(Link link, long change) {
    add(link, Math.min(0, Math.max(change, WORST - link.score)));
  }

  private static void add(Link link, long change) {
    link.score = Math.min(MOST, link.score + change);
  }
}
