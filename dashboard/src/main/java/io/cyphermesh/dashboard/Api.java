package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.control.NodeBusyException;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.control.PeerLinkedException;
import io.cyphermesh.core.control.PluginDisabledException;
import io.cyphermesh.core.control.UnknownPeerException;
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
import java.util.stream.Stream;

/** The table of everything that can be asked, and the answers. */
final class Api {
  static final int MAX_BODY_BYTES = 64 * 1024;
  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_LIMIT = 500;
  private static final int MAX_PLUGIN_NAME = 255;
  private static final Pattern EVENT_ID = Pattern.compile("[0-9a-f]{64}");

  static final Parameter EVENT_KEY =
      new Parameter(
          "id",
          "path",
          "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}",
          "The event's key, which is its id unless it is bare");

  private static final Parameter PLUGIN_ID =
      new Parameter("id", "path", "{\"type\":\"string\"}", "The plugin's id");

  private final NodeView view;
  private final NodeControl control;
  private final Supplier<String> metrics;
  private final LiveFeed live;
  private final SearchApi search;
  private final Geo geo;
  private final WriteRate writes;
  private final List<Endpoint> others;

  /**
   * @param others what else can be asked, of classes of its own
   */
  Api(
      NodeView view,
      NodeControl control,
      Supplier<String> metrics,
      LiveFeed live,
      EventExport export,
      Geo geo,
      WriteRate writes,
      List<Endpoint> others) {
    this.view = view;
    this.search = new SearchApi(view, export, geo);
    this.geo = geo;
    this.control = control;
    this.metrics = metrics;
    this.live = live;
    this.writes = writes;
    this.others = List.copyOf(others);
  }

  List<Endpoint> endpoints() {
    return Stream.of(own(), search.endpoints(), others).flatMap(List::stream).toList();
  }

  private List<Endpoint> own() {
    return List.of(
        Endpoint.get(
            "/api/v1/status",
            Access.READ,
            "How the node is",
            Answer.json("The node's state and counters", "Status"),
            _ -> Reply.Whole.json(200, Json.text(json -> ViewJson.status(json, view.status())))),
        Endpoint.get(
                "/api/v1/events/{id}",
                Access.READ,
                "One event",
                Answer.json("The event", "Event"),
                this::event)
            .with(EVENT_KEY)
            .refuses(404, NO_SUCH_EVENT)
            .tagged(),
        new Endpoint(
                "POST",
                "/api/v1/events",
                Access.REPORT,
                "Sign, store and share an event reported by hand",
                List.of(),
                Optional.of("Report"),
                Map.of(201, Answer.json("The signed event; Location leads to it", "Event")),
                this::report)
            .refuses(429, "More than 20 reports a second"),
        new Endpoint(
            "POST",
            "/api/v1/import",
            Access.ADMIN,
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
                _ -> Reply.Whole.json(200, Json.text(json -> ViewJson.peers(json, view.peers()))))
            .tagged(),
        new Endpoint(
                "POST",
                "/api/v1/peers",
                Access.ADMIN,
                "Remember a peer's address for good and dial it now",
                List.of(),
                Optional.of("NewPeer"),
                Map.of(
                    200,
                    Answer.json("The address was known; it is dialled", "AddedPeer"),
                    201,
                    Answer.json("The address is new; it is dialled", "AddedPeer")),
                this::addPeer)
            .refuses(409, "The address is this node's own"),
        new Endpoint(
                "POST",
                "/api/v1/peers/forget",
                Access.ADMIN,
                "Take an address back: it is neither dialled nor remembered any more, unless"
                    + " somebody names it again",
                List.of(),
                Optional.of("NewPeer"),
                Map.of(200, Answer.json("It is forgotten", "ForgottenPeer")),
                this::forgetPeer)
            .refuses(404, "The address is not known")
            .refuses(409, "A link is up there"),
        Endpoint.get(
                "/api/v1/plugins",
                Access.READ,
                "Plugins, by id",
                Answer.json("All plugins", "Plugins"),
                _ ->
                    Reply.Whole.json(
                        200, Json.text(json -> ViewJson.plugins(json, view.plugins()))))
            .tagged(),
        Endpoint.get(
                "/api/v1/plugins/{id}",
                Access.READ,
                "One plugin",
                Answer.json("The plugin, with its extensions", "Plugin"),
                this::plugin)
            .with(PLUGIN_ID)
            .refuses(404, NO_SUCH_PLUGIN),
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
                    + " and plugins (read them again), missed (read everything again). With"
                    + " Last-Event-ID it begins with what was stored since, none left out and none"
                    + " twice",
                Answer.text("Lasts until the client leaves", "text/event-stream"),
                _ -> (Reply.Stream) live::serve)
            .refuses(503, "All places are taken")
            .with(
                new Parameter(
                    "Last-Event-ID",
                    "header",
                    "{\"type\":\"integer\",\"minimum\":0}",
                    "The id of the last event that the client had"),
                new Parameter(
                    "after",
                    "query",
                    "{\"type\":\"integer\",\"minimum\":0}",
                    "The same, for who cannot set the header")),
        Endpoint.get(
                "/api/v1/openapi.json",
                Access.OPEN,
                "This document",
                Answer.text("OpenAPI 3.1", "application/json"),
                _ -> Reply.Whole.json(200, OpenApi.document(endpoints(), view.status().version())))
            .tagged(),
        Endpoint.get(
            "/metrics",
            Access.READ,
            "Metrics for Prometheus",
            Answer.text("Prometheus text format 0.0.4", "text/plain"),
            _ ->
                new Reply.Whole(
                    200, "text/plain; version=0.0.4; charset=utf-8", metrics.get(), Map.of())));
  }

  private Reply event(Context request) {
    EventView event = view.event(eventKey(request)).orElseThrow(Api::unknownEvent);
    return Reply.Whole.json(200, Json.text(json -> EventJson.write(json, event, geo)));
  }

  /** For the description. */
  static final String NO_SUCH_EVENT = "The node has no such event: it may have aged out";

  private static final String NO_SUCH_PLUGIN = "There is no such plugin";

  static final String NO_EVENT_KEY = "an event's id is 64 lower-case hexadecimal digits";

  static boolean isEventKey(String id) {
    return EVENT_ID.matcher(id).matches();
  }

  /** The key in a request's path. */
  static String eventKey(Context request) {
    String id = id(request);
    if (!isEventKey(id)) {
      throw new Problem(400, NO_EVENT_KEY);
    }
    return id;
  }

  static Problem unknownEvent() {
    return new Problem(404, "this node has no event with that id: it may have aged out");
  }

  /** How many of a list are asked for. */
  static int limit(Context request) {
    return number(request, "limit", 1, MAX_LIMIT).orElse((long) DEFAULT_LIMIT).intValue();
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
    Caller.about(request, event.key());
    return new Reply.Whole(
        201,
        "application/json",
        Json.text(json -> EventJson.write(json, event, geo)),
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
    Caller.about(request, imported.stored() + " new events");
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

  /** The address in a request's body. */
  private static HostPort address(Context request) {
    String text = required(Json.readFlat(body(request), List.of("address"), List.of()), "address");
    HostPort address;
    try {
      address = NodeUri.address(text.strip());
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    Caller.about(request, address.toString());
    return address;
  }

  private Reply addPeer(Context request) {
    HostPort address = address(request);
    if (Addresses.isOwn(view.status().listening(), address)) {
      throw new Problem(409, address + " is this node itself: name where another one listens");
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

  private Reply forgetPeer(Context request) throws InterruptedException {
    HostPort address = address(request);
    try {
      control.forgetPeer(address);
    } catch (UnknownPeerException e) {
      throw new Problem(404, String.valueOf(e.getMessage()));
    } catch (PeerLinkedException e) {
      throw new Problem(409, String.valueOf(e.getMessage()));
    }
    return Reply.Whole.json(
        200,
        Json.text(
            json -> {
              json.beginObject();
              json.name("address").value(address.toString());
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
            Access.ADMIN,
            summary,
            List.of(PLUGIN_ID),
            Optional.empty(),
            Map.of(200, Answer.json(answer, "Plugin")),
            request -> give(order, id(request)))
        .refuses(404, NO_SUCH_PLUGIN)
        .refuses(409, "It cannot be done: the jar is refused, or its settings, or it is disabled")
        .refuses(503, "Too many orders wait, or the node stops");
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

  static String id(Context request) {
    return path(request, "id");
  }

  /** A variable of a request's path. */
  static String path(Context request, String name) {
    try {
      return request.path(name).value();
    } catch (Exception e) {
      throw undecodable(e);
    }
  }

  /**
   * What to throw where an address was decoded: Jooby throws the decoder's checked exception
   * without declaring it.
   */
  static RuntimeException undecodable(Exception thrown) {
    return switch (thrown) {
      case CharacterCodingException _ -> new Problem(400, "the address is not UTF-8");
      case RuntimeException e -> e;
      default -> new IllegalStateException(thrown);
    };
  }

  static byte[] body(Context request) {
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

  static String required(Map<String, String> body, String key) {
    String value = body.get(key);
    if (value == null || value.isBlank()) {
      throw new Problem(400, "'" + key + "' is missing");
    }
    return value;
  }

  static Optional<Long> number(Context request, String name, long least, long most) {
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
    throw Problem.ofField(
        name,
        most == Long.MAX_VALUE
            ? "'" + name + "' is one number, at least " + least
            : "'" + name + "' is one number, " + least + " to " + most);
  }
}
