package io.cyphermesh.core.mesh;

import io.cyphermesh.core.mesh.BookEntry.Shelf;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that we were only told of. Whoever tells reaches few buckets, however much it tells,
 * and one network has few places, whoever tells of it; where places lack, crowds give way first.
 */
final class FreshAddresses {
  private static final int BUCKETS = 64;
  private static final int SLOTS = 32;
  private static final int ALL = -1;

  /** Buckets that the tellers of one network reach. */
  private static final int BUCKETS_A_SOURCE = 8;

  private final Buckets buckets = new Buckets(BUCKETS, SLOTS);
  private final BookSize size;
  private final long secret;
  private final Consumer<BookEntry> evicted;

  /** How many of them failed when they were dialled last. */
  private int failing;

  /**
   * An empty table.
   *
   * @param evicted told of each address that gives way, after it was taken out
   */
  FreshAddresses(BookSize size, long secret, Consumer<BookEntry> evicted) {
    this.size = size;
    this.secret = secret;
    this.evicted = evicted;
  }

  /** Puts an address in, if there is room or can be made. */
  boolean put(BookEntry entry) {
    int bucket = bucket(entry);
    boolean full = true;
    Optional<BookEntry> goes = Optional.empty();
    if (buckets.count(entry.group) >= size.freshOfGroup()) {
      boolean here = buckets.isFull(bucket);
      goes =
          mostFailed(
              buckets.of(entry.group).stream().filter(e -> !here || e.bucket == bucket).toList());
    } else if (buckets.isFull(bucket)) {
      goes = dispensable(bucket, entry);
    } else if (buckets.size() >= size.fresh()) {
      goes = dispensable(ALL, entry);
    } else {
      full = false;
    }
    goes.ifPresent(
        other -> {
          remove(other);
          evicted.accept(other);
        });
    if (full && goes.isEmpty()) {
      return false;
    }
    entry.shelf = Shelf.FRESH;
    buckets.put(entry, bucket);
    failing += entry.failures > 0 ? 1 : 0;
    return true;
  }

  /** The emptier one of two: with a choice buckets fill evenly. */
  private int bucket(BookEntry entry) {
    long hash = Buckets.mix(secret, entry.group);
    int one = bucket(entry.source, Long.remainderUnsigned(hash, BUCKETS_A_SOURCE));
    int other =
        bucket(entry.source, Long.remainderUnsigned(Buckets.mix(secret, hash), BUCKETS_A_SOURCE));
    return buckets.in(other).size() < buckets.in(one).size() ? other : one;
  }

  private int bucket(Netgroup source, long part) {
    long hash = Buckets.mix(Buckets.mix(~secret, source), part);
    return (int) Long.remainderUnsigned(hash, BUCKETS);
  }

  /** Which one of a bucket, or of all, gives way, if any may. */
  private Optional<BookEntry> dispensable(int bucket, BookEntry newcomer) {
    if (failing > 0) {
      Optional<BookEntry> failed = mostFailed(bucket >= 0 ? buckets.in(bucket) : buckets.all());
      if (failed.isPresent()) {
        return failed;
      }
    }
    int newcomers = buckets.count(newcomer.group) + 1;
    int ofSource = buckets.told(newcomer.source) + 1;
    // A crowd gets no more places by having many tellers.
    return bucket >= 0
        ? first(bucket, bucket + 1, Buckets::crowd, newcomers)
            .or(() -> first(bucket, bucket + 1, e -> toldOfCrowd(e, newcomers), ofSource))
        : buckets
            .firstOfCrowds(newcomers + 1, Buckets::crowd, newcomers, FreshAddresses::mayGo)
            .or(
                () ->
                    newcomers == 1
                        ? first(0, BUCKETS, Buckets::told, ofSource)
                        : buckets.firstOfCrowds(
                            newcomers, Buckets::told, ofSource, FreshAddresses::mayGo));
  }

  private static int toldOfCrowd(BookEntry entry, int least) {
    return Buckets.crowd(entry) >= least ? Buckets.told(entry) : 0;
  }

  /** The first one of which there is most, where that is more than {@code least}. */
  private Optional<BookEntry> first(int from, int end, ToIntFunction<BookEntry> amount, int least) {
    // More than any teller told of, or any network has, there is nowhere: nobody looks on.
    int greatest = buckets.greatest();
    @Nullable BookEntry most = null;
    int ofMost = least;
    for (int bucket = from; bucket < end && ofMost < greatest; bucket++) {
      List<BookEntry> in = buckets.in(bucket);
      for (int i = 0; i < in.size() && ofMost < greatest; i++) {
        int here = amount.applyAsInt(in.get(i));
        if (here > ofMost && mayGo(in.get(i))) {
          ofMost = here;
          most = in.get(i);
        }
      }
    }
    return Optional.ofNullable(most);
  }

  private static Optional<BookEntry> mostFailed(List<BookEntry> among) {
    @Nullable BookEntry most = null;
    for (BookEntry entry : among) {
      if (mayGo(entry) && entry.failures > 0 && (most == null || entry.failures > most.failures)) {
        most = entry;
      }
    }
    return Optional.ofNullable(most);
  }

  private static boolean mayGo(BookEntry entry) {
    return !entry.dialling && !entry.self;
  }

  void remove(BookEntry entry) {
    entry.shelf = Shelf.NONE;
    failing -= entry.failures > 0 ? 1 : 0;
    buckets.remove(entry);
  }

  /** One of them failed, or no longer did. */
  void failures(BookEntry entry, int failures) {
    failing += (failures > 0 ? 1 : 0) - (entry.failures > 0 ? 1 : 0);
    entry.failures = failures;
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
