package io.cyphermesh.core.mesh;

import io.cyphermesh.core.mesh.BookEntry.Shelf;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** Addresses where a link came up. A network reaches few of the buckets. */
final class TriedAddresses {
  private static final int BUCKETS = 16;
  private static final int SLOTS = 32;

  /** Buckets that the addresses of one network reach. */
  private static final int BUCKETS_A_GROUP = 4;

  private final Buckets buckets = new Buckets(BUCKETS, SLOTS);
  private final BookSize size;
  private final long secret;

  TriedAddresses(BookSize size, long secret) {
    this.size = size;
    this.secret = secret;
  }

  /** Who would have to give way to an address; empty where there is room. */
  Optional<BookEntry> incumbent(BookEntry entry) {
    int bucket = bucket(entry);
    List<BookEntry> ofGroup = buckets.of(entry.group);
    if (ofGroup.size() >= size.triedOfGroup()) {
      return worst(ofGroup);
    }
    if (buckets.isFull(bucket)) {
      return worst(buckets.in(bucket));
    }
    return buckets.size() >= size.tried() ? worst(buckets.all()) : Optional.empty();
  }

  /** Of a network that has many places, and among them the one that failed most. */
  private Optional<BookEntry> worst(List<BookEntry> among) {
    return among.stream()
        .filter(e -> !e.self)
        .max(Comparator.comparingInt(Buckets::crowd).thenComparingInt(e -> e.failures));
  }

  private int bucket(BookEntry entry) {
    long part = secret;
    for (int i = 0; i < entry.address.host().length(); i++) {
      part = Buckets.mix(part, entry.address.host().charAt(i));
    }
    part = Long.remainderUnsigned(Buckets.mix(part, entry.address.port()), BUCKETS_A_GROUP);
    return (int)
        Long.remainderUnsigned(Buckets.mix(Buckets.mix(~secret, entry.group), part), BUCKETS);
  }

  /** Puts in an address that has no {@link #incumbent}. */
  void put(BookEntry entry) {
    entry.shelf = Shelf.TRIED;
    buckets.put(entry, bucket(entry));
  }

  void remove(BookEntry entry) {
    entry.shelf = Shelf.NONE;
    buckets.remove(entry);
  }

  Optional<BookEntry> draw(RandomGenerator random, Predicate<BookEntry> usable) {
    return buckets.draw(random, usable);
  }

  int crowd(Netgroup group) {
    return buckets.of(group).size();
  }

  int size() {
    return buckets.size();
  }
}
