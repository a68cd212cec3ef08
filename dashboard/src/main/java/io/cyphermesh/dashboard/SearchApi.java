package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.RelatedView;
import io.cyphermesh.core.view.SortOrder;
import io.cyphermesh.core.view.Span;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import io.cyphermesh.dashboard.Endpoint.Answer;
import io.cyphermesh.dashboard.Endpoint.Parameter;
import io.cyphermesh.dashboard.Gate.Access;
import io.jooby.Context;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What searches events: the part of the table that reads indicators, statistics and exports. */
final class SearchApi {
  private static final int RELATED = 20;
  private static final Parameter LIMIT =
      new Parameter(
          "limit",
          "query",
          "{\"type\":\"integer\",\"minimum\":1,\"maximum\":500,\"default\":50}",
          "How many at most");
  private static final Parameter SPAN =
      new Parameter(
          "span",
          "query",
          "{\"enum\":[\"hour\",\"day\",\"week\"],\"default\":\"day\"}",
          "How far back");

  private final NodeView view;
  private final EventExport export;
  private final Geo geo;

  SearchApi(NodeView view, EventExport export, Geo geo) {
    this.geo = geo;
    this.view = view;
    this.export = export;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/api/v1/events",
                Access.READ,
                "Events, newest first, that fulfil every condition given",
                Answer.json("One page; next goes on", "EventPage"),
                this::events)
            .with(
                and(
                    FilterQuery.parameters(),
                    LIMIT,
                    new Parameter(
                        "before",
                        "query",
                        "{\"type\":\"integer\",\"minimum\":0}",
                        "Only events with a smaller seq: the next of the page before")))
            .tagged(),
        Endpoint.get(
                "/api/v1/events/{id}/related",
                Access.READ,
                "What else is known of an event's observable: who reported it, and other events",
                Answer.json("The indicator, its reporters and its newest other events", "Related"),
                this::related)
            .with(Api.EVENT_KEY)
            .refuses(404, Api.NO_SUCH_EVENT)
            .tagged(),
        export("ndjson", EventExport.Format.NDJSON, "application/x-ndjson"),
        export("csv", EventExport.Format.CSV, "text/csv"),
        Endpoint.get(
                "/api/v1/indicators",
                Access.READ,
                "One row an observable",
                Answer.json("One page; next goes on", "IndicatorPage"),
                this::indicators)
            .with(
                new Parameter(
                    "sort",
                    "query",
                    "{\"enum\":[\"last_seen\",\"events\",\"reporters\",\"severity\"],"
                        + "\"default\":\"last_seen\"}",
                    "What they are sorted by"),
                new Parameter(
                    "order",
                    "query",
                    "{\"enum\":[\"desc\",\"asc\"],\"default\":\"desc\"}",
                    "Which way: the most or latest first, or the least or earliest"),
                new Parameter(
                    "q",
                    "query",
                    "{\"type\":\"string\",\"maxLength\":200}",
                    "Only these: an address, a range, the begin of an IPv4 address, or part of"
                        + " another text"),
                LIMIT,
                new Parameter(
                    "cursor",
                    "query",
                    "{\"type\":\"string\"}",
                    "The next of the page before, of the same sort, order and q"))
            .tagged(),
        Endpoint.get(
                "/api/v1/stats/timeline",
                Access.READ,
                "Events by severity over time: an hour by minutes, a day by quarters of an hour, a"
                    + " week by two hours",
                Answer.json("All buckets, oldest first", "Timeline"),
                this::timeline)
            .with(SPAN)
            .tagged(),
        Endpoint.get(
                "/api/v1/stats/top",
                Access.READ,
                "What most events name: sources, types and reporters, ten each",
                Answer.json("Estimates where sampled is less than events", "Tops"),
                this::tops)
            .with(SPAN)
            .tagged());
  }

  private Endpoint export(String ending, EventExport.Format format, String contentType) {
    return Endpoint.get(
            "/api/v1/events." + ending,
            Access.READ,
            "All events that fulfil every condition given, newest first, as a stream of any length",
            Answer.text("One event a line", contentType),
            request -> export.reply(format, FilterQuery.read(request)))
        .with(FilterQuery.parameters())
        .refuses(503, EventExport.MAX_AT_A_TIME + " exports are under way");
  }

  private static Parameter[] and(Parameter[] some, Parameter... more) {
    List<Parameter> all = new ArrayList<>(Arrays.asList(some));
    all.addAll(Arrays.asList(more));
    return all.toArray(Parameter[]::new);
  }

  private Reply events(Context request) {
    int limit = Api.limit(request);
    Optional<Long> before = Api.number(request, "before", 0, Long.MAX_VALUE);
    EventFilter filter = FilterQuery.read(request);
    EventPage page = view.events(filter, limit, before);
    return Reply.Whole.json(200, Json.text(json -> ViewJson.events(json, page, geo)));
  }

  private Reply related(Context request) {
    RelatedView related =
        view.related(Api.eventKey(request), RELATED).orElseThrow(Api::unknownEvent);
    return Reply.Whole.json(200, Json.text(json -> SearchJson.related(json, related, geo)));
  }

  private Reply indicators(Context request) {
    IndicatorSort sort =
        FilterQuery.one(request, "sort")
            .map(value -> FilterQuery.constant(IndicatorSort.class, "sort", value))
            .orElse(IndicatorSort.LAST_SEEN);
    SortOrder order =
        FilterQuery.one(request, "order")
            .map(value -> FilterQuery.constant(SortOrder.class, "order", value))
            .orElse(SortOrder.DESC);
    int limit = Api.limit(request);
    Optional<String> text = FilterQuery.one(request, "q");
    Optional<String> cursor = FilterQuery.one(request, "cursor");
    try {
      var page = view.indicators(sort, order, text, limit, cursor);
      return Reply.Whole.json(200, Json.text(json -> SearchJson.indicators(json, page, geo)));
    } catch (IllegalArgumentException e) {
      throw Problem.ofField("cursor", String.valueOf(e.getMessage()));
    }
  }

  private Reply timeline(Context request) {
    Timeline timeline = view.timeline(span(request));
    return Reply.Whole.json(200, Json.text(json -> SearchJson.timeline(json, timeline)));
  }

  private Reply tops(Context request) {
    TopLists tops = view.tops(span(request));
    return Reply.Whole.json(200, Json.text(json -> SearchJson.tops(json, tops)));
  }

  private static Span span(Context request) {
    return FilterQuery.one(request, "span")
        .map(value -> FilterQuery.constant(Span.class, "span", value))
        .orElse(Span.DAY);
  }
}
