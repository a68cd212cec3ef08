package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import com.google.gson.stream.MalformedJsonException;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cyphermesh report}. */
@Command(
    name = "report",
    description = "Report an event by hand: the running node signs, stores and shares it.",
    footer = {
      "  cyphermesh report --source 192.0.2.66 --type ssh-bruteforce --severity high",
      "  cyphermesh report --source 192.0.2.66 --type port-scan --severity low --details '{\"tlp\": \"green\"}'"
    })
final class ReportCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--source",
      paramLabel = "IP",
      required = true,
      description = "The observed address.")
  private String source = "";

  @Option(
      names = "--type",
      paramLabel = "T",
      required = true,
      description = "What it did, for instance ssh-bruteforce.")
  private String type = "";

  @Option(
      names = "--severity",
      paramLabel = "S",
      required = true,
      description = "low, medium, high or critical.")
  private String severity = "";

  @Option(
      names = "--details",
      paramLabel = "JSON",
      description = "Further details, for instance '{\"count\": 12, \"tlp\": \"green\"}'.")
  private @Nullable String details;

  @Option(names = "--json", description = "Print the signed event as JSON.")
  private boolean json;

  ReportCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() {
    JsonObject body = new JsonObject();
    body.addProperty("source_ip", source);
    body.addProperty("threat_type", type);
    body.addProperty("severity", severity());
    if (details != null) {
      try {
        body.add("details", Json.object(details));
      } catch (MalformedJsonException e) {
        throw CommandFailure.usage(
            "--details: give a JSON object, for instance '{\"count\": 12}': "
                + CommandFailure.reason(e));
      }
    }
    JsonObject event =
        RunningNode.ask(
            around.dataDirectory(data.directory), node -> node.post("/api/v1/events", body));
    around
        .terminal()
        .line(
            json
                ? Json.ascii(event)
                : "Reported, signed and shared: "
                    + Printable.of(Json.text(event, "id").orElse("?")));
    return 0;
  }

  private String severity() {
    String lower = severity.toLowerCase(Locale.ROOT);
    return switch (lower) {
      case "low", "medium", "high", "critical" -> lower;
      default ->
          throw CommandFailure.usage(
              "--severity: '" + severity + "' is not one of low, medium, high, critical");
    };
  }
}
