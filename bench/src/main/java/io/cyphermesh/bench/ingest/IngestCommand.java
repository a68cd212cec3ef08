package io.cyphermesh.bench.ingest;

import io.cyphermesh.bench.report.Machine;
import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.bench.report.Report;
import io.cyphermesh.bench.report.Spread;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How many events a second a node takes from its peers. */
@Command(
    name = "ingest",
    description =
        "Events/s that a node takes from its peers, from the link to the committed transaction,"
            + " beside what one core verifies with OpenSSL.",
    mixinStandardHelpOptions = true)
public final class IngestCommand implements Callable<Integer> {
  private static final long STALLED = TimeUnit.SECONDS.toNanos(60);

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "120000",
      description = "How many in all (${DEFAULT-VALUE}).")
  private int events;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "0",
      description = "How many of them come before the measured ones (two fifths).")
  private int warmUp;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "4",
      description = "Rounds that are measured (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--reporters",
      paramLabel = "N",
      defaultValue = "50",
      description = "Whose events they are (${DEFAULT-VALUE}).")
  private int reporters;

  @Option(
      names = "--links",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "TLS links that they come over; the node passes each event on to all others"
              + " (${DEFAULT-VALUE}).")
  private int links;

  @Option(
      names = "--profile",
      paramLabel = "FILE.jfr",
      description = "Record the node with Flight Recorder and say where its time goes.")
  private @Nullable Path profile;

  private final Report report = new Report(System.out);

  @Override
  public Integer call() throws Exception {
    Shape shape = Shape.of(events, warmUp, rounds, reporters, links);
    Path folder = Path.of(System.getProperty("bench.target", "bench/target")).resolve("load");
    Path launcher = Path.of(System.getProperty("bench.launcher", ""));
    if (!Files.isExecutable(launcher)) {
      throw new IOException("there is no node to measure: start this by bench/run");
    }
    report.line(Machine.line());
    report.line(
        "load: "
            + Report.grouped(shape.warmUp())
            + " events to warm up, then "
            + rounds
            + " rounds of "
            + Report.grouped(shape.perRound())
            + ", of "
            + reporters
            + " reporters over "
            + links
            + " TLS links");
    report.line("settings of the node, raised so that no limit is measured:");
    RaisedLimits.text().lines().forEach(line -> report.line("  " + line));
    List<NodeIdentity> identities =
        Keys.open(folder.resolve("keys"), "reporter", reporters, Rsa.fastest());
    SignedLoad load = SignedLoad.of(folder, shape, identities, Instant.now());
    report.line(
        load.signed().isZero()
            ? "signed events: kept from before, " + load.file()
            : "signed "
                + Report.grouped(shape.total())
                + " events in "
                + load.signed().toSeconds()
                + " s");

    double before = OpenSsl.verifiesPerSecond();
    Path data = Files.createTempDirectory("cyphermesh-bench-");
    try {
      measure(shape, load, folder, launcher, data, before);
    } finally {
      delete(data);
    }
    return 0;
  }

  private void measure(
      Shape shape, SignedLoad load, Path folder, Path launcher, Path data, double before)
      throws IOException, InterruptedException {
    List<Round> measured = new ArrayList<>();
    long relayed;
    long peakKib;
    long stored;
    long bytes;
    try (NodeUnderTest node =
        NodeUnderTest.start(launcher, data, RaisedLimits.text(), javaOptions())) {
      try (Load sender =
          Load.start(node.port(), load.file(), folder.resolve("keys"), shape.links())) {
        Round warmUp = round(node, sender, shape, 0);
        report.line("warm-up: " + Report.grouped(warmUp.perSecond()) + " events/s");
        for (int phase = 1; phase < shape.phases(); phase++) {
          Round round = round(node, sender, shape, phase);
          measured.add(round);
          report.line(
              "round "
                  + phase
                  + ": "
                  + Report.grouped(round.perSecond())
                  + " events/s, CPU of the node "
                  + Report.decimals(round.nodeCpuMicros(), 1)
                  + " µs an event");
        }
        relayed = sender.relayed();
      }
      stored = node.counts().stored();
      peakKib = CpuTimes.statusKib(node.pid(), "VmHWM");
      node.stop();
      // After the stop, which moves the write-ahead log into the file.
      bytes = node.databaseBytes();
    }
    double after = OpenSsl.verifiesPerSecond();
    Spread rate = Spread.of(measured.stream().map(Round::perSecond).toList());
    double openssl = Math.max(before, after);
    print(measured, rate, before, after);
    report.table(
        List.of(
            List.of("sent", Report.grouped(shape.total())),
            List.of("stored", Report.grouped((double) stored)),
            List.of("passed on to other links", Report.grouped((double) relayed)),
            List.of("peak RSS of the node, MiB", Report.grouped(peakKib / 1024.0)),
            List.of("database bytes an event", Report.grouped((double) bytes / stored))));
    if (stored != shape.total()) {
      throw new IOException("stored " + stored + " of " + shape.total() + " events");
    }
    if (profile != null) {
      new ProfileDigest(report).print(profile);
      report.line("Flight Recorder was on: the figures are not those of a node without it.");
    }
    double cpu = Spread.of(measured.stream().map(Round::nodeCpuMicros).toList()).median();
    double loadCpu = Spread.of(measured.stream().map(Round::loadCpuMicros).toList()).median();
    report.figure("ingest.opensslVerifiesPerSecond", openssl);
    report.figure("ingest.nodeCpuMicrosPerEvent", cpu);
    report.figure("ingest.loadCpuMicrosPerEvent", loadCpu);
    report.figure("ingest.ratioPerNodeCore", 1e6 / cpu / openssl);
    report.figure("ingest.peakRssMebibytes", peakKib / 1024.0);
    report.figure("ingest.databaseBytesPerEvent", (double) bytes / stored);
    report.figure("ingest.eventsPerSecond", rate.median());
    report.figure("ingest.ratio", rate.median() / openssl);
    report.end();
  }

  private List<String> javaOptions() {
    Path file = profile;
    return file == null
        ? List.of()
        : List.of(
            "-XX:StartFlightRecording=settings=profile,dumponexit=true,"
                + "jdk.CPUTimeSample#enabled=true,jdk.CPUTimeSample#throttle=5ms,filename="
                + file.toAbsolutePath());
  }

  /** Sends a phase and waits until the node has committed all of it. */
  private static Round round(NodeUnderTest node, Load sender, Shape shape, int phase)
      throws IOException, InterruptedException {
    long target = (long) shape.first(phase) + shape.events(phase);
    Progress progress = Progress.of(phase == 0 ? "warm-up" : "round " + phase);
    CpuTimes nodeBefore = CpuTimes.of(node.pid());
    CpuTimes loadBefore = CpuTimes.of(sender.pid());
    long begin = System.nanoTime();
    sender.send(phase);
    double received = 0;
    double verified = 0;
    long lastStored = -1;
    long lastMove = begin;
    while (true) {
      NodeUnderTest.Counts counts = node.counts();
      long now = System.nanoTime();
      double elapsed = (now - begin) / 1e9;
      received = received == 0 && counts.received() >= target ? elapsed : received;
      verified = verified == 0 && counts.verified() >= target ? elapsed : verified;
      if (counts.stored() >= target) {
        break;
      }
      if (counts.stored() != lastStored) {
        lastStored = counts.stored();
        lastMove = now;
      } else if (now - lastMove > STALLED || !sender.isAlive() || counts.settled() > 0) {
        throw new IOException(
            "the node has stored "
                + counts.stored()
                + " of "
                + target
                + " events and judged "
                + counts.settled()
                + " otherwise:\n"
                + node.lastOutput());
      }
      progress.at(counts.stored() - shape.first(phase), shape.events(phase));
      TimeUnit.MILLISECONDS.sleep(
          pause(elapsed, counts.stored() - shape.first(phase), shape.events(phase)));
    }
    double committed = (System.nanoTime() - begin) / 1e9;
    sender.awaitSent();
    progress.end();
    return new Round(
        shape.events(phase),
        received == 0 ? committed : received,
        verified == 0 ? committed : verified,
        committed,
        CpuTimes.of(node.pid()).since(nodeBefore),
        CpuTimes.of(sender.pid()).totalNanos() - loadBefore.totalNanos());
  }

  /** Asking costs the node time: seldom while there is much to do, often towards the end. */
  private static long pause(double elapsed, long done, long all) {
    double left = done <= 0 ? 1 : elapsed * (all - done) / done;
    return Math.clamp((long) (left * 1000 / 4), 5, 200);
  }

  private void print(List<Round> measured, Spread rate, double before, double after) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("median (least–most) of " + measured.size() + " rounds", "events/s"));
    rows.add(
        List.of(
            "received",
            Spread.of(measured.stream().map(r -> r.events() / r.received()).toList()).text(0)));
    rows.add(
        List.of(
            "verified",
            Spread.of(measured.stream().map(r -> r.events() / r.verified()).toList()).text(0)));
    rows.add(List.of("committed", rate.text(0)));
    rows.add(List.of("openssl speed rsa2048, one core, before", Report.grouped(before)));
    rows.add(List.of("the same, after", Report.grouped(after)));
    rows.add(
        List.of(
            "ratio of committed to the better of both",
            Report.decimals(rate.median() / Math.max(before, after), 3)));
    report.line("");
    report.table(rows);
    List<List<String>> cpu = new ArrayList<>();
    cpu.add(List.of("CPU of the measured rounds", "seconds", "µs an event", "share"));
    long count = measured.stream().mapToLong(Round::events).sum();
    double all = 0;
    for (Round round : measured) {
      all += round.nodeCpu().values().stream().mapToLong(Long::longValue).sum();
    }
    for (Stage stage : Stage.values()) {
      double nanos = 0;
      for (Round round : measured) {
        nanos += round.nodeCpu().getOrDefault(stage, 0L);
      }
      cpu.add(
          List.of(
              "node, " + stage.label(),
              Report.decimals(nanos / 1e9, 2),
              Report.decimals(nanos / 1e3 / count, 1),
              Report.grouped(100 * nanos / all) + " %"));
    }
    cpu.add(
        List.of(
            "node, all",
            Report.decimals(all / 1e9, 2),
            Report.decimals(all / 1e3 / count, 1),
            "100 %"));
    double loadNanos = measured.stream().mapToLong(Round::loadCpu).sum();
    cpu.add(
        List.of(
            "load process",
            Report.decimals(loadNanos / 1e9, 2),
            Report.decimals(loadNanos / 1e3 / count, 1),
            ""));
    report.line("");
    report.table(cpu);
    report.line("");
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
