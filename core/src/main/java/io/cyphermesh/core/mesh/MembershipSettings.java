package io.cyphermesh.core.mesh;

import java.time.Duration;

/**
 * Whom a node has as neighbours (HyParView), and how it keeps them well mixed.
 *
 * @param dialled neighbours that a node dials and keeps
 * @param dialledMost most of them, those included that random walks brought
 * @param dialledUnreachable how many where nobody can reach the node
 * @param neighbours most in all, accepted ones included
 * @param withoutMembership most accepted neighbours that take no part in membership: nobody can ask
 *     them to give way
 * @param syncLinks most accepted links beside them, which serve reconciliation alone
 * @param perNetgroup most neighbours in one network; private addresses are exempt, here and below
 * @param dialledPerNetgroup most dialled neighbours in one network
 * @param passive known addresses in reserve
 * @param shuffleNeighbours addresses of neighbours in one shuffle
 * @param shufflePassive addresses of the reserve in one shuffle
 * @param shuffleEvery time between shuffles, give or take a fifth
 * @param activeWalk links that the walk of a newcomer or a shuffle crosses
 * @param passiveWalk with so many left a newcomer is taken into the reserve on the way
 * @param evictEvery most often one accepted neighbour gives way to a request of high priority
 * @param mixEvery time between exchanges of one dialled neighbour
 * @param mixQuickly the same after losses
 * @param mixQuicklyFor how long losses make for quick mixing
 * @param losses so many within {@code lossWindow} do
 * @param lossWindow see {@code losses}
 * @param feelEvery time between dials that try out one new address
 * @param atOnce dials at a time for one missing neighbour
 */
public record MembershipSettings(
    int dialled,
    int dialledMost,
    int dialledUnreachable,
    int neighbours,
    int withoutMembership,
    int syncLinks,
    int perNetgroup,
    int dialledPerNetgroup,
    int passive,
    int shuffleNeighbours,
    int shufflePassive,
    Duration shuffleEvery,
    int activeWalk,
    int passiveWalk,
    Duration evictEvery,
    Duration mixEvery,
    Duration mixQuickly,
    Duration mixQuicklyFor,
    int losses,
    Duration lossWindow,
    Duration feelEvery,
    int atOnce) {
  /** As measured in the simulator. */
  public static final MembershipSettings DEFAULTS =
      new MembershipSettings(
          6,
          7,
          8,
          16,
          4,
          64,
          2,
          1,
          120,
          4,
          12,
          Duration.ofSeconds(60),
          6,
          3,
          Duration.ofSeconds(10),
          Duration.ofSeconds(300),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          2,
          Duration.ofSeconds(10),
          Duration.ofSeconds(120),
          3);

  /** These, but for the neighbours that a node dials and keeps. */
  public MembershipSettings withDialled(int wanted) {
    return new MembershipSettings(
        wanted,
        Math.max(wanted, Math.min(wanted + 1, neighbours)),
        Math.max(wanted, dialledUnreachable),
        Math.max(wanted, neighbours),
        withoutMembership,
        syncLinks,
        perNetgroup,
        dialledPerNetgroup,
        passive,
        shuffleNeighbours,
        shufflePassive,
        shuffleEvery,
        activeWalk,
        passiveWalk,
        evictEvery,
        mixEvery,
        mixQuickly,
        mixQuicklyFor,
        losses,
        lossWindow,
        feelEvery,
        atOnce);
  }
}
