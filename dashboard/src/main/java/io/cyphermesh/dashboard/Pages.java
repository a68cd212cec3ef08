package io.cyphermesh.dashboard;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.cyphermesh.dashboard.Endpoint.Answer;
import io.cyphermesh.dashboard.Endpoint.Parameter;
import io.cyphermesh.dashboard.Gate.Access;
import io.jooby.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The pages: the part of the table that people look at. A page is the same for everybody and tells
 * nothing of the node; what it shows, its program asks the API for.
 */
final class Pages {
  private static final Pattern COMMA = Pattern.compile(",", Pattern.LITERAL);
  private static final Pattern SEMICOLON = Pattern.compile(";", Pattern.LITERAL);
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

  /** Stands in no navigation. */
  private static final Place LOST = new Place("/", "No such page", "overview", "lost");

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
                  if (!Api.isEventKey(Api.path(request, "id"))) {
                    throw new Problem(404, Api.NO_EVENT_KEY);
                  }
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

  /**
   * What to show where there is nothing, to those who read pages.
   *
   * @return empty for programs, which get the problem itself
   */
  Optional<Reply.Whole> lost(Context request, Problem problem) {
    // What is not UTF-8 in an address is its reader's slip as well.
    boolean isNoPlace = problem.status() == 404 || problem.status() == 400;
    if (!isNoPlace || request.getRequestPath().startsWith("/api/") || !readsPages(request)) {
      return Optional.empty();
    }
    try {
      Reply.Whole page = drawn(LOST.label(), LOST, LOST.template());
      return Optional.of(new Reply.Whole(problem.status(), HTML, page.body(), Map.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Browsers name HTML where an address is opened; programs take anything, or JSON. */
  private static boolean readsPages(Context request) {
    return request.header("Accept").toList().stream()
        .flatMap(each -> COMMA.splitAsStream(each))
        .anyMatch(each -> SEMICOLON.split(each, 2)[0].strip().equalsIgnoreCase("text/html"));
  }

  private Reply draw(Context request, String title, Place place, String template)
      throws IOException {
    Reply.Whole page = drawn(title, place, template);
    return Assets.has(request, page.headers())
        ? new Reply.Whole(304, HTML, "", page.headers())
        : page;
  }

  private Reply.Whole drawn(String title, Place place, String template) throws IOException {
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
    return page;
  }
}
