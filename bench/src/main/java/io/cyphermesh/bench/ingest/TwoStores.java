package io.cyphermesh.bench.ingest;

import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Imported;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The data directories of two nodes that have the same past but for some events, of which each has
 * half for itself. Only those are signed: no store looks at a signature, and nobody will ask for
 * the others.
 *
 * @param travelling bytes of the events that only one has, as the wire carries them
 */
record TwoStores(Path first, Path second, long travelling) {
  /** Within the retention of 30 days. */
  private static final Duration AGE = Duration.ofDays(25);

  /** What is younger is not compared. */
  private static final Duration QUIET = Duration.ofMinutes(2);

  private static final int BATCH = 2_000;

  /**
   * Makes them.
   *
   * @param each events that each of both is to have
   * @param differ events that only one of them has, in all
   * @param scattered whether these are of all times, or else the youngest
   */
  static TwoStores make(
      Path folder,
      int each,
      int differ,
      boolean scattered,
      List<NodeIdentity> reporters,
      Instant now)
      throws IOException, InterruptedException {
    int all = each + differ / 2;
    EventMaker maker = new EventMaker(now.minus(QUIET), AGE.dividedBy(all));
    int step = scattered ? all / differ : 1;
    IntPredicate differs = n -> n % step == 0 && n / step < differ;
    Path first = Files.createDirectories(folder.resolve("first"));
    Path second = Files.createDirectories(folder.resolve("second"));
    write(
        first,
        IntStream.range(0, all).filter(differs.negate()).toArray(),
        "storing",
        maker::unsigned,
        reporters);
    Files.copy(first.resolve("cyphermesh.db"), second.resolve("cyphermesh.db"));
    int[] own = IntStream.range(0, all).filter(differs).toArray();
    return new TwoStores(
        first,
        second,
        write(first, every(own, 0), "signing", maker::event, reporters)
            + write(second, every(own, 1), "signing", maker::event, reporters));
  }

  private static int[] every(int[] numbers, int odd) {
    return IntStream.range(0, numbers.length)
        .filter(i -> i % 2 == odd)
        .map(i -> numbers[i])
        .toArray();
  }

  /** How an event is made of its number. */
  @FunctionalInterface
  private interface Maker {
    SignedEvent event(int n, NodeIdentity reporter);
  }

  /** The bytes of what it wrote. */
  private static long write(
      Path data, int[] numbers, String what, Maker maker, List<NodeIdentity> reporters)
      throws IOException, InterruptedException {
    Progress progress = Progress.of(what);
    long bytes = 0;
    try (SqliteEventStore store =
        SqliteEventStore.open(
            data.resolve("cyphermesh.db"),
            StoreSettings.DEFAULTS,
            (_, _, _) -> true,
            InstantSource.system())) {
      int done = 0;
      for (int from = 0; from < numbers.length; from += BATCH) {
        List<Imported> batch =
            IntStream.range(from, Math.min(from + BATCH, numbers.length))
                .parallel()
                .map(i -> numbers[i])
                .mapToObj(n -> maker.event(n, reporters.get(n % reporters.size())))
                .map(event -> new Imported(event, false, false))
                .toList();
        store.addImported(batch);
        for (Imported imported : batch) {
          bytes += imported.event().canonical().getBytes(StandardCharsets.UTF_8).length;
        }
        done += batch.size();
        progress.at(done, numbers.length);
      }
    }
    progress.end();
    return bytes;
  }
}
