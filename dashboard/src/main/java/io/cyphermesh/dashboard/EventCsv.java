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

  /** What a formula begins with, in full width too. */
  private static final String FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20";

  /** All but the first are taken for formulas' begin themselves by some programs. */
  private static final String SEPARATORS = ";\t\r\n";

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
            detector(details),
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

  /** What the filter of that name finds it by. */
  private static String detector(JsonObject details) {
    return details.get("detector") instanceof JsonObject object
        ? text(object, "plugin")
        : text(details, "detector");
  }

  private static String text(JsonObject details, String key) {
    JsonElement value = details.get(key);
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()
        ? value.getAsString()
        : "";
  }

  /**
   * A text from a stranger must not be a formula in the analyst's spreadsheet (CWE-1236), which may
   * take other characters than the comma for the end of a cell, too.
   */
  static void cell(StringBuilder out, String stranger) {
    String text = harmless(stranger);
    boolean quoted =
        text.length() > stranger.length()
            || text.indexOf('"') >= 0
            || text.indexOf(',') >= 0
            || text.indexOf('\n') >= 0
            || text.indexOf('\r') >= 0;
    if (!quoted) {
      out.append(text);
      return;
    }
    out.append('"').append(text.replace("\"", "\"\"")).append('"');
  }

  private static String harmless(String text) {
    StringBuilder out = new StringBuilder(text.length() + 1);
    if (!text.isEmpty() && SEPARATORS.indexOf(text.charAt(0)) > 0) {
      out.append('\'');
    }
    boolean begin = true;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (begin && FORMULA.indexOf(each) >= 0) {
        out.append('\'');
      }
      out.append(each);
      // A cell's text may stand in quotes.
      begin = SEPARATORS.indexOf(each) >= 0 || (begin && each == '"');
    }
    return out.toString();
  }
}
