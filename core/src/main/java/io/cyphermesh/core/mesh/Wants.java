package io.cyphermesh.core.mesh;

import io.cyphermesh.core.protocol.Message;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * The events that the peer of one session offered us, by their short ids, and what became of them.
 */
final class Wants {
  /** Most wants that are not answered yet. */
  private static final int MAX_OPEN = 2;

  private static final int PLACE_BITS = 16;

  private static final byte OFFERED = 0;
  private static final byte WANTED = 1;
  private static final byte ARRIVED = 2;

  /** Asked for, but there before the peer's answer. */
  private static final byte OVERTAKEN = 3;

  private static final byte SETTLED = 4;

  private byte[] states = {};

  /** Short ids and places, sorted: 48 and 16 bits. */
  private long[] index = {};

  private boolean sorted;
  private int count;
  private int next;
  private final Deque<Window> open = new ArrayDeque<>();
  private int unsettled;
  private int asked;
  private int received;
  private int refused;
  private int missing;
  private int unwanted;

  /** A want that was sent: its places, and how many of them are not settled. */
  private static final class Window {
    final int first;
    final int end;
    int asked;
    int left;
    int arrived;

    Window(int first, int end) {
      this.first = first;
      this.end = end;
    }
  }

  int received() {
    return received;
  }

  int refused() {
    return refused;
  }

  int missing() {
    return missing;
  }

  /** Offered, but known to be ignored. */
  int unwanted() {
    return unwanted;
  }

  int asked() {
    return asked;
  }

  int room() {
    return Offers.MAX - count;
  }

  /** Whether wants are on their way. */
  boolean waiting() {
    return !open.isEmpty();
  }

  /** Whether there is nothing left to be wanted or waited for. */
  boolean finished() {
    return unsettled == 0;
  }

  /**
   * Takes an offer. There must be {@link #room}.
   *
   * @param ignored whether it was judged to be ignored before
   * @param present whether it is stored already
   */
  void add(long id, boolean ignored, boolean present) {
    if (count >= Offers.MAX) {
      throw new IllegalStateException("more than " + Offers.MAX + " offers");
    }
    if (count == states.length) {
      states = Arrays.copyOf(states, Math.max(16, 2 * count));
      index = Arrays.copyOf(index, states.length);
    }
    unwanted += ignored ? 1 : 0;
    states[count] = ignored || present ? SETTLED : OFFERED;
    unsettled += states[count] == OFFERED ? 1 : 0;
    index[count] = id << PLACE_BITS | count;
    count++;
    sorted = false;
  }

  /** Counts what the peer was not even told that we lack, since it was judged to be ignored. */
  void skip() {
    unwanted++;
  }

  /** What to ask for next, if anything, and if it may be asked for now. */
  Optional<Message.WantOffered> next() {
    if (open.size() >= MAX_OPEN) {
      return Optional.empty();
    }
    while (next < count && states[next] != OFFERED) {
      next++;
    }
    if (next == count) {
      return Optional.empty();
    }
    Window window = new Window(next, Math.min(count, next + Offers.MAX_WANTED));
    byte[] bits = new byte[Offers.MAX_WANTED / 8];
    int last = 0;
    for (int place = window.first; place < window.end; place++) {
      if (states[place] == OFFERED) {
        states[place] = WANTED;
        window.left++;
        last = place - window.first;
        bits[last / 8] |= (byte) (1 << (last % 8));
      }
    }
    window.asked = window.left;
    asked += window.asked;
    next = window.end;
    open.add(window);
    return Optional.of(new Message.WantOffered(window.first, Arrays.copyOf(bits, last / 8 + 1)));
  }

  /** An event came over the session's link; false if it was not asked for. */
  boolean arrived(long id) {
    for (int i = find(id); i < count && index[i] >>> PLACE_BITS == id; i++) {
      int place = place(i);
      if (states[place] == WANTED) {
        states[place] = ARRIVED;
        windowOf(place).ifPresent(this::progress);
        return true;
      }
      if (states[place] == OVERTAKEN) {
        states[place] = SETTLED;
        return true;
      }
      if (states[place] == ARRIVED) {
        return true; // It was delivered twice; the second time it is a duplicate.
      }
    }
    return false;
  }

  /**
   * Wants are answered in order: what the first answer left out does not come any more when half of
   * the second one is there.
   */
  private void progress(Window window) {
    window.arrived++;
    Window first = open.getFirst();
    if (window != first && 2 * window.arrived >= window.asked) {
      miss(first);
      open.removeIf(each -> each.left == 0);
    }
  }

  /** An event is stored or refused, wherever it came from. */
  void settled(long id, boolean stored) {
    for (int i = find(id); i < count && index[i] >>> PLACE_BITS == id; i++) {
      int place = place(i);
      switch (states[place]) {
        case OFFERED -> settle(place, SETTLED);
        case WANTED -> settle(place, OVERTAKEN);
        case ARRIVED -> {
          received += stored ? 1 : 0;
          refused += stored ? 0 : 1;
          settle(place, SETTLED);
        }
        default -> {}
      }
    }
  }

  /**
   * No more is waited for what is wanted.
   *
   * @return whether at least one event came of each want
   */
  boolean giveUpWaiting() {
    boolean some = open.stream().allMatch(window -> window.arrived > 0);
    for (Window window : open) {
      miss(window);
      for (int place = window.first; place < window.end; place++) {
        if (states[place] == ARRIVED) {
          states[place] = SETTLED;
          unsettled--;
        }
      }
    }
    open.clear();
    return some;
  }

  /** What is offered still is not wanted in this session. */
  int giveUpOffers() {
    int given = 0;
    for (int place = next; place < count; place++) {
      if (states[place] == OFFERED) {
        settle(place, SETTLED);
        given++;
      }
    }
    return given;
  }

  private void settle(int place, byte state) {
    states[place] = state;
    unsettled--;
    windowOf(place).ifPresent(window -> window.left--);
    open.removeIf(window -> window.left == 0);
  }

  private void miss(Window window) {
    for (int place = window.first; place < window.end; place++) {
      if (states[place] == WANTED) {
        states[place] = OVERTAKEN;
        unsettled--;
        window.left--;
        missing++;
      }
    }
  }

  private Optional<Window> windowOf(int place) {
    return open.stream().filter(w -> w.first <= place && place < w.end).findFirst();
  }

  private int place(int i) {
    return (int) index[i] & (1 << PLACE_BITS) - 1;
  }

  /** Where a short id is in the index, or would be. */
  private int find(long id) {
    if (!sorted) {
      Arrays.sort(index, 0, count);
      sorted = true;
    }
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (index[middle] < id << PLACE_BITS) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
