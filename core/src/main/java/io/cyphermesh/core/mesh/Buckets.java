package io.cyphermesh.core.mesh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Addresses in buckets of bounded size, counted by network and by who told of them. */
final class Buckets {
  private final List<List<BookEntry>> buckets = new ArrayList<>();
  private final int slots;
  private final Table<Netgroup, Group> groups = new Table<>(group -> group.netgroup);

  /** The same, to choose from; its order means nothing. */
  private final List<Group> drawn = new ArrayList<>();

  private final Table<Netgroup, Teller> tellers = new Table<>(teller -> teller.netgroup);

  /** By number of addresses, from 2: the networks that have as many; the order means nothing. */
  private final List<List<Group>> crowds = new ArrayList<>();

  private final Tally telling = new Tally();
  private int size;

  /** The addresses of one network. */
  static final class Group {
    private final Netgroup netgroup;

    /** Most networks have one alone. */
    private BookEntry[] members;

    private int count = 1;
    private int position;
    private int crowdPosition;

    private Group(BookEntry first) {
      this.netgroup = first.group;
      this.members = new BookEntry[] {first};
    }

    private void add(BookEntry entry) {
      if (count == members.length) {
        members = Arrays.copyOf(members, count + Math.max(1, count / 2));
      }
      members[count++] = entry;
    }

    private void remove(BookEntry entry) {
      int at = 0;
      while (members[at] != entry) {
        at++;
      }
      System.arraycopy(members, at + 1, members, at, --count - at);
      members = Arrays.copyOf(members, count);
    }

    private BookEntry swap(int i, int j) {
      BookEntry entry = members[i];
      members[i] = members[j];
      members[j] = entry;
      return entry;
    }
  }

  /** A network of nodes that told of addresses. */
  static final class Teller {
    private final Netgroup netgroup;
    private int told;

    private Teller(Netgroup netgroup) {
      this.netgroup = netgroup;
    }
  }

  Buckets(int count, int slots) {
    this.slots = slots;
    for (int i = 0; i < count; i++) {
      buckets.add(new ArrayList<>(0));
    }
  }

  /**
   * Mixes a value into a hash, by the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
   * That nobody can choose an address for its bucket rests on a secret start that never shows.
   */
  static long mix(long hash, long value) {
    long z = (hash + 0x9e3779b97f4a7c15L) ^ value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  static long mix(long hash, Netgroup group) {
    return mix(mix(mix(hash, group.high()), group.low()), group.port());
  }

  int size() {
    return size;
  }

  /** How many there are of a network. */
  int count(Netgroup group) {
    Group found = groups.get(group);
    return found == null ? 0 : found.count;
  }

  boolean isFull(int bucket) {
    return buckets.get(bucket).size() >= slots;
  }

  List<BookEntry> in(int bucket) {
    return Collections.unmodifiableList(buckets.get(bucket));
  }

  List<BookEntry> of(Netgroup group) {
    Group found = groups.get(group);
    return found == null ? List.of() : Arrays.asList(found.members).subList(0, found.count);
  }

  /**
   * Of the usable addresses in crowds, the one that has most of an amount; the first one in the
   * order of the buckets where several have as much.
   *
   * @param least how many addresses a network has that is a crowd; 2 or more
   * @param above that amount does not count, nor does less
   */
  Optional<BookEntry> firstOfCrowds(
      int least, ToIntFunction<BookEntry> amount, int above, Predicate<BookEntry> usable) {
    @Nullable BookEntry most = null;
    int ofMost = above;
    for (int count = least; count < crowds.size(); count++) {
      for (Group group : crowds.get(count)) {
        for (int i = 0; i < group.count; i++) {
          BookEntry entry = group.members[i];
          int here = amount.applyAsInt(entry);
          if ((here > ofMost || (here == ofMost && most != null && isBefore(entry, most)))
              && usable.test(entry)) {
            ofMost = here;
            most = entry;
          }
        }
      }
    }
    return Optional.ofNullable(most);
  }

  private boolean isBefore(BookEntry one, BookEntry other) {
    if (one.bucket != other.bucket) {
      return one.bucket < other.bucket;
    }
    for (BookEntry entry : buckets.get(one.bucket)) {
      if (entry == one || entry == other) {
        return entry == one;
      }
    }
    throw new IllegalArgumentException(one.address + " is not here");
  }

  /** A network has one address more or less: it stands with those that have as many. */
  private void crowd(Group group, int before) {
    if (before >= 2) {
      List<Group> former = crowds.get(before);
      Group last = former.removeLast();
      if (last != group) {
        former.set(group.crowdPosition, last);
        last.crowdPosition = group.crowdPosition;
      }
    }
    if (group.count >= 2) {
      while (crowds.size() <= group.count) {
        crowds.add(new ArrayList<>(0));
      }
      group.crowdPosition = crowds.get(group.count).size();
      crowds.get(group.count).add(group);
    }
  }

  /** How many addresses the greatest crowd has, or the teller of most told of. */
  int greatest() {
    int crowd = crowds.size() - 1;
    while (crowd >= 2 && crowds.get(crowd).isEmpty()) {
      crowd--;
    }
    return Math.max(Math.max(1, crowd), telling.greatest());
  }

  List<BookEntry> all() {
    List<BookEntry> all = new ArrayList<>(size);
    buckets.forEach(all::addAll);
    return all;
  }

  /** How many a teller's network told of. */
  int told(Netgroup source) {
    Teller teller = tellers.get(source);
    return teller == null ? 0 : teller.told;
  }

  /** How many addresses its network has, without looking that up. */
  static int crowd(BookEntry entry) {
    return entry.among == null ? 0 : entry.among.count;
  }

  /** How many addresses its teller's network told of, without looking that up. */
  static int told(BookEntry entry) {
    return entry.teller == null ? 0 : entry.teller.told;
  }

  void put(BookEntry entry, int bucket) {
    entry.bucket = (short) bucket;
    buckets.get(bucket).add(entry);
    Group group = groups.get(entry.group);
    if (group == null) {
      group = new Group(entry);
      group.position = drawn.size();
      drawn.add(group);
      groups.put(group);
    } else {
      group.add(entry);
    }
    crowd(group, group.count - 1);
    entry.among = group;
    Teller teller = tellers.get(entry.source);
    if (teller == null) {
      teller = new Teller(entry.source);
      tellers.put(teller);
    }
    telling.rises(teller.told++);
    entry.teller = teller;
    size++;
  }

  void remove(BookEntry entry) {
    if (!buckets.get(entry.bucket).remove(entry)) {
      return;
    }
    size--;
    Teller teller = entry.teller;
    if (teller != null) {
      telling.falls(teller.told--);
      if (teller.told == 0) {
        tellers.remove(entry.source);
      }
    }
    Group group = entry.among;
    if (group != null) {
      group.remove(entry);
      crowd(group, group.count + 1);
      if (group.count == 0) {
        groups.remove(group.netgroup);
        move(drawn.getLast(), group.position);
        drawn.removeLast();
      }
    }
    entry.teller = null;
    entry.among = null;
  }

  private void move(Group group, int position) {
    drawn.set(position, group);
    group.position = position;
  }

  /** One that is usable: of a network by equal odds, however many addresses it has. */
  Optional<BookEntry> draw(RandomGenerator random, Predicate<BookEntry> usable) {
    for (int left = drawn.size(); left > 0; left--) {
      int at = random.nextInt(left);
      Group group = drawn.get(at);
      move(drawn.get(left - 1), at);
      move(group, left - 1);
      for (int rest = group.count; rest > 0; rest--) {
        BookEntry entry = group.swap(random.nextInt(rest), rest - 1);
        if (usable.test(entry)) {
          return Optional.of(entry);
        }
      }
    }
    return Optional.empty();
  }
}
