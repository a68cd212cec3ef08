package io.cyphermesh.core.mesh;

import io.cyphermesh.core.identity.PeerId;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Peers that are ignored, and until when. Beyond the most, the one that ends first is forgotten.
 */
final class Blocks {
  static final int MOST = 10_000;

  private final Map<PeerId, Block> blocks = new TreeMap<>();
  private final NavigableSet<Block> byEnd =
      new TreeSet<>(Comparator.comparingLong(Block::until).thenComparingLong(Block::number));
  private long number;

  private record Block(PeerId peer, long until, long number) {}

  void add(PeerId peer, long until) {
    remove(peer);
    if (blocks.size() >= MOST) {
      remove(byEnd.first().peer());
    }
    Block block = new Block(peer, until, ++number);
    blocks.put(peer, block);
    byEnd.add(block);
  }

  void remove(PeerId peer) {
    Block removed = blocks.remove(peer);
    if (removed != null) {
      byEnd.remove(removed);
    }
  }

  boolean contains(PeerId peer) {
    return blocks.containsKey(peer);
  }

  /** Whether there were any that have ended. */
  boolean forgetPassed(long now) {
    boolean any = false;
    while (!byEnd.isEmpty() && byEnd.first().until() <= now) {
      remove(byEnd.first().peer());
      any = true;
    }
    return any;
  }

  Set<PeerId> peers() {
    return Collections.unmodifiableSet(blocks.keySet());
  }
}
