package io.cyphermesh.cli.detect;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.cyphermesh.api.Detection;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.ProgressLine;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Table.Cell;
import io.cyphermesh.cli.terminal.Table.Column;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.plugin.ReplayOutput;
import io.cyphermesh.core.source.ReplayInput;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Prints what a replay gives: a table for people, or an object a line. Not thread-safe. */
public final class Report implements ReplayOutput {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("SOURCE", 15),
          Column.whole("SEVERITY"),
          new Column("TYPE", 12),
          Column.whole("COUNT"),
          new Column("FIRST SEEN", 19),
          new Column("LAST SEEN", 19),
          new Column("RULE", 10));

  /** A table is measured before it is printed; with more rows than this there are several. */
  private static final int MOST_ROWS = 1000;

  private static final int FULL = 64 * 1024;

  private final Terminal terminal;
  private final boolean json;
  private final boolean several;
  private final OptionalLong total;
  private final ProgressLine progress;
  private final StringBuilder text = new StringBuilder();
  private Table table = new Table(COLUMNS);
  private int rows;
  private long detections;
  private long lines;
  private long matched;

  /**
   * @param several whether reasons come from more than one detector, and have to say from which
   * @param total bytes of all inputs, where that is known
   * @param nanos a clock that only advances, in nanoseconds
   */
  public Report(
      Terminal terminal, boolean json, boolean several, OptionalLong total, LongSupplier nanos) {
    this.terminal = terminal;
    this.json = json;
    this.several = several;
    this.total = total;
    this.progress = new ProgressLine(terminal, nanos);
  }

  @Override
  public void detected(String detector, Detection detection) {
    detections++;
    if (json) {
      append(Json.ascii(object(detector, detection)));
      return;
    }
    String severity = detection.severity().label();
    table.add(
        Cell.of(detection.indicator().value()),
        new Cell(severity, Style.ofSeverity(severity)),
        Cell.of(detection.threatType()),
        Cell.of(String.valueOf(detection.count().orElse(1))),
        Cell.of(time(detection.firstSeen())),
        Cell.of(time(detection.lastSeen())),
        new Cell(detection.rule().orElse(detector), Style.DIM));
    if (++rows == MOST_ROWS) {
      printTable();
    }
  }

  private static String time(Optional<Instant> time) {
    return time.map(Instant::toString).orElse("");
  }

  private static JsonObject object(String detector, Detection detection) {
    JsonObject object = new JsonObject();
    object.addProperty("source", detection.indicator().value());
    object.addProperty("type", detection.threatType());
    object.addProperty("severity", detection.severity().label());
    object.addProperty("count", detection.count().orElse(1));
    add(object, "first_seen", detection.firstSeen().map(Instant::toString));
    add(object, "last_seen", detection.lastSeen().map(Instant::toString));
    add(object, "rule", detection.rule());
    object.addProperty("detector", detector);
    detection.technique().ifPresent(technique -> object.addProperty("technique", technique));
    detection
        .target()
        .ifPresent(
            target -> {
              JsonObject attacked = new JsonObject();
              target.service().ifPresent(service -> attacked.addProperty("service", service));
              target.protocol().ifPresent(protocol -> attacked.addProperty("protocol", protocol));
              target.port().ifPresent(port -> attacked.addProperty("port", port));
              object.add("target", attacked);
            });
    return object;
  }

  private static void add(JsonObject object, String key, Optional<String> value) {
    if (value.isPresent()) {
      object.addProperty(key, value.get());
    } else {
      object.add(key, JsonNull.INSTANCE);
    }
  }

  @Override
  public void explained(
      ReplayInput input, long number, String line, String detector, String rule, String reason) {
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("file", input.name());
      object.addProperty("line", number);
      add(object, "detector", Optional.of(detector).filter(id -> !id.isEmpty()));
      add(object, "rule", Optional.of(rule).filter(id -> !id.isEmpty()));
      object.addProperty("reason", reason);
      object.addProperty("text", line);
      append(Json.ascii(object));
      return;
    }
    append(
        Printable.of(input.name())
            + ":"
            + number
            + " "
            + (rule.isEmpty() ? "no rule" : terminal.paint(Style.BOLD, Printable.of(rule)))
            + ": "
            + Printable.of(reason)
            + (several && !detector.isEmpty() ? " (" + detector + ")" : ""));
    append("    " + terminal.paint(Style.DIM, Printable.of(line)));
  }

  private void append(String line) {
    text.append(line).append('\n');
    if (text.length() > FULL) {
      flush();
    }
  }

  private void flush() {
    if (!text.isEmpty()) {
      progress.erase();
      terminal.out().print(text);
      text.setLength(0);
      requireReader();
    }
  }

  private void requireReader() {
    if (terminal.gone()) {
      throw CommandFailure.unheard();
    }
  }

  private void printTable() {
    flush();
    progress.erase();
    table.print(terminal);
    table = new Table(COLUMNS);
    rows = 0;
    requireReader();
  }

  @Override
  public void progress(long bytes, long linesRead, long linesMatched) {
    lines = linesRead;
    matched = linesMatched;
    flush();
    progress.show(
        () ->
            String.format(
                Locale.ROOT,
                "%s, %,d lines, %,.0f lines/s, %,d detections",
                ProgressLine.share(bytes, total.orElse(0)),
                lines,
                lines / progress.seconds(),
                detections));
  }

  @Override
  public void note(String note) {
    progress.erase();
    terminal.note(note);
  }

  /** Takes the progress away; for a replay that broke off as well, with what it has found. */
  public void end() {
    flush();
    progress.erase();
    if (rows > 0) {
      printTable();
    }
  }

  /** The last line of a whole replay. */
  public void summary() {
    String summary =
        String.format(
            Locale.ROOT,
            "%,d lines read, %,d matched, %,d %s, %.1f s",
            lines,
            matched,
            detections,
            detections == 1 ? "detection" : "detections",
            progress.seconds());
    if (json) {
      terminal.err().println(summary);
    } else {
      terminal.line(terminal.paint(Style.BOLD, summary));
    }
  }
}
