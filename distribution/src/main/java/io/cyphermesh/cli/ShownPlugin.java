package io.cyphermesh.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.settings.Nearest;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Style;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A plugin, or one extension of it, as a running node shows it.
 *
 * @param json the node's own object
 */
record ShownPlugin(JsonObject json) {

  /** All that a node shows. */
  static List<ShownPlugin> all(NodeClient node) throws NodeGone {
    return objects(node.get("/api/v1/plugins"), "plugins").stream().map(ShownPlugin::new).toList();
  }

  /**
   * The one that the operator names.
   *
   * @throws CommandFailure if the node shows none; the message names the nearest
   */
  static ShownPlugin named(NodeClient node, String id) throws NodeGone {
    List<ShownPlugin> all = all(node);
    return all.stream()
        .filter(plugin -> plugin.text("id").equals(id))
        .findFirst()
        .orElseThrow(
            () -> unknown("there is no plugin", id, all.stream().map(p -> p.text("id")).toList()));
  }

  /** The failure that names the nearest. */
  static CommandFailure unknown(String what, String id, List<String> ids) {
    return CommandFailure.usage(
        what
            + " '"
            + id
            + "'"
            + Nearest.to(id, ids)
                .map(near -> "; did you mean '" + near + "'?")
                .orElse(ids.isEmpty() ? "" : "; there are " + String.join(", ", ids)));
  }

  /** Where the node has it. */
  static String path(String id) {
    return "/api/v1/plugins/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }

  String text(String key) {
    return Json.text(json, key).orElse("");
  }

  String state() {
    return text("state");
  }

  Style style() {
    return switch (state()) {
      case "ACTIVE" -> Style.GREEN;
      case "FAILED", "WEDGED" -> Style.RED;
      default -> Style.PLAIN;
    };
  }

  String kinds() {
    return json.get("kinds") instanceof JsonArray kinds
        ? kinds.asList().stream().map(JsonElement::getAsString).collect(Collectors.joining(", "))
        : text("kind");
  }

  /** Its jar, as the node says it; empty where it does not. */
  Optional<JsonObject> file() {
    return file(json);
  }

  /** The jar that was to take its place and could not. */
  Optional<JsonObject> upgrade() {
    return json.get("upgrade") instanceof JsonObject upgrade
        ? Optional.of(upgrade)
        : Optional.empty();
  }

  /** The jar of a plugin or of an upgrade. */
  static Optional<JsonObject> file(JsonObject of) {
    return of.get("file") instanceof JsonObject file ? Optional.of(file) : Optional.empty();
  }

  /** Whether the node means a place in one of our folders, which it may know by another name. */
  static boolean isAt(JsonObject file, Path place) {
    try {
      Path shown = Path.of(Json.text(file, "path").orElse(""));
      return shown.equals(place)
          || (Objects.equals(shown.getFileName(), place.getFileName())
              && shown.getParent() != null
              && place.getParent() != null
              && Files.isSameFile(shown.getParent(), place.getParent()));
    } catch (InvalidPathException | IOException e) {
      return false;
    }
  }

  /** A time that the node says; empty where it does not. */
  static Optional<Instant> time(JsonObject of, String key) {
    try {
      return Json.text(of, key).map(Instant::parse);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  List<ShownPlugin> extensions() {
    return objects(json, "extensions").stream().map(ShownPlugin::new).toList();
  }

  /** What it reported, delivered or found, each kind by its own word. */
  String work() {
    Map<String, Long> counts = new LinkedHashMap<>();
    List<ShownPlugin> parts = extensions().isEmpty() ? List.of(this) : extensions();
    for (ShownPlugin part : parts) {
      String word =
          switch (part.kinds().replaceAll(",.*", "")) {
            case "detector" -> "reported";
            case "exporter" -> "delivered";
            case "discovery" -> "found";
            default -> "";
          };
      if (!word.isEmpty()) {
        counts.merge(word, Json.number(part.json, "produced"), Long::sum);
      }
    }
    String done =
        counts.entrySet().stream()
            .map(each -> each.getValue() + " " + each.getKey())
            .collect(Collectors.joining(", "));
    long refused = Json.number(json, "refused");
    return done.isEmpty() ? "-" : refused == 0 ? done : done + ", " + refused + " refused";
  }

  /** How many events it is behind; empty for what exports none. */
  Optional<String> behind() {
    return lag().map(lag -> Long.toString(Json.number(lag, "events")));
  }

  /** How far an exporter is behind; empty for what exports nothing. */
  Optional<JsonObject> lag() {
    return json.get("lag") instanceof JsonObject lag ? Optional.of(lag) : Optional.empty();
  }

  private static List<JsonObject> objects(JsonObject object, String key) {
    return object.get(key) instanceof JsonArray array
        ? array.asList().stream()
            .filter(JsonElement::isJsonObject)
            .map(JsonElement::getAsJsonObject)
            .toList()
        : List.of();
  }
}
