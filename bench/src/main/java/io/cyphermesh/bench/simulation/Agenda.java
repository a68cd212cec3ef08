package io.cyphermesh.bench.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen when, in order of time, and of entry where times are equal.
 *
 * <p>A wheel of short buckets takes what lies within its turn of a few seconds, each sorted when
 * its time has come; a heap takes the rest: what is further away, and what is due within the bucket
 * that is being emptied. Entries are numbers in arrays, so that hundreds of thousands under way
 * cost no objects. (A timing wheel after Varghese and Lauck, 1987.)
 */
final class Agenda {
  private static final int BUCKET_BITS = 16;
  private static final int BUCKETS = 1 << 16;
  private static final long OFFSET_MASK = (1L << BUCKET_BITS) - 1;
  private static final int NONE = -1;
  private static final int STRIDE_BITS = 2;
  private static final int ORDER = 1;
  private static final int TAG = 2;
  private static final int NEXT = 3;

  /** Of each slot its time, order, tag, and the next one of its chain: what one look takes in. */
  private long[] slots = new long[1024 << STRIDE_BITS];

  private @Nullable Object[] things = new Object[1024];
  private int free = NONE;
  private int used;
  private int size;
  private long order;

  private final int[] first = new int[BUCKETS];
  private final int[] last = new int[BUCKETS];

  /** Number of the bucket that is being emptied; those up to it are empty. */
  private long bucket;

  private int waiting;
  private long[] open = new long[64];
  private int[] openSlots = new int[64];
  private int openCount;
  private int openAt;

  private int[] heap = new int[1024];
  private int heapSize;

  private int current = NONE;

  Agenda() {
    Arrays.fill(first, NONE);
  }

  /** Enters something for a time, which must not be before the last one that was taken. */
  void add(long at, Object thing, long tag) {
    int slot = slot();
    int base = slot << STRIDE_BITS;
    slots[base] = at;
    slots[base + ORDER] = order++;
    slots[base + TAG] = tag;
    slots[base + NEXT] = NONE;
    things[slot] = thing;
    size++;
    long number = at >>> BUCKET_BITS;
    if (number > bucket && number < bucket + BUCKETS) {
      int place = (int) (number & (BUCKETS - 1));
      if (first[place] == NONE) {
        first[place] = slot;
      } else {
        slots[(last[place] << STRIDE_BITS) + NEXT] = slot;
      }
      last[place] = slot;
      waiting++;
    } else {
      push(slot);
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /**
   * Takes the next entry, to be read by {@link #time}, {@link #thing} and {@link #tag}.
   *
   * @return false if none is due by {@code until}
   */
  boolean next(long until) {
    release();
    fill(until);
    int slot;
    if (openAt < openCount) {
      int candidate = openSlots[(int) (open[openAt] & 0xffff_ffffL)];
      slot = heapSize > 0 && before(heap[0], candidate) ? heap[0] : candidate;
    } else if (heapSize > 0) {
      slot = heap[0];
    } else {
      return false;
    }
    if (at(slot) > until) {
      return false;
    }
    if (heapSize > 0 && slot == heap[0]) {
      pop();
    } else {
      openAt++;
    }
    size--;
    current = slot;
    return true;
  }

  /** When the entry that was taken is due. */
  long time() {
    return at(current);
  }

  /** What the entry that was taken is about. */
  Object thing() {
    Object thing = things[current];
    if (thing == null) {
      throw new IllegalStateException("nothing was taken");
    }
    return thing;
  }

  long tag() {
    return slots[(current << STRIDE_BITS) + TAG];
  }

  private void release() {
    if (current != NONE) {
      things[current] = null;
      slots[(current << STRIDE_BITS) + NEXT] = free;
      free = current;
      current = NONE;
    }
  }

  /** Opens the next bucket in which there is something, if it is due before the heap's least. */
  private void fill(long until) {
    while (openAt == openCount && waiting > 0) {
      long limit = heapSize > 0 ? Math.min(until, at(heap[0])) : until;
      if ((bucket + 1) << BUCKET_BITS > limit) {
        return;
      }
      bucket++;
      int place = (int) (bucket & (BUCKETS - 1));
      if (first[place] != NONE) {
        open(place);
      }
    }
    if (openAt == openCount && heapSize > 0) {
      // Nothing is on the wheel: it may turn on at once.
      long limit = Math.min(until, at(heap[0]));
      bucket = Math.max(bucket, (limit >>> BUCKET_BITS) - 1);
    }
  }

  private void open(int place) {
    openCount = 0;
    openAt = 0;
    for (int slot = first[place]; slot != NONE; slot = next(slot)) {
      if (openCount == open.length) {
        open = Arrays.copyOf(open, 2 * openCount);
        openSlots = Arrays.copyOf(openSlots, 2 * openCount);
      }
      // Entered in order: the place in the chain decides between equal times.
      open[openCount] = (at(slot) & OFFSET_MASK) << Integer.SIZE | openCount;
      openSlots[openCount++] = slot;
    }
    first[place] = NONE;
    waiting -= openCount;
    Arrays.sort(open, 0, openCount);
  }

  private int slot() {
    if (free != NONE) {
      int slot = free;
      free = next(slot);
      return slot;
    }
    if (used == things.length) {
      slots = Arrays.copyOf(slots, (2 * used) << STRIDE_BITS);
      things = Arrays.copyOf(things, 2 * used);
    }
    return used++;
  }

  private long at(int slot) {
    return slots[slot << STRIDE_BITS];
  }

  private int next(int slot) {
    return (int) slots[(slot << STRIDE_BITS) + NEXT];
  }

  private boolean before(int a, int b) {
    return at(a) < at(b)
        || (at(a) == at(b)
            && slots[(a << STRIDE_BITS) + ORDER] < slots[(b << STRIDE_BITS) + ORDER]);
  }

  private void push(int slot) {
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, 2 * heapSize);
    }
    int at = heapSize++;
    while (at > 0) {
      int parent = (at - 1) >> 2;
      if (!before(slot, heap[parent])) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = slot;
  }

  private void pop() {
    int slot = heap[--heapSize];
    int at = 0;
    while (true) {
      int child = 4 * at + 1;
      if (child >= heapSize) {
        break;
      }
      int end = Math.min(child + 4, heapSize);
      int least = child;
      for (int i = child + 1; i < end; i++) {
        if (before(heap[i], heap[least])) {
          least = i;
        }
      }
      if (!before(heap[least], slot)) {
        break;
      }
      heap[at] = heap[least];
      at = least;
    }
    heap[at] = slot;
  }
}
