package io.cyphermesh.bench.ingest;

import io.cyphermesh.bench.report.Machine;
import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.bench.report.Report;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How two nodes with a long past become equal. */
@Command(
    name = "reconcile",
    description =
        "Seconds and bytes that two linked nodes need until both have what one of them lacked, and"
            + " the memory that knowing their events takes.",
    mixinStandardHelpOptions = true)
public final class ReconcileCommand implements Callable<Integer> {
  private static final long PATIENCE = TimeUnit.MINUTES.toNanos(15);

  /** No detector, so that nothing else is stored meanwhile; all limits as shipped. */
  private static final String SETTINGS = "plugins.log-watcher.enabled = false\n";

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "How many each of both has (${DEFAULT-VALUE}).")
  private int events;

  @Option(
      names = "--differ",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many only one of them has, in all (${DEFAULT-VALUE}).")
  private int differ;

  @Option(
      names = "--scattered",
      description = "Let these be of all times; else they are the youngest ones.")
  private boolean scattered;

  @Option(
      names = "--reporters",
      paramLabel = "N",
      defaultValue = "50",
      description = "Whose events they are (${DEFAULT-VALUE}).")
  private int reporters;

  private final Report report = new Report(System.out);

  @Override
  public Integer call() throws Exception {
    Path folder = Path.of(System.getProperty("bench.target", "bench/target")).resolve("load");
    Path launcher = Path.of(System.getProperty("bench.launcher", ""));
    if (!Files.isExecutable(launcher)) {
      throw new IOException("there is no node to measure: start this by bench/run");
    }
    if (differ < 2 || differ > events) {
      throw new IllegalArgumentException("--differ is to be 2 at least and --events at most");
    }
    report.line(Machine.line());
    report.line(
        "two nodes with "
            + Report.grouped(events)
            + " events each; "
            + Report.grouped(differ)
            + (scattered ? " of all times" : ", the youngest,")
            + " are with one of them only, half with each");
    report.line(
        "limits as shipped: limits.late 2,000/s after 20,000 at once; mesh.upload-bytes-per-second"
            + " 1 MiB of each node; limits.link.bytes-per-second 4 MiB");
    List<NodeIdentity> identities =
        Keys.open(folder.resolve("keys"), "reporter", reporters, Rsa.fastest());
    Path data = Files.createTempDirectory("cyphermesh-bench-");
    try {
      long begin = System.nanoTime();
      TwoStores stores = TwoStores.make(data, events, differ, scattered, identities, Instant.now());
      report.line("made both stores in " + Report.decimals(seconds(begin), 0) + " s");
      measure(launcher, data, stores);
    } finally {
      delete(data);
    }
    return 0;
  }

  private void measure(Path launcher, Path data, TwoStores stores)
      throws IOException, InterruptedException {
    long empty;
    try (NodeUnderTest node =
        NodeUnderTest.start(
            launcher, Files.createDirectories(data.resolve("empty")), SETTINGS, List.of())) {
      empty = node.liveHeapBytes();
      node.stop();
    }
    long begin = System.nanoTime();
    try (NodeUnderTest first = NodeUnderTest.start(launcher, stores.first(), SETTINGS, List.of());
        NodeUnderTest second =
            NodeUnderTest.start(launcher, stores.second(), SETTINGS, List.of())) {
      for (NodeUnderTest node : List.of(first, second)) {
        awaitLoaded(node);
      }
      double load = seconds(begin);
      long full = first.liveHeapBytes();
      long linked = System.nanoTime();
      second.addPeer(first.port());
      List<List<String>> rows = awaitEqual(first, second, linked);
      double took = seconds(linked);
      long bytes = first.linkBytes();
      long compared = compared(first);
      long rss = CpuTimes.statusKib(first.pid(), "VmRSS");
      long peak = CpuTimes.statusKib(first.pid(), "VmHWM");
      report.table(rows);
      report.line("");
      report.table(
          List.of(
              List.of("both nodes up and their events known, s", Report.decimals(load, 1)),
              List.of("from the link until both have all, s", Report.decimals(took, 1)),
              List.of("bytes of the link", Report.grouped((double) bytes)),
              List.of("of these, the events", Report.grouped((double) stores.travelling())),
              List.of("all others", Report.grouped((double) (bytes - stores.travelling()))),
              List.of("of these, the comparison", Report.grouped((double) compared)),
              List.of("heap of a node without events, MB", mega(empty)),
              List.of("heap with them, MB", mega(full)),
              List.of("RSS of a node, MiB", Report.grouped(rss / 1024.0)),
              List.of("its peak, MiB", Report.grouped(peak / 1024.0))));
      report.figure("reconcile.comparisonBytes", (double) compared);
      report.figure("reconcile.bytesLessEvents", (double) (bytes - stores.travelling()));
      report.figure("reconcile.bytes", (double) bytes);
      report.figure("reconcile.setMegabytes", (full - empty) / 1e6);
      report.figure("reconcile.rssMebibytes", rss / 1024.0);
      report.figure("reconcile.peakRssMebibytes", peak / 1024.0);
      report.figure("reconcile.loadSeconds", load);
      report.figure("reconcile.seconds", took);
      report.end();
      second.stop();
      first.stop();
    }
  }

  private void awaitLoaded(NodeUnderTest node) throws IOException, InterruptedException {
    Progress progress = Progress.of("reading what is stored");
    long begin = System.nanoTime();
    for (long known = 0; known < events; ) {
      progress.at(known, events);
      TimeUnit.MILLISECONDS.sleep(200);
      known = NodeUnderTest.number(node.metrics(), "cyphermesh_events_compared");
      patient(node, begin);
    }
    progress.end();
  }

  /** What each had after which time. */
  private List<List<String>> awaitEqual(NodeUnderTest first, NodeUnderTest second, long begin)
      throws IOException, InterruptedException {
    int all = events + differ / 2;
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("seconds after the link", "first has", "second has"));
    long shown = begin;
    while (true) {
      long one = first.counts().stored();
      long other = second.counts().stored();
      boolean equal = one >= all && other >= all;
      if (equal || System.nanoTime() - shown > TimeUnit.SECONDS.toNanos(5)) {
        shown = System.nanoTime();
        rows.add(
            List.of(
                Report.decimals(seconds(begin), 1),
                Report.grouped((double) one),
                Report.grouped((double) other)));
      }
      if (equal) {
        return rows;
      }
      TimeUnit.MILLISECONDS.sleep(100);
      patient(first, begin);
    }
  }

  private static void patient(NodeUnderTest node, long begin) throws IOException {
    if (System.nanoTime() - begin > PATIENCE) {
      throw new IOException("this takes too long:\n" + node.lastOutput());
    }
  }

  private static long compared(NodeUnderTest node) throws IOException, InterruptedException {
    Map<String, Double> metrics = node.metrics();
    return NodeUnderTest.number(metrics, "cyphermesh_reconciliations_compared_bytes_total");
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private static String mega(long bytes) {
    return Report.decimals(bytes / 1e6, 1);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
