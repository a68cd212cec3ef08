package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The stored events in the order of time and id, with their number and {@link Sum} before any place
 * in O(log n): a B+ tree of primitive arrays, about 46 bytes an event.
 *
 * <p>An event is {@value #WORDS} words: its time in milliseconds since 1970, and its id as four
 * unsigned big-endian numbers.
 */
final class EventSet {
  /** Words of an event. */
  static final int WORDS = 5;

  /** A node's sum costs 64 bytes, and a place within a leaf half a leaf of SHA-512. */
  private static final int LEAF = 64;

  private static final int FANOUT = 64;
  private static final int STEP = 8;
  private static final long[] NO_ITEMS = {};
  private static final Node[] NO_KIDS = {};

  private final Sum.Maker maker = new Sum.Maker();
  private final Sum single = new Sum();
  private final long[] key = new long[WORDS];
  private Node root = new Node(NO_KIDS, new long[WORDS]);

  /** A leaf has items, another node kids; both have {@code n} of them. */
  private static final class Node {
    final Sum sum = new Sum();

    /** Not above any item within, and above all before; of no meaning in a first kid. */
    long[] low;

    final boolean leaf;
    long[] items = NO_ITEMS;
    Node[] kids;
    int n;

    Node(Node[] kids, long[] low) {
      this.kids = kids;
      this.low = low;
      this.leaf = kids.length == 0;
    }
  }

  /**
   * A place between events: in front of all whose (time, first word of the id) is not smaller.
   *
   * @param prefix the first 8 bytes of an id, or fewer of them and zeros
   */
  record Bound(long time, long prefix) implements Comparable<Bound> {
    @Override
    public int compareTo(Bound other) {
      return time != other.time
          ? Long.compare(time, other.time)
          : Long.compareUnsigned(prefix, other.prefix);
    }
  }

  long size() {
    return root.sum.count();
  }

  /** Puts an event in; false if it was there. */
  boolean add(long timeMillis, EventId id) {
    key(timeMillis, id);
    maker.single(key, 0, single);
    if (!insert(root, true)) {
      return false;
    }
    if (root.n > (root.leaf ? LEAF : FANOUT)) {
      Node top = new Node(new Node[4], root.low);
      top.kids[0] = root;
      top.n = 1;
      top.sum.set(root.sum);
      split(top, 0, true);
      root = top;
    }
    return true;
  }

  /** Takes an event out; false if it was not there. */
  boolean remove(long timeMillis, EventId id) {
    key(timeMillis, id);
    if (!contains()) {
      return false;
    }
    maker.single(key, 0, single);
    delete(root);
    shrinkRoot();
    return true;
  }

  boolean contains(long timeMillis, EventId id) {
    key(timeMillis, id);
    return contains();
  }

  /** Takes out all events before a time. */
  void trimBefore(long timeMillis) {
    trim(root, new Bound(timeMillis, 0));
    shrinkRoot();
  }

  /** Makes {@code target} the sum of all events before a bound; its count is the bound's rank. */
  void before(Bound bound, Sum target) {
    target.clear();
    Node node = root;
    while (!node.leaf) {
      int kid = 0;
      while (kid + 1 < node.n && compare(node.kids[kid + 1].low, 0, bound) < 0) {
        kid++;
      }
      if (kid <= node.n / 2) {
        for (int i = 0; i < kid; i++) {
          target.add(node.kids[i].sum);
        }
      } else {
        target.add(node.sum);
        for (int i = kid; i < node.n; i++) {
          target.subtract(node.kids[i].sum);
        }
      }
      node = node.kids[kid];
    }
    int end = 0;
    while (end < node.n && compare(node.items, WORDS * end, bound) < 0) {
      end++;
    }
    if (end <= node.n / 2) {
      for (int i = 0; i < end; i++) {
        maker.single(node.items, WORDS * i, single);
        target.add(single);
      }
    } else {
      target.add(node.sum);
      for (int i = end; i < node.n; i++) {
        maker.single(node.items, WORDS * i, single);
        target.subtract(single);
      }
    }
  }

  /** How many events are before a bound. */
  long rank(Bound bound) {
    long rank = 0;
    Node node = root;
    while (!node.leaf) {
      int kid = 0;
      while (kid + 1 < node.n && compare(node.kids[kid + 1].low, 0, bound) < 0) {
        rank += node.kids[kid].sum.count();
        kid++;
      }
      node = node.kids[kid];
    }
    int end = 0;
    while (end < node.n && compare(node.items, WORDS * end, bound) < 0) {
      end++;
    }
    return rank + end;
  }

  /** The {@code count} events from a rank on, {@value #WORDS} words each. */
  long[] items(long rank, int count) {
    if (rank < 0 || count < 0 || rank + count > size()) {
      throw new IndexOutOfBoundsException(rank + " + " + count + " of " + size());
    }
    long[] items = new long[WORDS * count];
    copy(root, rank, items, 0, count);
    return items;
  }

  /** The fingerprint of a sum, as {@code digest} has it. */
  byte[] fingerprint(Sum sum) {
    return maker.fingerprint(sum);
  }

  /** SHA-256 of two texts one behind the other. */
  byte[] sha256(byte[] a, byte[] b) {
    return maker.sha256(a, b);
  }

  /** The id of an event among items. */
  static EventId id(long[] items, int at) {
    StringBuilder hex = new StringBuilder(64);
    for (int i = 1; i < WORDS; i++) {
      hex.append(HexFormat.of().toHexDigits(items[at + i]));
    }
    return new EventId(hex.toString());
  }

  /** Sets four words to an id. */
  static void words(EventId id, long[] target, int at) {
    for (int i = 0; i < 4; i++) {
      target[at + i] = HexFormat.fromHexDigitsToLong(id.hex(), 16 * i, 16 * i + 16);
    }
  }

  private void key(long timeMillis, EventId id) {
    key[0] = timeMillis;
    words(id, key, 1);
  }

  private static int compare(long[] a, int at, long[] b) {
    if (a[at] != b[0]) {
      return Long.compare(a[at], b[0]);
    }
    for (int i = 1; i < WORDS; i++) {
      if (a[at + i] != b[i]) {
        return Long.compareUnsigned(a[at + i], b[i]);
      }
    }
    return 0;
  }

  private static int compare(long[] a, int at, Bound bound) {
    return a[at] != bound.time
        ? Long.compare(a[at], bound.time)
        : Long.compareUnsigned(a[at + 1], bound.prefix);
  }

  /** The kid that has the key if any does. */
  private int kidOf(Node node) {
    int low = 0;
    int high = node.n - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (compare(node.kids[middle].low, 0, key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The place of the first item that is not below the key. */
  private int placeOf(Node leaf) {
    int low = 0;
    int high = leaf.n;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(leaf.items, WORDS * middle, key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private boolean contains() {
    Node node = root;
    while (!node.leaf) {
      node = node.kids[kidOf(node)];
    }
    return isAt(node, placeOf(node));
  }

  private boolean isAt(Node leaf, int place) {
    return place < leaf.n && compare(leaf.items, WORDS * place, key) == 0;
  }

  private boolean insert(Node node, boolean last) {
    if (node.leaf) {
      int place = placeOf(node);
      if (isAt(node, place)) {
        return false;
      }
      if (WORDS * node.n == node.items.length) {
        node.items = Arrays.copyOf(node.items, WORDS * (node.n + STEP));
      }
      int at = WORDS * place;
      System.arraycopy(node.items, at, node.items, at + WORDS, WORDS * (node.n - place));
      System.arraycopy(key, 0, node.items, at, WORDS);
      node.n++;
    } else {
      int kid = kidOf(node);
      boolean lastKid = last && kid == node.n - 1;
      Node child = node.kids[kid];
      if (!insert(child, lastKid)) {
        return false;
      }
      if (child.n > (child.leaf ? LEAF : FANOUT)) {
        split(node, kid, lastKid);
      }
    }
    node.sum.add(single);
    return true;
  }

  /** Halves a kid; the last one keeps nearly all, so that ascending loads leave full leaves. */
  private void split(Node node, int kid, boolean last) {
    Node left = node.kids[kid];
    int keep = last ? left.n - 1 : left.n / 2;
    Node right;
    if (left.leaf) {
      long[] moved = Arrays.copyOfRange(left.items, WORDS * keep, WORDS * left.n);
      right = new Node(NO_KIDS, Arrays.copyOf(moved, WORDS));
      right.items = moved;
      left.items = Arrays.copyOf(left.items, WORDS * keep);
    } else {
      Node[] moved = Arrays.copyOfRange(left.kids, keep, left.n);
      right = new Node(moved, moved[0].low);
      left.kids = Arrays.copyOf(left.kids, keep);
    }
    right.n = left.n - keep;
    left.n = keep;
    addUp(right);
    left.sum.subtract(right.sum);
    if (node.n == node.kids.length) {
      node.kids = Arrays.copyOf(node.kids, node.n + STEP);
    }
    System.arraycopy(node.kids, kid + 1, node.kids, kid + 2, node.n - kid - 1);
    node.kids[kid + 1] = right;
    node.n++;
  }

  private void addUp(Node node) {
    Sum one = new Sum();
    node.sum.clear();
    for (int i = 0; i < node.n; i++) {
      if (node.leaf) {
        maker.single(node.items, WORDS * i, one);
        node.sum.add(one);
      } else {
        node.sum.add(node.kids[i].sum);
      }
    }
  }

  /** Takes out the key, which is there. */
  private void delete(Node node) {
    node.sum.subtract(single);
    if (node.leaf) {
      removeItems(node, placeOf(node), 1);
      return;
    }
    int kid = kidOf(node);
    delete(node.kids[kid]);
    tidy(node, kid);
  }

  private static void removeItems(Node leaf, int place, int count) {
    int after = WORDS * (place + count);
    System.arraycopy(leaf.items, after, leaf.items, WORDS * place, WORDS * leaf.n - after);
    leaf.n -= count;
    if (leaf.items.length > WORDS * (leaf.n + 2 * STEP)) {
      leaf.items = Arrays.copyOf(leaf.items, WORDS * leaf.n);
    }
  }

  private static void removeKids(Node node, int kid, int count) {
    System.arraycopy(node.kids, kid + count, node.kids, kid, node.n - kid - count);
    Arrays.fill(node.kids, node.n - count, node.n, null);
    node.n -= count;
  }

  /** Drops an empty kid, and joins a small one with a neighbour. */
  private static void tidy(Node node, int kid) {
    if (node.kids[kid].sum.count() == 0) {
      if (node.n > 1) {
        removeKids(node, kid, 1);
      }
      return;
    }
    int most = (node.kids[kid].leaf ? LEAF : FANOUT) / 2;
    int left = kid > 0 ? kid - 1 : kid;
    if (left + 1 >= node.n || node.kids[left].n + node.kids[left + 1].n > most) {
      return;
    }
    Node a = node.kids[left];
    Node b = node.kids[left + 1];
    if (a.leaf) {
      a.items = Arrays.copyOf(a.items, WORDS * (a.n + b.n));
      System.arraycopy(b.items, 0, a.items, WORDS * a.n, WORDS * b.n);
    } else {
      b.kids[0].low = b.low; // No longer a first kid.
      a.kids = Arrays.copyOf(a.kids, a.n + b.n);
      System.arraycopy(b.kids, 0, a.kids, a.n, b.n);
    }
    a.n += b.n;
    a.sum.add(b.sum);
    removeKids(node, left + 1, 1);
  }

  private void trim(Node node, Bound bound) {
    if (node.leaf) {
      int end = 0;
      while (end < node.n && compare(node.items, WORDS * end, bound) < 0) {
        end++;
      }
      removeItems(node, 0, end);
    } else {
      int gone = 0;
      while (gone + 1 < node.n && compare(node.kids[gone + 1].low, 0, bound) <= 0) {
        gone++;
      }
      removeKids(node, 0, gone);
      trim(node.kids[0], bound);
      tidy(node, 0);
    }
    addUp(node);
  }

  private void shrinkRoot() {
    while (!root.leaf && root.n == 1) {
      root = root.kids[0];
    }
  }

  private static void copy(Node node, long rank, long[] target, int done, int count) {
    if (node.leaf) {
      System.arraycopy(
          node.items, WORDS * (int) rank, target, WORDS * done, WORDS * Math.min(count, node.n));
      return;
    }
    long skip = rank;
    int copied = 0;
    for (int kid = 0; kid < node.n && copied < count; kid++) {
      long size = node.kids[kid].sum.count();
      if (skip >= size) {
        skip -= size;
      } else {
        int part = (int) Math.min(size - skip, (long) count - copied);
        copy(node.kids[kid], skip, target, done + copied, part);
        copied += part;
        skip = 0;
      }
    }
  }
}
