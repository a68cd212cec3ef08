package io.cyphermesh.bench.detect;

import io.cyphermesh.bench.report.Report;
import io.cyphermesh.bench.report.Spread;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How many megabytes a second the Suricata bridge reads. */
@Command(
    name = "eve",
    description =
        "MB/s through the Suricata bridge, beside, where installed, jq -c"
            + " 'select(.event_type==\"alert\")'.",
    mixinStandardHelpOptions = true)
public final class EveCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "An eve.json; make-eve makes one.")
  private @Nullable Path file;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rounds that are measured (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--detector",
      paramLabel = "ID",
      defaultValue = "suricata-bridge",
      description = "The plugin that reads (${DEFAULT-VALUE}).")
  private String detector = "suricata-bridge";

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "The folder with its jar (the built archive's).")
  private @Nullable Path plugins;

  private final Report report = new Report(System.out);

  @Override
  public Integer call() throws Exception {
    Path eve = file;
    if (eve == null) {
      throw new IllegalStateException("picocli asks for FILE");
    }
    DetectorBench bench = new DetectorBench(report, eve, rounds);
    Path folder = plugins == null ? DetectorBench.bundledPlugins() : plugins;
    try (DetectorJar jar = DetectorJar.of(folder, detector)) {
      Spread ours = Spread.of(bench.detector(jar));
      List<Double> jq =
          bench.yardstick(
              new Yardstick(
                  "jq -c select(.event_type==\"alert\")",
                  List.of("jq", "-c", "select(.event_type==\"alert\")", eve.toString())),
              Math.min(rounds, 3),
              1);
      bench.print();
      report.figure("eve.megabytesPerCpuSecond", bench.megabytes() / bench.cpuSeconds());
      if (!jq.isEmpty()) {
        report.figure("eve.ratioToJq", Spread.of(jq).median() / ours.median());
      }
      report.figure("eve.megabytesPerSecond", bench.megabytes() / ours.median());
    }
    report.end();
    return 0;
  }
}
