package io.cyphermesh.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.MemoryUsage;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoryWatchTest {
  private static final long MAX = 1_000;

  private final AtomicInteger ends = new AtomicInteger();
  private final MemoryWatch watch = new MemoryWatch(ends::incrementAndGet);

  @Test
  void aHeapThatStaysFullEndsTheProcess() {
    collected(990, 1_000);
    collected(990, 20_000);
    assertThat(ends).hasValue(0);
    collected(990, 21_000);
    assertThat(ends).hasValue(1);
  }

  @Test
  void aHeapThatWasFullForAMomentDoesNot() {
    collected(990, 1_000);
    collected(400, 2_000);
    collected(990, 30_000);
    collected(990, 40_000);
    assertThat(ends).hasValue(0);
  }

  @Test
  void whatIsNotInTheHeapDoesNotCount() {
    watch.collected(Map.of("Metaspace", used(990), "Tenured Gen", used(100)), MAX, 0);
    watch.collected(Map.of("Metaspace", used(990), "Tenured Gen", used(100)), MAX, 60_000);
    assertThat(ends).hasValue(0);
  }

  private void collected(long used, long atMillis) {
    watch.collected(Map.of("Tenured Gen", used(used)), MAX, atMillis);
  }

  private static MemoryUsage used(long bytes) {
    return new MemoryUsage(0, bytes, bytes, MAX);
  }
}
