package io.cyphermesh.bench.simulation;

import io.cyphermesh.core.mesh.BroadcastSettings;
import io.cyphermesh.core.mesh.MembershipSettings;
import io.cyphermesh.core.mesh.MeshSettings;
import io.cyphermesh.core.mesh.PlainSettings;
import io.cyphermesh.core.mesh.ReconciliationSettings;
import java.time.Duration;
import java.util.Set;

/**
 * A design that is measured: the same mesh, set and spoken to in one way or another.
 *
 * @param name for figures
 * @param title for tables
 * @param capabilities what its nodes say in HELLO that they can do
 * @param replays whether its nodes send what they have over a new link, to peers that cannot
 *     reconcile
 */
record Variant(
    String name, String title, MeshSettings settings, Set<String> capabilities, boolean replays) {
  private static final Duration NEVER = Duration.ofDays(3_650);

  /** As shipped. */
  static final Variant DESIGN =
      new Variant(
          "design",
          "this design",
          settings(MembershipSettings.DEFAULTS, BroadcastSettings.DEFAULTS),
          Set.of("hyparview", "plumtree", "rbsr"),
          true);

  /**
   * HyParView and Plumtree with the parameters of their papers, and nothing beside them. Each dials
   * two and is dialled by as many, and newcomers' walks fill the five up: with more of one's own
   * nobody would ever have room for all who ask.
   */
  static final Variant USUAL =
      new Variant(
          "usual",
          "usual parameters",
          settings(
              new MembershipSettings(
                  2,
                  5,
                  5,
                  5,
                  Integer.MAX_VALUE,
                  16,
                  Integer.MAX_VALUE,
                  Integer.MAX_VALUE,
                  30,
                  3,
                  4,
                  Duration.ofSeconds(60),
                  6,
                  3,
                  Duration.ofSeconds(10),
                  NEVER,
                  NEVER,
                  Duration.ofSeconds(1),
                  Integer.MAX_VALUE,
                  Duration.ofSeconds(10),
                  NEVER,
                  1),
              new BroadcastSettings(
                  Duration.ofMillis(80),
                  0,
                  Duration.ZERO,
                  false,
                  Duration.ofMillis(20),
                  5,
                  Duration.ofSeconds(1),
                  65_536)),
          Set.of("hyparview", "plumtree"),
          false);

  /** Everything to everybody, and whoever dials is a neighbour. */
  static final Variant FLOOD =
      new Variant(
          "flood",
          "flood",
          settings(whoeverDials(MembershipSettings.DEFAULTS), BroadcastSettings.DEFAULTS),
          Set.of(),
          true);

  /** These, without a limit on those who dial. */
  private static MembershipSettings whoeverDials(MembershipSettings s) {
    return new MembershipSettings(
        s.dialled(),
        s.dialledMost(),
        s.dialledUnreachable(),
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        s.syncLinks(),
        Integer.MAX_VALUE,
        s.dialledPerNetgroup(),
        s.passive(),
        s.shuffleNeighbours(),
        s.shufflePassive(),
        s.shuffleEvery(),
        s.activeWalk(),
        s.passiveWalk(),
        s.evictEvery(),
        s.mixEvery(),
        s.mixQuickly(),
        s.mixQuicklyFor(),
        s.losses(),
        s.lossWindow(),
        s.feelEvery(),
        s.atOnce());
  }

  private static MeshSettings settings(MembershipSettings membership, BroadcastSettings broadcast) {
    return new MeshSettings(
        80,
        Duration.ofSeconds(10),
        Duration.ofSeconds(15),
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        Duration.ofMinutes(5),
        Set.of(),
        membership,
        broadcast,
        ReconciliationSettings.DEFAULTS,
        new PlainSettings(false, Duration.ofSeconds(30), Duration.ofSeconds(95)));
  }
}
