package io.cyphermesh.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** Peers, as REST tells them, in a table. */
final class PeerTable {
  /** Where a terminal has fewer columns, counts that say why a score is what it is are left out. */
  private static final int WIDE = 110;

  private static final String NOTHING = "-";

  private PeerTable() {}

  /**
   * The table.
   *
   * @param columns width of the terminal; empty where none shows it
   */
  static Table of(List<JsonElement> peers, OptionalInt columns) {
    boolean wide = columns.orElse(Integer.MAX_VALUE) >= WIDE;
    List<Column> heads =
        new ArrayList<>(
            List.of(
                new Column("NODE", 8),
                new Column("ADDRESS", 13),
                new Column("STATE", 9),
                Column.whole("ROLE"),
                Column.whole("RTT"),
                Column.whole("IN"),
                Column.whole("OUT"),
                Column.whole("SCORE")));
    if (wide) {
      heads.add(Column.whole("LINK"));
      heads.add(Column.whole("VALID"));
      heads.add(Column.whole("INVALID"));
    }
    heads.add(new Column("NOTE", 6));
    Table table = new Table(heads);
    for (JsonElement element : peers) {
      table.add(row(element.getAsJsonObject(), wide).toArray(Cell[]::new));
    }
    return table;
  }

  private static List<Cell> row(JsonObject peer, boolean wide) {
    Optional<JsonObject> link =
        Optional.ofNullable(peer.get("link"))
            .filter(JsonElement::isJsonObject)
            .map(JsonElement::getAsJsonObject);
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(EventLine.shortened(Json.text(peer, "nodeId").orElse(NOTHING))));
    cells.add(Cell.of(Json.text(peer, "address").orElse(NOTHING)));
    cells.add(state(peer));
    cells.add(Cell.of(Json.text(peer, "role").orElse(NOTHING)));
    cells.add(
        Cell.of(
            link.flatMap(l -> Json.text(l, "roundTripMillis"))
                .map(PeerTable::roundTrip)
                .orElse(NOTHING)));
    cells.add(Cell.of(link.map(l -> size(Json.number(l, "bytesIn"))).orElse(NOTHING)));
    cells.add(Cell.of(link.map(l -> size(Json.number(l, "bytesOut"))).orElse(NOTHING)));
    cells.add(Cell.of(Long.toString(Json.number(peer, "reputation"))));
    if (wide) {
      cells.add(Cell.of(link.map(l -> Long.toString(Json.number(l, "score"))).orElse(NOTHING)));
      cells.add(Cell.of(Long.toString(Json.number(peer, "validEvents"))));
      cells.add(Cell.of(Long.toString(Json.number(peer, "invalidEvents"))));
    }
    cells.add(
        new Cell(
            Json.text(peer, "blockedUntil")
                .map(until -> "blocked until " + until)
                .or(() -> Json.text(peer, "lastError"))
                .or(() -> Json.text(peer, "agent"))
                .orElse(""),
            Style.DIM));
    return cells;
  }

  private static Cell state(JsonObject peer) {
    String state = Json.text(peer, "state").orElse("").toLowerCase(Locale.ROOT);
    boolean banned = Json.is(peer, "banned");
    return new Cell(
        banned ? "banned" : state,
        banned ? Style.RED : state.equals("connected") ? Style.GREEN : Style.DIM);
  }

  /** In at most five characters where it is below 100 seconds. */
  private static String roundTrip(String millis) {
    double value = Double.parseDouble(millis);
    return value < 9.95
        ? String.format(Locale.ROOT, "%.1fms", value)
        : value < 999.5
            ? String.format(Locale.ROOT, "%.0fms", value)
            : String.format(Locale.ROOT, "%.1fs", value / 1000);
  }

  /** In powers of 1024, and in at most four characters below a pebibyte. */
  private static String size(long bytes) {
    double value = bytes;
    int power = 0;
    while (value >= 999.5 && power < 4) {
      value /= 1024;
      power++;
    }
    return power == 0
        ? bytes + "B"
        : String.format(
            Locale.ROOT, value < 9.95 ? "%.1f%c" : "%.0f%c", value, "BKMGT".charAt(power));
  }
}
