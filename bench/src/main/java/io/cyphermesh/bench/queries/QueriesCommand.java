package io.cyphermesh.bench.queries;

import io.cyphermesh.bench.report.Machine;
import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.bench.report.Report;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How quick searches and statistics are with millions of events while more arrive. */
@Command(
    name = "queries",
    description =
        "Milliseconds that searches, indicators and statistics take over HTTP and of the store"
            + " itself, with many events in it while more arrive, and the heap that an export of all takes.",
    mixinStandardHelpOptions = true)
public final class QueriesCommand implements Callable<Integer> {
  private static final Duration SPREAD = Duration.ofDays(7);
  private static final long BYTES_AN_EVENT = 1_300;
  private static final int BURST = 20_000;
  private static final int ROUNDS_BEFORE = 5;
  private static final int EXPORTED_BETWEEN_LOOKS = 250_000;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "10000000",
      description = "How many are stored before (${DEFAULT-VALUE}).")
  private int events;

  @Option(
      names = "--arriving",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many arrive a second meanwhile (${DEFAULT-VALUE}).")
  private int arriving;

  @Option(
      names = "--asked",
      paramLabel = "N",
      defaultValue = "200",
      description = "How often each question is asked (${DEFAULT-VALUE}).")
  private int asked;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Where the database is made; one that --keep left there is used again.")
  private @Nullable Path dir;

  @Option(names = "--keep", description = "Leave the database there.")
  private boolean keep;

  private final Report report = new Report(System.out);

  @Override
  public Integer call() throws Exception {
    report.line(Machine.line());
    Path chosen = dir;
    Path folder =
        chosen == null
            ? Files.createTempDirectory("cyphermesh-bench-")
            : Files.createDirectories(chosen);
    Path file = folder.resolve("queries.db");
    boolean made = !Files.exists(file);
    if (made && Files.getFileStore(folder).getUsableSpace() < events * BYTES_AN_EVENT) {
      throw new IOException(
          folder
              + " has too little room: "
              + ((events * BYTES_AN_EVENT) >> 20)
              + " MiB are needed");
    }
    try {
      measure(file, made);
    } finally {
      if (!keep) {
        for (String suffix : List.of("", "-wal", "-shm", ".lock")) {
          Files.deleteIfExists(Path.of(file + suffix));
        }
        if (chosen == null) {
          Files.deleteIfExists(folder);
        }
      }
    }
    return 0;
  }

  private void measure(Path file, boolean made) throws IOException, InterruptedException {
    StoreSettings settings = StoreSettings.DEFAULTS.withMaxBytes(1L << 40);
    if (made) {
      long begin = System.nanoTime();
      new BulkDatabase(file, events, Instant.now(), SPREAD).make();
      report.line(
          "made "
              + Report.grouped(events)
              + " events in "
              + Report.grouped((System.nanoTime() - begin) / 1e9)
              + " s");
    }
    long bytes = Files.size(file);
    try (EventStore store =
        SqliteEventStore.open(
            file, settings, (reporter, first, at) -> true, InstantSource.system())) {
      long stored = store.counts().stored();
      report.line(
          Report.grouped((double) stored)
              + " events, "
              + Report.grouped((double) bytes / stored)
              + " bytes of database an event");
      report.figure("queries.databaseBytesPerEvent", (double) bytes / stored);
      ask(store);
      burst(store);
      export(store);
    }
    report.end();
  }

  /** What the writer's thread spends on an event when as many come as it can take. */
  private void burst(EventStore store) throws InterruptedException {
    SkewedEvents maker = new SkewedEvents(System.nanoTime());
    List<EventStore.Arrival> load = new ArrayList<>(BURST);
    Instant now = Instant.now();
    for (int i = 0; i < BURST; i++) {
      load.add(maker.next(now.minusMillis(i)));
    }
    long begin = writerNanos();
    for (EventStore.Arrival arrival : load) {
      store.add(arrival, outcome -> {});
    }
    // Behind all of them.
    var _ = store.addLocal(List.of(), Optional.empty());
    double micros = (writerNanos() - begin) / 1e3 / BURST;
    report.line("CPU of the writer, µs an event: " + Report.decimals(micros, 1));
    report.figure("queries.writerCpuMicrosPerEvent", micros);
  }

  private static long writerNanos() {
    var threads = ManagementFactory.getThreadMXBean();
    for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null && info.getThreadName().equals("store-writer")) {
        return threads.getThreadCpuTime(info.getThreadId());
      }
    }
    return 0;
  }

  private void ask(EventStore store) throws IOException, InterruptedException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "milliseconds",
            "p50",
            "p95",
            "most",
            "may be",
            "store p50",
            "store p95",
            "CPU p50",
            "CPU p95"));
    List<String> late = new ArrayList<>();
    try (Arrivals arrivals = new Arrivals(store, arriving);
        Asking asking = new Asking(store)) {
      Questions questions = new Questions(store, 3);
      List<Questions.Question> all = questions.all();
      warmUp(asking, all);
      Progress progress = Progress.of("asking");
      for (int i = 0; i < all.size(); i++) {
        Questions.Question question = all.get(i);
        Optional<Store> below = question.ask().map(this::askStore);
        double[] millis = askOverHttp(asking, question);
        double p95 = millis[late95()];
        rows.add(
            List.of(
                question.name(),
                Report.decimals(millis[asked / 2], 2),
                Report.decimals(p95, 2),
                Report.decimals(millis[asked - 1], 2),
                Integer.toString(question.most()),
                below(below, one -> one.millis()[asked / 2]),
                below(below, one -> one.millis()[late95()]),
                below(below, one -> one.cpu()[asked / 2]),
                below(below, one -> one.cpu()[late95()])));
        report.figure("queries." + question.name(), p95);
        below.ifPresent(
            each -> report.figure("queries.store." + question.name(), each.millis()[late95()]));
        if (p95 > question.most()) {
          late.add(question.name());
        }
        progress.at(i, all.size());
      }
      progress.end();
      report.line(Report.grouped(arrivals.perSecond()) + " events/s arrived while this was asked:");
    }
    report.table(rows);
    report.line(late.isEmpty() ? "all in time" : "late: " + String.join(", ", late));
  }

  /**
   * Asks everything a few times: the first question would be measured on a machine that has not
   * compiled yet what all of them use, and whose pages of the database are on the disk.
   */
  private static void warmUp(Asking asking, List<Questions.Question> all)
      throws IOException, InterruptedException {
    Progress progress = Progress.of("warming up");
    for (int round = 0; round < ROUNDS_BEFORE; round++) {
      for (Questions.Question question : all) {
        question.ask().ifPresent(Runnable::run);
        var _ = asking.ask(question.path().get());
      }
      progress.at(round, ROUNDS_BEFORE);
    }
    progress.end();
  }

  private static String below(Optional<Store> store, ToDoubleFunction<Store> figure) {
    return store.map(each -> Report.decimals(figure.applyAsDouble(each), 2)).orElse("–");
  }

  private int late95() {
    return (int) Math.ceil(asked * 0.95) - 1;
  }

  /** What the compiler has not seen yet is no measure of the database. */
  private int before() {
    return Math.min(20, asked);
  }

  /**
   * What the store took, in milliseconds, ascending.
   *
   * @param millis on the clock
   * @param cpu of the asking thread
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  private record Store(double[] millis, double[] cpu) {}

  private Store askStore(Runnable question) {
    var threads = ManagementFactory.getThreadMXBean();
    double[] millis = new double[asked];
    double[] cpu = new double[asked];
    for (int j = 0; j < before(); j++) {
      question.run();
    }
    for (int j = 0; j < asked; j++) {
      long begin = System.nanoTime();
      long cpuBegin = threads.getCurrentThreadCpuTime();
      question.run();
      cpu[j] = (threads.getCurrentThreadCpuTime() - cpuBegin) / 1e6;
      millis[j] = (System.nanoTime() - begin) / 1e6;
    }
    Arrays.sort(millis);
    Arrays.sort(cpu);
    return new Store(millis, cpu);
  }

  /** From the request to the last byte of the answer, in milliseconds, ascending. */
  private double[] askOverHttp(Asking asking, Questions.Question question)
      throws IOException, InterruptedException {
    for (int j = 0; j < before(); j++) {
      var _ = asking.ask(question.path().get());
    }
    double[] millis = new double[asked];
    for (int j = 0; j < asked; j++) {
      String path = question.path().get();
      long begin = System.nanoTime();
      var _ = asking.ask(path);
      millis[j] = (System.nanoTime() - begin) / 1e6;
    }
    Arrays.sort(millis);
    return millis;
  }

  /** Over HTTP, as NDJSON; of the heap this side's buffers are a part too. */
  private void export(EventStore store) throws IOException, InterruptedException {
    long most;
    long count = 0;
    long bytes = 0;
    long looking = 0;
    long look = EXPORTED_BETWEEN_LOOKS;
    long before;
    long begin;
    Progress progress = Progress.of("exporting");
    try (Asking asking = new Asking(store)) {
      before = heap();
      most = before;
      begin = System.nanoTime();
      try (InputStream answer = asking.stream("/api/v1/events.ndjson")) {
        byte[] piece = new byte[65_536];
        for (int n = answer.read(piece); n >= 0; n = answer.read(piece)) {
          bytes += n;
          for (int i = 0; i < n; i++) {
            count += piece[i] == '\n' ? 1 : 0;
          }
          if (count >= look) {
            look += EXPORTED_BETWEEN_LOOKS;
            long paused = System.nanoTime();
            most = Math.max(most, heap());
            looking += System.nanoTime() - paused;
          }
          progress.at(count, events);
        }
      }
    }
    progress.end();
    double seconds = (System.nanoTime() - begin - looking) / 1e9;
    double extra = (most - before) / 1048576.0;
    report.line(
        "export of all over HTTP: "
            + Report.grouped((double) count)
            + " events, "
            + Report.grouped(bytes / 1048576.0)
            + " MiB in "
            + Report.grouped(seconds)
            + " s, at most "
            + Report.decimals(extra, 1)
            + " MiB more of live heap");
    report.figure("queries.exportHeapMebibytes", Math.max(0, extra));
    report.figure("queries.exportEventsPerSecond", count / seconds);
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
