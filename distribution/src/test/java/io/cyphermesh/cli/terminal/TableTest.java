package io.cyphermesh.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TableTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private List<String> print(OptionalInt columns, boolean colour) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    Table table = new Table(List.of(Column.whole("SCORE"), new Column("NAME", 6)));
    table.add(Cell.of("12"), new Cell("x".repeat(100) + "\u001b[2J", Style.RED));
    table.print(new Terminal(stream, stream, columns, false, false, colour));
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void rowsFitTheTerminal() {
    assertThat(print(OptionalInt.of(40), false))
        .allMatch(line -> Printable.width(line) <= 40)
        .last()
        .asString()
        .startsWith("12     xxx")
        .endsWith("…");
  }

  @Test
  void nothingIsCutWhereNoTerminalShowsIt() {
    assertThat(print(OptionalInt.empty(), false)).last().asString().contains("x".repeat(100));
  }

  @Test
  void noEscapeOfAStrangerReachesTheTerminal() {
    assertThat(print(OptionalInt.empty(), false)).noneMatch(line -> line.contains("\u001b"));
  }

  @Test
  void coloursAreThereOnlyWhereTheyAreUnderstood() {
    assertThat(print(OptionalInt.of(80), true)).last().asString().contains("\u001b[31m");
  }
}
