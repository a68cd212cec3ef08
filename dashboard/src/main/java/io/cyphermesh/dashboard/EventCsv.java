package io.cyphermesh.dashboard;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.core.view.EventView;
import java.util.List;

/** Events as rows of CSV (RFC 4180) that no spreadsheet takes for formulas. */
final class EventCsv {
  private static final List<String> COLUMNS =
      List.of(
          "seq",
          "key",
          "time",
          "received_at",
          "source_ip",
          "threat_type",
          "severity",
          "tlp",
          "detector",
          "description",
          "reporter_id",
          "local",
          "bare",
          "details");

  private EventCsv() {}

  static String head() {
    return String.join(",", COLUMNS) + "\r\n";
  }

  static void row(StringBuilder out, EventView event) {
    JsonObject details =
        event
            .detailsJson()
            .map(json -> JsonParser.parseString(json).getAsJsonObject())
            .orElseGet(JsonObject::new);
    List<String> cells =
        List.of(
            Long.toString(event.seq()),
            event.key(),
            event.time().toString(),
            event.receivedAt().toString(),
            event.sourceIp(),
            event.threatType(),
            event.severity(),
            text(details, "tlp"),
            text(details, "detector"),
            text(details, "description"),
            event.reporterId(),
            Boolean.toString(event.local()),
            Boolean.toString(event.bare()),
            event.detailsJson().orElse(""));
    for (int i = 0; i < cells.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      cell(out, cells.get(i));
    }
    out.append("\r\n");
  }

  private static String text(JsonObject details, String key) {
    JsonElement value = details.get(key);
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()
        ? value.getAsString()
        : "";
  }

  /** A text from a stranger must not be a formula in the analyst's spreadsheet (CWE-1236). */
  static void cell(StringBuilder out, String text) {
    boolean formula = !text.isEmpty() && "=+-@\t\r\n".indexOf(text.charAt(0)) >= 0;
    boolean quoted =
        formula
            || text.indexOf('"') >= 0
            || text.indexOf(',') >= 0
            || text.indexOf('\n') >= 0
            || text.indexOf('\r') >= 0;
    if (!quoted) {
      out.append(text);
      return;
    }
    out.append('"');
    if (formula) {
      out.append('\'');
    }
    out.append(text.replace("\"", "\"\"")).append('"');
  }
}
