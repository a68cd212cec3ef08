package io.cyphermesh.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Report report = new Report(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void figuresAreTheLastLinesWhateverIsPrintedAfterThem() {
    report.figure("a.ratio", 0.15237);
    report.figure("a.perSecond", 12345.6);
    report.line("a table");
    report.end();
    assertThat(lines())
        .containsExactly("a table", "figure a.ratio 0.1524", "figure a.perSecond 12346");
  }

  @Test
  void aTableAlignsItsColumns() {
    report.table(List.of(List.of("what", "n"), List.of("a", "100"), List.of("longer", "7")));
    assertThat(lines()).containsExactly("  what      n", "  a       100", "  longer    7");
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
    assertThat(Spread.of(List.of(4.0, 1.0, 3.0, 10.0))).isEqualTo(new Spread(3.5, 1, 10));
  }

  @Test
  void progressElsewhereThanOnATerminalIsSparse() {
    Progress progress =
        new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, "signing");
    for (int i = 0; i < 1000; i++) {
      progress.at(i, 1000);
    }
    progress.end();
    assertThat(lines()).isEmpty();
  }
}
