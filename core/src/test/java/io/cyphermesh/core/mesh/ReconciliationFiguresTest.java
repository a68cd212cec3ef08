package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.mesh.Reconciled.Result;
import io.cyphermesh.core.protocol.Message;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a reconciliation costs among a million events; the figures are printed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReconciliationFiguresTest {
  private static final int MILLION = 1_000_000;
  private static final long DAYS_29 = 29L * 24 * 3_600_000;

  /** Both have all events before and after each test. */
  private final Pair pair = new Pair(1);

  /** The times and first words of a million events in 29 days; the rest follows from them. */
  private final long[] words = new long[MILLION];

  private final long[] times = new long[MILLION];

  @BeforeAll
  void makeAMillion() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < MILLION; i++) {
      words[i] = random.nextLong();
      times[i] = Pair.WALL - 60_000 - DAYS_29 + DAYS_29 * i / MILLION + random.nextInt(20_000);
    }
    for (int i = 0; i < MILLION; i += 10_000) {
      List<Input.Item> items = items(i, i + 10_000, _ -> true);
      pair.a.node.loaded(items, i == MILLION - 10_000);
      pair.b.node.loaded(items, i == MILLION - 10_000);
    }
    assertThat(pair.a.node.size()).isEqualTo(MILLION);
  }

  private List<Input.Item> items(int from, int to, IntPredicate which) {
    List<Input.Item> items = new ArrayList<>();
    for (int i = from; i < to; i++) {
      if (which.test(i)) {
        EventId id = EventSet.id(new long[] {0, words[i], ~words[i], i, times[i]}, 0);
        items.add(new Input.Item(times[i], id));
      }
    }
    return items;
  }

  private void run(String what, IntPredicate lackedByA, IntPredicate lackedByB) {
    pair.a.node.deleted(items(0, MILLION, lackedByA));
    pair.b.node.deleted(items(0, MILLION, lackedByB));
    pair.now += 60_000_000_000L;
    pair.forget();
    long began = System.nanoTime();
    pair.reconcile();
    System.out.printf("%s: %s, %d ms%n", what, pair, (System.nanoTime() - began) / 1_000_000);
    assertThat(pair.a.end().result()).isEqualTo(Result.COMPLETED);
    assertThat(pair.b.end().result()).isEqualTo(Result.COMPLETED);
  }

  private void equal() {
    pair.now += 60_000_000_000L;
    pair.reconcile();
    assertThat(pair.a.end().result()).isEqualTo(Result.EQUAL);
    assertThat(pair.b.end().result()).isEqualTo(Result.EQUAL);
    assertThat(pair.a.node.size()).isEqualTo(MILLION);
  }

  @Test
  void tenThousandRecentOnesAreCaughtUpWithFor100KilobytesWhoeverBegins() {
    run("a lacks 10,000 recent ones", i -> i >= 990_000, _ -> false);
    assertThat(pair.bytes()).isLessThan(100_000);
    assertThat(pair.tripsBeforeWant).isLessThanOrEqualTo(2 * 4);
    assertThat(pair.events).isEqualTo(10_000);
    equal();

    run("b lacks 10,000 recent ones", _ -> false, i -> i >= 990_000);
    assertThat(pair.bytes()).isLessThan(100_000);
    assertThat(pair.tripsBeforeWant).isLessThanOrEqualTo(2 * 4);
    assertThat(pair.events).isEqualTo(10_000);
    equal();
  }

  @Test
  void aThousandScatteredOnesAreCaughtUpWithFor120Kilobytes() {
    SplittableRandom random = new SplittableRandom(3);
    BitSet lacked = new BitSet();
    while (lacked.cardinality() < 1_000) {
      lacked.set(random.nextInt(MILLION));
    }

    run(
        "each lacks 500 scattered ones",
        i -> lacked.get(i) && i % 2 == 0,
        i -> lacked.get(i) && i % 2 == 1);
    assertThat(pair.bytes()).isLessThan(120_000);
    assertThat(pair.events).isEqualTo(1_000);
    equal();

    run("a lacks 1,000 scattered ones", lacked::get, _ -> false);
    assertThat(pair.bytes()).isLessThan(120_000);
    assertThat(pair.events).isEqualTo(1_000);
    equal();
  }

  @Test
  void aPartitionIsCaughtUpWithFor210Kilobytes() {
    run(
        "each lacks half of the last 20,000",
        i -> i >= 980_000 && i % 2 == 0,
        i -> i >= 980_000 && i % 2 == 1);

    assertThat(pair.bytes()).isLessThan(210_000);
    assertThat(pair.events).isEqualTo(20_000);
    equal();
  }

  @Test
  void aSingleOneIsCaughtUpWithForAKilobyteOfPayload() {
    run("a lacks one", i -> i == 123_456, _ -> false);

    assertThat(pair.payloadBytes).isLessThan(1_000);
    assertThat(pair.events).isEqualTo(1);
    equal();
  }

  @Test
  void nothingToCatchUpWithIsADigestOf64Bytes() {
    pair.forget();
    equal();
    System.out.println("nothing: " + pair);

    assertThat(pair.payloadBytes).isLessThanOrEqualTo(64);
    assertThat(Pair.payload(new Message.Digest(498_726, 2_591_970, new byte[16])).length())
        .isLessThanOrEqualTo(64);
  }
}
