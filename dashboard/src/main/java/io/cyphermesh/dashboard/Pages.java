package io.cyphermesh.dashboard;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.cyphermesh.dashboard.Endpoint.Answer;
import io.cyphermesh.dashboard.Endpoint.Parameter;
import io.cyphermesh.dashboard.Gate.Access;
import io.jooby.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pages: the part of the table that people look at. A page is the same for everybody and tells
 * nothing of the node; what it shows, its program asks the API for.
 */
final class Pages {
  private static final String HTML = "text/html;charset=utf-8";

  private static final List<Place> PLACES =
      List.of(
          new Place("/", "Overview", "overview", "overview"),
          new Place("/events", "Events", "events", "events"),
          new Place("/indicators", "Indicators", "indicators", "indicators"),
          new Place("/peers", "Peers", "peers", "peers"),
          new Place("/plugins", "Plugins", "plugins", "plugins"),
          new Place("/node", "Node", "node", "node"),
          new Place("/api", "API", "api", "api"));

  private final Assets assets = new Assets();
  private final Map<String, Reply.Whole> drawn = new ConcurrentHashMap<>();
  private final TemplateEngine templates =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Pages.class.getClassLoader(), Pages.class.getPackageName());

  List<Endpoint> endpoints() {
    List<Endpoint> all = new ArrayList<>();
    for (Place place : PLACES) {
      all.add(page(place.path(), place.label(), place, place.template()));
    }
    all.add(
        Endpoint.get(
                "/events/{id}",
                Access.OPEN,
                "The page of one event",
                Answer.page("HTML", HTML),
                request -> {
                  var _ = Api.eventKey(request);
                  return draw(request, "Event", PLACES.get(1), "event");
                })
            .with(Api.EVENT_KEY));
    all.add(page("/login", "Log in", new Place("/login", "Log in", "login", "login"), "login"));
    for (String path : List.of("/favicon.svg", "/favicon.ico")) {
      // Browsers ask for the second where a page names no icon.
      all.add(
          Endpoint.get(
              path,
              Access.OPEN,
              "The pages' icon",
              Answer.page("The file", "image/svg+xml"),
              request -> assets.answer(request, Optional.empty(), "favicon.svg")));
    }
    all.add(
        Endpoint.get(
                "/assets/{version}/{name}",
                Access.OPEN,
                "The pages' own files: looks and programs",
                Answer.page("The file", "text/plain"),
                request ->
                    assets.answer(
                        request,
                        Optional.of(Api.path(request, "version")),
                        Api.path(request, "name")))
            .with(
                new Parameter(
                    "version",
                    "path",
                    "{\"type\":\"string\"}",
                    "Of the files; where it is this node's, they may be kept for good"),
                new Parameter("name", "path", "{\"type\":\"string\"}", "The file's name")));
    return all;
  }

  private Endpoint page(String path, String title, Place place, String template) {
    return Endpoint.get(
        path,
        Access.OPEN,
        "The page " + title,
        Answer.page("HTML", HTML),
        request -> draw(request, title, place, template));
  }

  private Reply draw(Context request, String title, Place place, String template) throws Exception {
    Reply.Whole page = drawn.get(template);
    if (page == null) {
      StringOutput html = new StringOutput();
      templates.render(template + ".jte", new Shell(title, place, PLACES, assets.folder()), html);
      String body = html.toString();
      page =
          new Reply.Whole(
              200, HTML, body, Map.of("ETag", Assets.etag(body), "Cache-Control", "no-cache"));
      drawn.put(template, page);
    }
    return Assets.has(request, page.headers())
        ? new Reply.Whole(304, HTML, "", page.headers())
        : page;
  }
}
