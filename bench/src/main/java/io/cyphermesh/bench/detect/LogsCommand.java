package io.cyphermesh.bench.detect;

import io.cyphermesh.bench.report.Report;
import io.cyphermesh.bench.report.Spread;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How many lines a second the log watcher reads. */
@Command(
    name = "logs",
    description =
        "Lines/s through the log watcher, beside grep -cE with its rules as one expression and,"
            + " where installed, fail2ban-regex.",
    mixinStandardHelpOptions = true)
public final class LogsCommand implements Callable<Integer> {
  /** It reads a few thousand a second. */
  private static final int LINES_FOR_FAIL2BAN = 20_000;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "A log of sshd; make-ssh-log makes one.")
  private @Nullable Path file;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rounds that are measured (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "The folder with the log watcher's jar (the built archive's).")
  private @Nullable Path plugins;

  private final Report report = new Report(System.out);

  @Override
  public Integer call() throws Exception {
    Path log = file;
    if (log == null) {
      throw new IllegalStateException("picocli asks for FILE");
    }
    DetectorBench bench = new DetectorBench(report, log, rounds);
    Path folder = plugins == null ? DetectorBench.bundledPlugins() : plugins;
    try (DetectorJar jar = DetectorJar.of(folder, "log-watcher")) {
      Spread ours = Spread.of(bench.detector(jar));
      List<Double> grep =
          bench.yardstick(
              new Yardstick(
                  "grep -cE",
                  List.of("grep", "-cE", GrepPattern.of(jar.reference()), log.toString())),
              rounds,
              1);
      fail2ban(bench, log, ours);
      bench.print();
      report.figure("logs.linesPerCpuSecond", bench.lines() / bench.cpuSeconds());
      if (!grep.isEmpty()) {
        report.figure("logs.ratioToGrep", Spread.of(grep).median() / ours.median());
      }
      report.figure("logs.linesPerSecond", bench.lines() / ours.median());
    }
    report.end();
    return 0;
  }

  private void fail2ban(DetectorBench bench, Path log, Spread ours)
      throws IOException, InterruptedException {
    double share = Math.min(1, (double) LINES_FOR_FAIL2BAN / bench.lines());
    Path head = Files.createTempFile("cyphermesh-bench-", ".log");
    try {
      try (BufferedReader in = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1);
          BufferedWriter out = Files.newBufferedWriter(head, StandardCharsets.ISO_8859_1)) {
        for (int i = 0; i < LINES_FOR_FAIL2BAN; i++) {
          String line = in.readLine();
          if (line == null) {
            break;
          }
          out.write(line + "\n");
        }
      }
      List<Double> seconds =
          bench.yardstick(
              new Yardstick("fail2ban-regex", List.of("fail2ban-regex", head.toString(), "sshd")),
              1,
              share);
      if (!seconds.isEmpty()) {
        report.figure("logs.ratioToFail2ban", Spread.of(seconds).median() / ours.median());
      }
    } finally {
      Files.delete(head);
    }
  }
}
