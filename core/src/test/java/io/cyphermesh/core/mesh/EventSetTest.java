package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.mesh.EventSet.Bound;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class EventSetTest {
  private static final Comparator<Input.Item> ORDER =
      Comparator.comparingLong(Input.Item::timeMillis).thenComparing(Input.Item::id);

  private static EventId id(SplittableRandom random) {
    long[] words = {0, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()};
    return EventSet.id(words, 0);
  }

  private static byte[] fingerprint(Iterable<Input.Item> items) {
    EventSet set = new EventSet();
    items.forEach(item -> set.add(item.timeMillis(), item.id()));
    return all(set);
  }

  private static byte[] all(EventSet set) {
    Sum sum = new Sum();
    set.before(new Bound(Long.MAX_VALUE, 0), sum);
    return set.fingerprint(sum);
  }

  private static byte[] between(EventSet set, Bound from, Bound to) {
    Sum first = new Sum();
    Sum second = new Sum();
    set.before(from, first);
    set.before(to, second);
    second.subtract(first);
    return set.fingerprint(second);
  }

  @Test
  void idsAreTheSameThereAndBack() {
    EventId id = new EventId("00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210");
    long[] words = new long[5];

    EventSet.words(id, words, 1);

    assertThat(EventSet.id(words, 0)).isEqualTo(id);
  }

  @Test
  void whatIsTakenOutIsAsIfItHadNeverBeenIn() {
    SplittableRandom random = new SplittableRandom(1);
    EventSet set = new EventSet();
    byte[] empty = all(set);
    EventId id = id(random);

    assertThat(set.add(5, id)).isTrue();
    assertThat(set.add(5, id)).isFalse();
    assertThat(all(set)).isNotEqualTo(empty);
    assertThat(set.remove(6, id)).isFalse();
    assertThat(set.remove(5, id)).isTrue();
    assertThat(set.contains(5, id)).isFalse();
    assertThat(all(set)).isEqualTo(empty);
  }

  @Test
  void itIsAnOrderedSetWhateverHappensToIt() {
    for (long seed = 1; seed <= 6; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      EventSet set = new EventSet();
      NavigableSet<Input.Item> model = new TreeSet<>(ORDER);
      // Few times: many events at the same one.
      long times = 1L << random.nextInt(1, 30);
      List<Input.Item> known = new ArrayList<>();
      for (int step = 0; step < 18_000; step++) {
        // It grows, shrinks to nothing, and grows again.
        boolean growing = step % 12_000 < 6_000;
        int dice = random.nextInt(100);
        if (dice < (growing ? 80 : 15) || known.isEmpty()) {
          Input.Item item = new Input.Item(random.nextLong(times), id(random));
          known.add(item);
          assertThat(set.add(item.timeMillis(), item.id())).isTrue();
          model.add(item);
        } else if (dice < 99 || random.nextInt(20) > 0) {
          int which = random.nextInt(known.size());
          Input.Item item = known.get(which);
          assertThat(set.remove(item.timeMillis(), item.id())).isEqualTo(model.remove(item));
          known.set(which, known.getLast());
          known.removeLast();
        } else {
          long time =
              model.isEmpty() ? 0 : model.first().timeMillis() + random.nextLong(1 + times / 20);
          set.trimBefore(time);
          model.removeIf(item -> item.timeMillis() < time);
        }
        if (step % 5_000 == 0 || step == 17_999) {
          compare(seed, set, model, random, times);
        }
      }
    }
  }

  private static void compare(
      long seed,
      EventSet set,
      NavigableSet<Input.Item> model,
      SplittableRandom random,
      long times) {
    List<Input.Item> expected = List.copyOf(model);
    assertThat(set.size()).as("seed %s", seed).isEqualTo(expected.size());
    long[] items = set.items(0, expected.size());
    List<Input.Item> actual = new ArrayList<>();
    for (int at = 0; at < items.length; at += EventSet.WORDS) {
      actual.add(new Input.Item(items[at], EventSet.id(items, at)));
    }
    assertThat(actual).as("seed %s", seed).isEqualTo(expected);
    for (Input.Item item : expected.subList(0, Math.min(100, expected.size()))) {
      assertThat(set.contains(item.timeMillis(), item.id())).isTrue();
    }
    for (int i = 0; i < 10; i++) {
      Bound a = new Bound(random.nextLong(times), random.nextBoolean() ? 0 : random.nextLong());
      Bound b = new Bound(random.nextLong(times), random.nextBoolean() ? 0 : random.nextLong());
      Bound from = a.compareTo(b) < 0 ? a : b;
      Bound to = a.compareTo(b) < 0 ? b : a;
      List<Input.Item> inside =
          expected.stream().filter(x -> !before(x, from) && before(x, to)).toList();
      long rank = expected.stream().filter(x -> before(x, from)).count();
      assertThat(set.rank(from)).as("seed %s", seed).isEqualTo(rank);
      assertThat(set.rank(to) - rank).as("seed %s", seed).isEqualTo(inside.size());
      assertThat(between(set, from, to)).as("seed %s", seed).isEqualTo(fingerprint(inside));
    }
  }

  private static boolean before(Input.Item item, Bound bound) {
    long[] words = new long[5];
    EventSet.words(item.id(), words, 1);
    return new Bound(item.timeMillis(), words[1]).compareTo(bound) < 0;
  }

  @Test
  void aSumOfOneEventIsTheSha512OfItsTimeAndId() throws Exception {
    EventId id = new EventId("00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210");
    EventSet set = new EventSet();
    set.add(0x0102030405060708L, id);
    byte[] input = java.util.HexFormat.of().parseHex("0102030405060708" + id.hex());
    byte[] sum = java.security.MessageDigest.getInstance("SHA-512").digest(input);
    byte[] sumAndCount = java.util.Arrays.copyOf(sum, 72);
    sumAndCount[71] = 1;
    byte[] expected = java.security.MessageDigest.getInstance("SHA-256").digest(sumAndCount);

    assertThat(all(set)).isEqualTo(java.util.Arrays.copyOf(expected, 16));
  }
}
