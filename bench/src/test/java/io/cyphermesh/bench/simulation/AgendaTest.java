package io.cyphermesh.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AgendaTest {
  private record Due(long at, long tag) {}

  @Test
  void whatIsDueComesInOrderOfTimeAndThenOfEntryAsFromAPlainQueue() {
    for (long seed = 1; seed <= 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Agenda agenda = new Agenda();
      PriorityQueue<Due> plain =
          new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::tag));
      long now = 0;
      long tag = 0;
      for (int round = 0; round < 200; round++) {
        for (int i = random.nextInt(50); i > 0; i--) {
          // From the same moment to beyond the wheel's turn.
          long at = now + (random.nextLong(1L << random.nextInt(1, 36)) & -(1L << 10));
          agenda.add(Math.max(now, at), "x", tag);
          plain.add(new Due(Math.max(now, at), tag++));
        }
        long until = now + random.nextLong(1L << random.nextInt(1, 34));
        while (agenda.next(until)) {
          now = agenda.time();
          assertThat(new Due(now, agenda.tag())).isEqualTo(plain.remove());
          if (random.nextInt(3) == 0) {
            long at = now + random.nextInt(100_000);
            agenda.add(at, "y", tag);
            plain.add(new Due(at, tag++));
          }
        }
        now = until;
        assertThat(plain.isEmpty() || plain.peek().at() > until).isTrue();
        assertThat(agenda.size()).isEqualTo(plain.size());
      }
    }
  }

  @Test
  void equalTimesComeInTheOrderOfEntry() {
    Agenda agenda = new Agenda();
    for (int i = 0; i < 100; i++) {
      agenda.add(i % 2 == 0 ? 5_000_000 : 7, "x", i);
    }
    List<Long> tags = new ArrayList<>();
    while (agenda.next(Long.MAX_VALUE)) {
      tags.add(agenda.tag());
    }
    assertThat(tags.subList(0, 50)).isSorted().allMatch(tag -> tag % 2 == 1);
    assertThat(tags.subList(50, 100)).isSorted().allMatch(tag -> tag % 2 == 0);
  }
}
