package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import io.cyphermesh.cli.terminal.Terminal;
import java.util.List;

/** Events for people: in a table, or one after the other as they come. */
final class EventLine {
  private static final List<Column> COLUMNS =
      List.of(
          Column.whole("TIME"),
          Column.whole("SEVERITY"),
          new Column("TYPE", 10),
          new Column("SOURCE", 15),
          new Column("REPORTER", 8),
          new Column("ID", 8));

  /** Widths of a line whose followers are not known yet. */
  private static final int[] WIDTHS = {24, 8, 21, 22, 14, 12};

  private EventLine() {}

  static Table table() {
    return new Table(COLUMNS);
  }

  static Cell[] cells(JsonObject event) {
    String severity = text(event, "severity");
    String time = Json.is(event, "timeApproximate") ? "~" : "";
    boolean local = Json.is(event, "local");
    return new Cell[] {
      Cell.of(time + text(event, "timestamp")),
      new Cell(severity, Style.ofSeverity(severity)),
      Cell.of(text(event, "threat_type")),
      Cell.of(text(event, "source_ip")),
      new Cell(local ? "this node" : shortened(text(event, "reporterId")), Style.DIM),
      new Cell(shortened(text(event, "id")) + (Json.is(event, "bare") ? " (bare)" : ""), Style.DIM)
    };
  }

  static String line(Terminal terminal, JsonObject event) {
    StringBuilder line = new StringBuilder();
    Cell[] cells = cells(event);
    for (int i = 0; i < cells.length; i++) {
      String text = cells[i].text();
      line.append(i == 0 ? "" : "  ").append(terminal.paint(cells[i].style(), text));
      if (i < cells.length - 1) {
        line.repeat(' ', Math.max(0, WIDTHS[i] - Printable.width(text)));
      }
    }
    return line.toString();
  }

  /** Enough of an id to tell it from others by eye. */
  static String shortened(String id) {
    return id.length() > 12 ? id.substring(0, 12) : id;
  }

  private static String text(JsonObject event, String key) {
    return Json.text(event, key).orElse("");
  }
}
