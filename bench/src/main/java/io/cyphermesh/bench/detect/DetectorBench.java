package io.cyphermesh.bench.detect;

import io.cyphermesh.bench.report.Machine;
import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.bench.report.Report;
import io.cyphermesh.bench.report.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures a detector on a file, and other programs on the same file. */
final class DetectorBench {
  private static final int WARM_UP = 2;

  private final Report report;
  private final Path file;
  private final long bytes;
  private final int rounds;
  private final List<List<String>> rows = new ArrayList<>();
  private long lines;
  private double cpuSeconds;

  DetectorBench(Report report, Path file, int rounds) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " is no file; bench/run make-ssh-log or make-eve makes one");
    }
    this.report = report;
    this.file = file;
    this.bytes = Files.size(file);
    this.rounds = rounds;
    rows.add(List.of("median (least–most)", "seconds", "lines/s", "MB/s"));
  }

  /** The folder of the built archive's plugins. */
  static Path bundledPlugins() {
    return Path.of(System.getProperty("bench.launcher", "")).resolve("../../plugins").normalize();
  }

  /**
   * Runs the detector.
   *
   * @return seconds of each measured round
   */
  List<Double> detector(DetectorJar jar) throws Exception {
    report.line(Machine.line());
    List<Double> seconds = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    Path data = Files.createTempDirectory("cyphermesh-bench-");
    Progress progress = Progress.of("rounds");
    long detections = 0;
    for (int i = -WARM_UP; i < rounds; i++) {
      Replay.Result result = Replay.run(jar, file, data);
      lines = result.lines();
      detections = result.detections();
      if (i >= 0) {
        seconds.add(result.nanos() / 1e9);
        cpu.add(result.cpuNanos() / 1e9);
      }
      progress.at(i + WARM_UP + 1L, (long) WARM_UP + rounds);
    }
    progress.end();
    Files.deleteIfExists(data);
    report.line(
        file
            + ": "
            + Report.grouped((double) lines)
            + " lines, "
            + Report.decimals(bytes / 1e6, 1)
            + " MB; "
            + jar.id()
            + " reports "
            + Report.grouped((double) detections)
            + " detections; "
            + WARM_UP
            + " rounds to warm up, "
            + rounds
            + " measured");
    row(jar.id() + ", one core", seconds, 1);
    row("the same, by CPU time", cpu, 1);
    cpuSeconds = Spread.of(cpu).median();
    return seconds;
  }

  /**
   * Runs another program where it is installed.
   *
   * @param share of the file that it gets
   * @return seconds of each round for the whole file; empty where it is not installed
   */
  List<Double> yardstick(Yardstick yardstick, int rounds, double share)
      throws IOException, InterruptedException {
    if (!yardstick.installed()) {
      rows.add(List.of(yardstick.name() + ": not installed", "", "", ""));
      return List.of();
    }
    List<Double> seconds = yardstick.run(rounds).stream().map(s -> s / share).toList();
    row(yardstick.name(), seconds, share);
    return seconds;
  }

  private void row(String name, List<Double> seconds, double share) {
    Spread spread = Spread.of(seconds);
    rows.add(
        List.of(
            share < 1
                ? name + ", from the first " + Report.grouped(share * lines) + " lines"
                : name,
            spread.text(2),
            Report.grouped(lines / spread.median()),
            Report.decimals(bytes / 1e6 / spread.median(), 1)));
  }

  /** CPU seconds of the detector's median round: what a busy machine changes least. */
  double cpuSeconds() {
    return cpuSeconds;
  }

  long lines() {
    return lines;
  }

  double megabytes() {
    return bytes / 1e6;
  }

  /** Prints all rows. */
  void print() {
    report.line("");
    report.table(rows);
    report.line("");
  }
}
