package io.cyphermesh.bench.simulation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What goes wrong between hosts at present. */
final class Faults {
  /**
   * Share of messages that are lost; a connection would repeat them, so this is worse than real.
   */
  double loss;

  /** Share of messages that arrive twice. */
  double duplication;

  /** Share of messages that are overtaken by later ones of the same link. */
  double reordering;

  private final List<Cut> cuts = new ArrayList<>();

  /** Nothing gets from one set of hosts to another one; the way back may be open. */
  record Cut(BitSet from, BitSet to) {
    boolean stops(int sender, int receiver) {
      return from.get(sender) && to.get(receiver);
    }
  }

  void add(Cut cut) {
    cuts.add(cut);
  }

  /** Cuts both ways between a set and all others of {@code hosts} hosts. */
  void split(BitSet part, int hosts) {
    BitSet rest = new BitSet();
    rest.set(0, hosts);
    rest.andNot(part);
    add(new Cut(part, rest));
    add(new Cut(rest, part));
  }

  /** All cuts are mended. */
  void heal() {
    cuts.clear();
  }

  boolean cut(int sender, int receiver) {
    for (int i = 0; i < cuts.size(); i++) {
      if (cuts.get(i).stops(sender, receiver)) {
        return true;
      }
    }
    return false;
  }

  /** Whether single messages meet with anything. */
  boolean anyOnMessages() {
    return loss > 0 || duplication > 0 || reordering > 0;
  }
}
