package io.cyphermesh.core.mesh;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values by a key that each of them holds: about 10 bytes a value, where a tree takes 40 and is
 * slower. Hashes decide what stands where, so that it is looked up in and never gone through but in
 * an order that is asked for. (Open addressing with linear probing.)
 */
final class Table<K, V> {
  private static final int LEAST = 8;

  private final Function<V, K> keyOf;

  /** By place: the hash of what stands there; 0 where nothing does. */
  private int[] hashes = new int[LEAST];

  private @Nullable Object[] values = new Object[LEAST];
  private int size;

  Table(Function<V, K> keyOf) {
    this.keyOf = keyOf;
  }

  @Nullable V get(K key) {
    int place = find(key, hash(key));
    return hashes[place] == 0 ? null : at(place);
  }

  /** Puts a value in, in the place of one with the same key. */
  void put(V value) {
    if (size >= hashes.length - hashes.length / 8) {
      grow();
    }
    K key = keyOf.apply(value);
    int hash = hash(key);
    int place = find(key, hash);
    if (hashes[place] == 0) {
      size++;
    }
    hashes[place] = hash;
    values[place] = value;
  }

  @Nullable V remove(K key) {
    int place = find(key, hash(key));
    if (hashes[place] == 0) {
      return null;
    }
    V removed = at(place);
    size--;
    close(place);
    return removed;
  }

  /** All values, in an order. */
  List<V> sorted(Comparator<V> order) {
    List<V> all = new ArrayList<>(size);
    for (int place = 0; place < hashes.length; place++) {
      if (hashes[place] != 0) {
        all.add(at(place));
      }
    }
    all.sort(order);
    return all;
  }

  @SuppressWarnings("unchecked") // Nothing but values is put in.
  private V at(int place) {
    Object value = values[place];
    if (value == null) {
      throw new IllegalStateException("nothing stands at " + place);
    }
    return (V) value;
  }

  private static int hash(Object key) {
    // The last bits say where it stands, so that all bits must bear on them (MurmurHash3's mix).
    int mixed = key.hashCode();
    mixed = (mixed ^ (mixed >>> 16)) * 0x85ebca6b;
    mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
    mixed ^= mixed >>> 16;
    return mixed == 0 ? 1 : mixed;
  }

  /** Where a key stands, or would. */
  private int find(K key, int hash) {
    int mask = hashes.length - 1;
    int place = hash & mask;
    while (hashes[place] != 0) {
      if (hashes[place] == hash && keyOf.apply(at(place)).equals(key)) {
        return place;
      }
      place = (place + 1) & mask;
    }
    return place;
  }

  /** Empties a place, and moves into it what was displaced by whoever stood there. */
  private void close(int emptied) {
    int mask = hashes.length - 1;
    int gap = emptied;
    for (int place = (gap + 1) & mask; hashes[place] != 0; place = (place + 1) & mask) {
      int displaced = (place - hashes[place]) & mask;
      if (displaced >= ((place - gap) & mask)) {
        hashes[gap] = hashes[place];
        values[gap] = values[place];
        gap = place;
      }
    }
    hashes[gap] = 0;
    values[gap] = null;
  }

  private void grow() {
    int[] formerHashes = hashes;
    @Nullable Object[] formerValues = values;
    hashes = new int[2 * formerHashes.length];
    values = new Object[hashes.length];
    int mask = hashes.length - 1;
    for (int i = 0; i < formerHashes.length; i++) {
      if (formerHashes[i] != 0) {
        int place = formerHashes[i] & mask;
        while (hashes[place] != 0) {
          place = (place + 1) & mask;
        }
        hashes[place] = formerHashes[i];
        values[place] = formerValues[i];
      }
    }
  }
}
