package io.cyphermesh.cli.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private long nanos;

  @Test
  void aLongReplayShowsHowFarItIsAndErasesThat() {
    Report report = report(true, OptionalLong.of(200));
    report.progress(20, 1_000, 10);
    assertThat(err.size()).isZero();
    nanos = 2_000_000_000;
    report.progress(100, 5_000, 10);
    assertThat(shown()).isEqualTo(" 50% of 0.2 KiB, 5,000 lines, 2,500 lines/s, 0 detections");
    report.end();
    assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("\r" + " ".repeat(78) + "\r");
  }

  @Test
  void ofAPipeNobodyKnowsHowMuchIsToCome() {
    Report report = report(true, OptionalLong.empty());
    nanos = 1_000_000_000;
    report.progress(1 << 20, 5_000, 10);
    assertThat(shown()).startsWith("1.0 MiB, 5,000 lines");
  }

  @Test
  void whereNobodyWatchesThereIsNoProgress() {
    Report report = report(false, OptionalLong.of(200));
    nanos = 2_000_000_000;
    report.progress(100, 5_000, 10);
    report.end();
    assertThat(err.size()).isZero();
  }

  @Test
  void theSummaryIsTheLastLine() {
    Report report = report(false, OptionalLong.of(200));
    nanos = 1_500_000_000;
    report.progress(200, 1_234_567, 8);
    report.end();
    report.summary();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("1,234,567 lines read, 8 matched, 0 detections, 1.5 s\n");
  }

  private String shown() {
    String all = err.toString(StandardCharsets.UTF_8);
    return all.substring(all.lastIndexOf('\r') + 1).stripTrailing();
  }

  private Report report(boolean watching, OptionalLong total) {
    return new Report(
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            OptionalInt.empty(),
            false,
            watching,
            false),
        false,
        false,
        total,
        () -> nanos);
  }
}
