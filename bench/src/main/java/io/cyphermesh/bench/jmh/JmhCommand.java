package io.cyphermesh.bench.jmh;

import io.cyphermesh.bench.report.Machine;
import io.cyphermesh.bench.report.Report;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the micro-benchmarks. */
@Command(
    name = "jmh",
    description = "Micro-benchmarks of canonical form, event id, verification and frame codec.",
    mixinStandardHelpOptions = true)
public final class JmhCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REGEX",
      defaultValue = ".*",
      description = "Which ones, by class and method (all).")
  private String pattern = ".*";

  @Option(
      names = "--forks",
      paramLabel = "N",
      defaultValue = "2",
      description = "JVMs that each one is measured in (${DEFAULT-VALUE}).")
  private int forks;

  private final Report report = new Report(System.out);

  @Override
  public Integer call() throws Exception {
    report.line(Machine.line());
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(pattern)
                    .forks(forks)
                    .warmupIterations(3)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.seconds(1))
                    .jvmArgs(
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx512m")
                    .build())
            .run();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("benchmark", "ns", "±", "a second"));
    for (RunResult result : results) {
      String label = result.getParams().getBenchmark();
      String name = label.substring(label.lastIndexOf('.', label.lastIndexOf('.') - 1) + 1);
      double nanos = result.getPrimaryResult().getScore();
      rows.add(
          List.of(
              name,
              Report.grouped(nanos),
              Report.grouped(result.getPrimaryResult().getScoreError()),
              Report.grouped(1e9 / nanos)));
      report.figure("jmh." + name + "Nanos", nanos);
    }
    report.line("");
    report.table(rows);
    report.end();
    return 0;
  }
}
