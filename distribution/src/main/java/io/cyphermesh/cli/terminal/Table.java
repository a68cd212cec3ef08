package io.cyphermesh.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells, aligned, and on a terminal cut to its width. */
public final class Table {
  private static final String GAP = "  ";

  private final List<Column> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  /**
   * A column.
   *
   * @param title its head
   * @param least columns that it keeps however narrow the terminal is; more are taken from it
   *     before other columns suffer
   */
  public record Column(String title, int least) {
    /** A column that is never cut. */
    public static Column whole(String title) {
      return new Column(title, Integer.MAX_VALUE);
    }
  }

  /**
   * A cell.
   *
   * @param text from anywhere; made safe here
   * @param style how it stands out
   */
  public record Cell(String text, Style style) {
    public Cell {
      text = Printable.of(text);
    }

    public static Cell of(String text) {
      return new Cell(text, Style.PLAIN);
    }
  }

  public Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Adds a row with a cell for each column. */
  public void add(Cell... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns.size());
    }
    rows.add(List.of(cells));
  }

  /** Prints head and rows. */
  public void print(Terminal terminal) {
    int[] widths = widths(terminal);
    print(terminal, widths, columns.stream().map(c -> new Cell(c.title(), Style.BOLD)).toList());
    for (List<Cell> row : rows) {
      print(terminal, widths, row);
    }
  }

  private int[] widths(Terminal terminal) {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = columns.get(i).title().length();
      for (List<Cell> row : rows) {
        widths[i] = Math.max(widths[i], Printable.width(row.get(i).text()));
      }
    }
    int limit = terminal.columns().orElse(Integer.MAX_VALUE);
    int total = GAP.length() * (widths.length - 1);
    for (int width : widths) {
      total += width;
    }
    while (total > limit) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        if (widths[i] > columns.get(i).least() && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        break;
      }
      widths[widest]--;
      total--;
    }
    return widths;
  }

  private static void print(Terminal terminal, int[] widths, List<Cell> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String text = Printable.fit(cells.get(i).text(), widths[i]);
      line.append(terminal.paint(cells.get(i).style(), text));
      if (i < widths.length - 1) {
        line.repeat(' ', widths[i] - Printable.width(text)).append(GAP);
      }
    }
    terminal.line(line.toString());
  }
}
