package io.cyphermesh.cli;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.offline.OfflineStore;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.identity.ReporterKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cyphermesh status}. */
@Command(
    name = "status",
    description = "Show how the node is. Without a running node: what its data directory holds.",
    footer = {"  cyphermesh status", "  cyphermesh status --json | jq .events.stored"})
final class StatusCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  StatusCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    DataDirectory directory = around.dataDirectory(data.directory);
    Optional<NodeClient> node = NodeClient.find(directory);
    if (node.isPresent()) {
      try {
        running(node.get(), node.get().get("/api/v1/status"));
        return 0;
      } catch (NodeGone e) {
        // It went at this moment: what it left is told instead.
      }
    }
    offline(directory);
    return 0;
  }

  private void running(NodeClient node, JsonObject status) {
    if (json) {
      status.addProperty("running", true);
      status.addProperty("url", node.url().toString());
      status.addProperty("pid", node.pid());
      around.terminal().line(Json.ascii(status));
      return;
    }
    Terminal terminal = around.terminal();
    JsonObject events = status.getAsJsonObject("events");
    line("state", terminal.paint(Style.GREEN, "running") + uptime(status));
    plain("node", text(status, "nodeId"));
    plain("version", text(status, "version"));
    plain("listening", Json.text(status, "listening").orElse("not yet"));
    line("dashboard", terminal.paint(Style.CYAN, node.url().toString()));
    plain(
        "peers",
        "%s connected, %s known, %s banned"
            .formatted(
                text(status, "peersConnected"),
                text(status, "peersKnown"),
                text(status, "peersBanned")));
    plain(
        "events",
        "%s stored, %s of them reported here"
            .formatted(text(events, "stored"), text(events, "local")));
    plain(
        "received",
        "%s since the start: %s new, %s duplicates, %s ignored, %s rejected"
            .formatted(
                text(events, "received"),
                text(events, "accepted"),
                text(events, "duplicates"),
                text(events, "ignored"),
                text(events, "rejected")));
    plain("database", size(Json.number(status, "databaseBytes")));
    plain("signatures", "checked by " + text(status, "cryptoProvider"));
    Json.text(status, "warning")
        .ifPresent(warning -> line("warning", terminal.paint(Style.YELLOW, Printable.of(warning))));
  }

  private void offline(DataDirectory directory) throws IOException {
    Optional<String> nodeId = nodeId(directory);
    try (OfflineStore store = around.stores().open(directory)) {
      if (json) {
        JsonObject status = new JsonObject();
        status.addProperty("running", false);
        if (nodeId.isPresent()) {
          status.addProperty("nodeId", nodeId.get());
        } else {
          status.add("nodeId", JsonNull.INSTANCE);
        }
        JsonObject events = new JsonObject();
        events.addProperty("stored", store.stored());
        events.addProperty("local", store.local());
        status.add("events", events);
        status.addProperty("databaseBytes", store.bytes());
        around.terminal().line(Json.ascii(status));
        return;
      }
      line("state", around.terminal().paint(Style.DIM, "not running"));
      plain("node", nodeId.orElse("without a key yet"));
      plain("data", directory.path().toString());
      plain("events", store.stored() + " stored, " + store.local() + " of them reported here");
      plain("database", size(store.bytes()));
    }
  }

  private static Optional<String> nodeId(DataDirectory directory) throws IOException {
    try {
      return ReporterKey.ofPem(Files.readString(directory.keys().resolve("public_key.pem")))
          .map(key -> key.nodeId().hex());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static String uptime(JsonObject status) {
    try {
      Duration up =
          Duration.between(
              Instant.parse(text(status, "startedAt")), Instant.parse(text(status, "now")));
      long hours = up.toHours();
      return hours > 0
          ? " for " + hours + " h " + up.toMinutesPart() + " min"
          : " for " + up.toMinutes() + " min " + up.toSecondsPart() + " s";
    } catch (DateTimeParseException e) {
      return "";
    }
  }

  private static String size(long bytes) {
    return bytes < 10 << 20
        ? bytes / 1024 + " KiB"
        : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  private static String text(JsonObject object, String key) {
    return Json.text(object, key).orElse("?");
  }

  private void plain(String name, String value) {
    line(name, Printable.of(value));
  }

  private void line(String name, String value) {
    around.terminal().line(name + " ".repeat(12 - name.length()) + value);
  }
}
