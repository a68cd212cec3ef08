package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.control.NodeBusyException;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.control.PluginDisabledException;
import io.cyphermesh.core.control.UnknownPluginException;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.dashboard.Endpoint.Answer;
import io.cyphermesh.dashboard.Endpoint.Parameter;
import io.cyphermesh.dashboard.Gate.Access;
import io.jooby.Context;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The table of everything that can be asked, and the answers. */
final class Api {
  static final int MAX_BODY_BYTES = 64 * 1024;
  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_LIMIT = 500;
  private static final int MAX_PLUGIN_NAME = 255;
  private static final Pattern EVENT_ID = Pattern.compile("[0-9a-f]{64}");

  private static final Parameter PLUGIN_ID =
      new Parameter("id", "path", "{\"type\":\"string\"}", "The plugin's id");

  private final NodeView view;
  private final NodeControl control;
  private final Supplier<String> metrics;
  private final LiveFeed live;
  private final WriteRate writes;
  private final Page page = new Page();

  Api(
      NodeView view,
      NodeControl control,
      Supplier<String> metrics,
      LiveFeed live,
      WriteRate writes) {
    this.view = view;
    this.control = control;
    this.metrics = metrics;
    this.live = live;
    this.writes = writes;
  }

  List<Endpoint> endpoints() {
    return List.of(
        file("/", "index.html", "text/html;charset=utf-8", "The page"),
        file("/app.css", "app.css", "text/css;charset=utf-8", "The page's looks"),
        file("/app.js", "app.js", "text/javascript;charset=utf-8", "The page's program"),
        file("/favicon.svg", "favicon.svg", "image/svg+xml", "The page's icon"),
        Endpoint.get(
            "/api/v1/status",
            Access.READ,
            "How the node is",
            Answer.json("The node's state and counters", "Status"),
            _ -> Reply.Whole.json(200, Json.text(json -> ViewJson.status(json, view.status())))),
        Endpoint.get(
                "/api/v1/events",
                Access.READ,
                "Events, newest first",
                Answer.json("One page; next goes on", "EventPage"),
                this::events)
            .with(
                new Parameter(
                    "limit",
                    "query",
                    "{\"type\":\"integer\",\"minimum\":1,\"maximum\":500,\"default\":50}",
                    "How many at most"),
                new Parameter(
                    "before",
                    "query",
                    "{\"type\":\"integer\",\"minimum\":0}",
                    "Only events with a smaller seq: the next of the page before")),
        Endpoint.get(
                "/api/v1/events/{id}",
                Access.READ,
                "One event",
                Answer.json("The event", "Event"),
                this::event)
            .with(
                new Parameter(
                    "id",
                    "path",
                    "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}",
                    "The event's key, which is its id unless it is bare")),
        new Endpoint(
            "POST",
            "/api/v1/events",
            Access.WRITE,
            "Sign, store and share an event reported by hand",
            List.of(),
            Optional.of("Report"),
            Map.of(201, Answer.json("The signed event; Location leads to it", "Event")),
            this::report),
        new Endpoint(
            "POST",
            "/api/v1/import",
            Access.WRITE,
            "Verify and store signed events from a file, at most 64 KiB at a time; nobody's score"
                + " changes",
            List.of(),
            Optional.of("Import"),
            Map.of(200, Answer.json("What became of them", "Imported")),
            this::importEvents),
        Endpoint.get(
            "/api/v1/peers",
            Access.READ,
            "Peers, linked ones first",
            Answer.json("All peers worth showing, at most 500", "Peers"),
            _ -> Reply.Whole.json(200, Json.text(json -> ViewJson.peers(json, view.peers())))),
        new Endpoint(
            "POST",
            "/api/v1/peers",
            Access.WRITE,
            "Remember a peer's address for good and dial it now",
            List.of(),
            Optional.of("NewPeer"),
            Map.of(
                200,
                Answer.json("The address was known; it is dialled", "AddedPeer"),
                201,
                Answer.json("The address is new; it is dialled", "AddedPeer")),
            this::addPeer),
        Endpoint.get(
            "/api/v1/plugins",
            Access.READ,
            "Plugins, by id",
            Answer.json("All plugins", "Plugins"),
            _ -> Reply.Whole.json(200, Json.text(json -> ViewJson.plugins(json, view.plugins())))),
        Endpoint.get(
                "/api/v1/plugins/{id}",
                Access.READ,
                "One plugin",
                Answer.json("The plugin, with its extensions", "Plugin"),
                this::plugin)
            .with(PLUGIN_ID),
        order(
            "enable",
            "Have a plugin run, also after a restart of the node",
            "How it is then; FAILED says why it does not run",
            control::enablePlugin),
        order(
            "disable",
            "Stop a plugin, which may take 10 s, and keep it stopped, also after a restart",
            "How it is then; WEDGED if it did not stop",
            control::disablePlugin),
        order(
            "reload",
            "Stop a plugin, which may take 10 s, and start it anew from its jar",
            "How it is then; FAILED says why it does not run",
            control::reloadPlugin),
        Endpoint.get(
            "/api/v1/live",
            Access.READ,
            "Live feed (server-sent events): event (an Event, id = seq), status (a Status), peers"
                + " and plugins (read them again), missed (read everything again)",
            Answer.text("Lasts until the client leaves", "text/event-stream"),
            _ -> (Reply.Stream) live::serve),
        Endpoint.get(
            "/api/v1/openapi.json",
            Access.OPEN,
            "This document",
            Answer.text("OpenAPI 3.1", "application/json"),
            _ -> Reply.Whole.json(200, OpenApi.document(endpoints(), view.status().version()))),
        Endpoint.get(
                "/health",
                Access.OPEN,
                "Whether the node is up",
                Answer.json("It listens for peers", "Health"),
                _ -> health())
            .alsoAnswers(503, Answer.json("It does not listen for peers", "Health")),
        Endpoint.get(
            "/metrics",
            Access.READ,
            "Metrics for Prometheus",
            Answer.text("Prometheus text format 0.0.4", "text/plain"),
            _ ->
                new Reply.Whole(
                    200, "text/plain; version=0.0.4; charset=utf-8", metrics.get(), Map.of())));
  }

  private Endpoint file(String path, String name, String contentType, String summary) {
    return Endpoint.get(
        path,
        Access.OPEN,
        summary,
        Answer.text("The file " + name, contentType),
        request -> page.file(request, name, contentType));
  }

  private Reply events(Context request) {
    long limit = number(request, "limit", 1, MAX_LIMIT).orElse((long) DEFAULT_LIMIT);
    Optional<Long> before = number(request, "before", 0, Long.MAX_VALUE);
    return Reply.Whole.json(
        200, Json.text(json -> ViewJson.events(json, view.events((int) limit, before))));
  }

  private Reply event(Context request) {
    String id = id(request);
    if (!EVENT_ID.matcher(id).matches()) {
      throw new Problem(400, "an event's id is 64 lower-case hexadecimal digits");
    }
    EventView event =
        view.event(id)
            .orElseThrow(
                () ->
                    new Problem(404, "this node has no event with that id: it may have aged out"));
    return Reply.Whole.json(200, Json.text(json -> EventJson.write(json, event)));
  }

  private Reply report(Context request) throws InterruptedException {
    Map<String, String> body =
        Json.readFlat(
            body(request), List.of("source_ip", "threat_type", "severity"), List.of("details"));
    ManualReport report =
        new ManualReport(
            required(body, "source_ip"),
            required(body, "threat_type"),
            required(body, "severity"),
            Optional.ofNullable(body.get("details")));
    if (!writes.tryTake()) {
      throw new Problem(
          429,
          "more than 20 reports a second: other nodes would leave them aside",
          Map.of("Retry-After", "1"));
    }
    EventView event;
    try {
      event = control.report(report);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return new Reply.Whole(
        201,
        "application/json",
        Json.text(json -> EventJson.write(json, event)),
        Map.of("Location", "/api/v1/events/" + event.key()));
  }

  private Reply importEvents(Context request) throws InterruptedException {
    String text;
    try {
      text = Json.utf8(body(request));
    } catch (CharacterCodingException e) {
      throw new Problem(400, "the body is not UTF-8");
    }
    ImportedEvents imported;
    try {
      imported = control.importEvents(text);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return Reply.Whole.json(
        200,
        Json.text(
            json -> {
              json.beginObject();
              json.name("new").value(imported.stored());
              json.name("duplicates").value(imported.duplicates());
              json.name("refused").beginArray();
              for (ImportedEvents.Refused refused : imported.refused()) {
                json.beginObject();
                json.name("index").value(refused.index());
                json.name("id").value(refused.id());
                json.name("reason").value(refused.reason());
                json.endObject();
              }
              json.endArray();
              json.endObject();
            }));
  }

  private Reply addPeer(Context request) {
    String text = required(Json.readFlat(body(request), List.of("address"), List.of()), "address");
    HostPort address;
    try {
      address = HostPort.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    boolean isNew;
    try {
      isNew = control.addPeer(address);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return Reply.Whole.json(
        isNew ? 201 : 200,
        Json.text(
            json -> {
              json.beginObject();
              json.name("address").value(address.toString());
              json.name("new").value(isNew);
              json.endObject();
            }));
  }

  private Reply plugin(Context request) {
    String id = id(request);
    PluginView plugin = find(id).orElseThrow(() -> unknownPlugin(id));
    return Reply.Whole.json(200, Json.text(json -> ViewJson.plugin(json, plugin)));
  }

  /** What an operator tells a plugin. May take as long as the plugin takes to stop. */
  @FunctionalInterface
  private interface PluginOrder {
    PluginView give(String id) throws InterruptedException;
  }

  private Endpoint order(String verb, String summary, String answer, PluginOrder order) {
    return new Endpoint(
        "POST",
        "/api/v1/plugins/{id}/" + verb,
        Access.WRITE,
        summary,
        List.of(PLUGIN_ID),
        Optional.empty(),
        Map.of(200, Answer.json(answer, "Plugin")),
        request -> give(order, id(request)));
  }

  private Reply give(PluginOrder order, String id) throws InterruptedException {
    Optional<PluginView> shown = find(id);
    // A jar that is refused is shown under the name of its file, which is nobody's id.
    if (shown.flatMap(PluginView::file).filter(file -> isNamed(file, id)).isPresent()) {
      throw new Problem(
          409, "that is no plugin: " + shown.flatMap(PluginView::lastError).orElse("it is a file"));
    }
    PluginView plugin;
    try {
      plugin = order.give(id);
    } catch (UnknownPluginException e) {
      throw unknownPlugin(id);
    } catch (PluginDisabledException | IllegalArgumentException e) {
      throw new Problem(409, String.valueOf(e.getMessage()));
    } catch (NodeBusyException e) {
      throw new Problem(503, String.valueOf(e.getMessage()), Map.of("Retry-After", "5"));
    }
    return Reply.Whole.json(200, Json.text(json -> ViewJson.plugin(json, plugin)));
  }

  private static boolean isNamed(PluginView.PluginFile file, String name) {
    return file.path().equals(name)
        || file.path().endsWith("/" + name)
        || file.path().endsWith("\\" + name);
  }

  private Optional<PluginView> find(String id) {
    return view.plugins().stream().filter(plugin -> plugin.id().equals(id)).findFirst();
  }

  private static Problem unknownPlugin(String id) {
    return new Problem(
        404,
        id.length() > MAX_PLUGIN_NAME
            ? "there is no plugin of so long a name"
            : "there is no plugin '" + id + "'; /api/v1/plugins lists all");
  }

  private static String id(Context request) {
    try {
      return request.path("id").value();
    } catch (Exception e) {
      // Jooby throws the decoder's checked exception without declaring it.
      if (e instanceof CharacterCodingException) {
        throw new Problem(400, "the address is not UTF-8");
      }
      throw e;
    }
  }

  private Reply health() {
    boolean up = view.status().listening().isPresent();
    return Reply.Whole.json(
        up ? 200 : 503,
        Json.text(
            json -> {
              json.beginObject();
              json.name("status").value(up ? "up" : "down");
              json.endObject();
            }));
  }

  private static byte[] body(Context request) {
    String type = request.header("Content-Type").value("").toLowerCase(Locale.ROOT);
    int semicolon = type.indexOf(';');
    if (!(semicolon < 0 ? type : type.substring(0, semicolon)).strip().equals("application/json")) {
      throw new Problem(
          415,
          "the body must be JSON: Content-Type: application/json",
          Map.of("Accept-Post", "application/json"));
    }
    byte[] body = request.body().bytes();
    if (body.length > MAX_BODY_BYTES) {
      throw new Problem(413, "the body is larger than 64 KiB");
    }
    return body;
  }

  private static String required(Map<String, String> body, String key) {
    String value = body.get(key);
    if (value == null || value.isBlank()) {
      throw new Problem(400, "'" + key + "' is missing");
    }
    return value;
  }

  private static Optional<Long> number(Context request, String name, long least, long most) {
    List<String> values = request.query(name).toList();
    if (values.isEmpty()) {
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(values.getFirst());
      if (values.size() == 1 && value >= least && value <= most) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      // told below, like a number out of range
    }
    throw new Problem(
        400,
        most == Long.MAX_VALUE
            ? "'" + name + "' is one number, at least " + least
            : "'" + name + "' is one number, " + least + " to " + most);
  }
}
