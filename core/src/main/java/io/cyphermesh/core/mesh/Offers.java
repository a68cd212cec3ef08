package io.cyphermesh.core.mesh;

import io.cyphermesh.core.protocol.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** The events that we offered the peer of one session, in the order in which we did. */
final class Offers {
  /** Most offers of a session, each way; what is beyond waits for the next one. */
  static final int MAX = 65_536;

  /** Most places that one {@link Message.WantOffered} names. */
  static final int MAX_WANTED = 256;

  private long[] items = {};
  private final BitSet asked = new BitSet();
  private int count;

  int count() {
    return count;
  }

  int room() {
    return MAX - count;
  }

  int askedFor() {
    return asked.cardinality();
  }

  /** Offers one more. There must be {@link #room}. */
  void add(long[] from, int at) {
    if (count >= MAX) {
      throw new IllegalStateException("more than " + MAX + " offers");
    }
    int end = EventSet.WORDS * count;
    if (end == items.length) {
      items = Arrays.copyOf(items, Math.max(16 * EventSet.WORDS, 2 * end));
    }
    System.arraycopy(from, at, items, end, EventSet.WORDS);
    count++;
  }

  /** What the peer asks for; empty if it never was offered, or was asked for before. */
  Optional<List<Message.Announced>> wanted(Message.WantOffered want) {
    byte[] bits = want.bits();
    if (want.first() < 0 || want.first() > MAX || bits.length > MAX_WANTED / 8) {
      return Optional.empty();
    }
    List<Message.Announced> wanted = new ArrayList<>();
    BitSet places = BitSet.valueOf(bits);
    for (int bit = places.nextSetBit(0); bit >= 0; bit = places.nextSetBit(bit + 1)) {
      int place = (int) want.first() + bit;
      if (place >= count || asked.get(place)) {
        return Optional.empty();
      }
      asked.set(place);
      wanted.add(new Message.Announced(EventSet.id(items, EventSet.WORDS * place), 0));
    }
    return wanted.isEmpty() ? Optional.empty() : Optional.of(wanted);
  }
}
