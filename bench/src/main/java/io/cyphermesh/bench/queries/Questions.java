package io.cyphermesh.bench.queries;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.IpRange;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.SortOrder;
import io.cyphermesh.core.view.Span;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What pages and programs ask a node, with what it depends on chosen anew each time. */
final class Questions {
  private static final int PAGE = 50;
  private static final String EVENTS = "/api/v1/events?limit=" + PAGE;

  private final EventStore store;
  private final SkewedEvents any;
  private final long newest;

  /**
   * One kind of question.
   *
   * @param most how long its 95th percentile may be over HTTP, in milliseconds
   * @param ask asks the store; empty where what is asked is not of the store alone
   * @param path what is asked for over HTTP, chosen anew each time
   */
  record Question(String name, int most, Optional<Runnable> ask, Supplier<String> path) {
    Question(String name, int most, Runnable ask, Supplier<String> path) {
      this(name, most, Optional.of(ask), path);
    }
  }

  Questions(EventStore store, long seed) {
    this.store = store;
    this.any = new SkewedEvents(seed);
    this.newest = store.newest(1, Long.MAX_VALUE).getFirst().seq();
  }

  List<Question> all() {
    return Stream.of(ofEvents(), ofIndicators(), statistics(), pages(), besides())
        .flatMap(List::stream)
        .toList();
  }

  private List<Question> ofEvents() {
    return List.of(
        page("newest", () -> EventFilter.ALL),
        new Question(
            "page",
            50,
            () -> store.search().search(EventFilter.ALL, PAGE, 1 + any.skewed((int) newest)),
            () -> EVENTS + "&before=" + (1 + any.skewed((int) newest))),
        new Question(
            "event", 50, () -> store.find(new EventId(key())), () -> "/api/v1/events/" + key()),
        search("address", () -> EventFilter.ALL.withAddress(IpRange.parse(address()))),
        search("addressAbsent", () -> EventFilter.ALL.withAddress(IpRange.parse("240.0.0.1"))),
        search("cidr24", () -> range(24)),
        search("cidr16", () -> range(16)),
        search("cidr12", () -> range(12)),
        search("cidr8", () -> range(8)),
        search("type", () -> EventFilter.ALL.withType(type())),
        search(
            "typeRare", () -> EventFilter.ALL.withType(SkewedEvents.type(SkewedEvents.TYPES - 1))),
        page("severity", () -> EventFilter.ALL.withSeverities(Set.of(Severity.CRITICAL))),
        page(
            "reporter", () -> EventFilter.ALL.withReporter(any.reporter(any.skewed(400)).nodeId())),
        page("detector", () -> EventFilter.ALL.withDetector(SkewedEvents.detector(any.skewed(12)))),
        page("tlp", () -> EventFilter.ALL.withTlp(Tlp.AMBER)),
        page("time", this::hour),
        page("text", () -> EventFilter.ALL.withText("as user77")),
        page("textRare", () -> EventFilter.ALL.withText("nothing has this")),
        page(
            "combined",
            () ->
                EventFilter.ALL
                    .withType(type())
                    .withSeverities(Set.of(Severity.HIGH, Severity.CRITICAL))
                    .withReporter(any.reporter(any.skewed(400)).nodeId())),
        search("cidrAndType", () -> range(16).withType(SkewedEvents.type(any.skewed(5)))),
        new Question(
            "related",
            50,
            () -> {
              String address = address();
              var _ = store.search().indicator(address);
              var _ = store.search().reporters(address, 100);
              var _ =
                  store
                      .search()
                      .search(
                          EventFilter.ALL.withAddress(IpRange.parse(address)), 20, Long.MAX_VALUE);
            },
            () -> "/api/v1/events/" + known() + "/related"));
  }

  private List<Question> ofIndicators() {
    return List.of(
        indicators("indicatorsLastSeen", IndicatorSort.LAST_SEEN, Optional.empty()),
        indicators("indicatorsEvents", IndicatorSort.EVENTS, Optional.empty()),
        indicators("indicatorsReporters", IndicatorSort.REPORTERS, Optional.empty()),
        indicators("indicatorsSeverity", IndicatorSort.SEVERITY, Optional.empty()),
        indicators("indicatorsCidr16", IndicatorSort.EVENTS, Optional.of("42.7.")),
        indicators("indicatorsCidr8", IndicatorSort.EVENTS, Optional.of("42.0.0.0/8")),
        indicators("indicatorsText", IndicatorSort.LAST_SEEN, Optional.of("example")),
        indicators("indicatorsLastSeenCidr8", IndicatorSort.LAST_SEEN, Optional.of("42.0.0.0/8")),
        indicators("indicatorsLastSeenText", IndicatorSort.LAST_SEEN, Optional.of(":42")),
        upwards("indicatorsLastSeenAsc", IndicatorSort.LAST_SEEN),
        upwards("indicatorsEventsAsc", IndicatorSort.EVENTS),
        upwards("indicatorsReportersAsc", IndicatorSort.REPORTERS),
        upwards("indicatorsSeverityAsc", IndicatorSort.SEVERITY));
  }

  private List<Question> statistics() {
    return List.of(
        timeline("timelineHour", Span.HOUR),
        timeline("timelineDay", Span.DAY),
        timeline("timelineWeek", Span.WEEK),
        tops("topsHour", Span.HOUR),
        tops("topsDay", Span.DAY),
        tops("topsWeek", Span.WEEK));
  }

  /** The frames of the pages, without what they read then. */
  private List<Question> pages() {
    return List.of(
        http("pageOverview", () -> "/"),
        http("pageEvents", () -> "/events"),
        http("pageEvent", () -> "/events/" + key()),
        http("pageIndicators", () -> "/indicators"),
        http("pagePeers", () -> "/peers"),
        http("pagePlugins", () -> "/plugins"),
        http("pageNode", () -> "/node"),
        http("pageApi", () -> "/api"));
  }

  /** What else pages read when they are opened, as far as there is such a thing here. */
  private static List<Question> besides() {
    return List.of(
        http("status", () -> "/api/v1/status"),
        http("session", () -> "/api/v1/session"),
        http("peers", () -> "/api/v1/peers"),
        http("plugins", () -> "/api/v1/plugins"),
        http("node", () -> "/api/v1/node"),
        http("openapi", () -> "/api/v1/openapi.json"));
  }

  private static Question http(String name, Supplier<String> path) {
    return new Question(name, 50, Optional.empty(), path);
  }

  private interface Asked {
    EventFilter filter();
  }

  private Question page(String name, Asked asked) {
    return filtered(name, 50, asked);
  }

  private Question search(String name, Asked asked) {
    return filtered(name, 100, asked);
  }

  private Question filtered(String name, int most, Asked asked) {
    return new Question(
        name,
        most,
        () -> store.search().search(asked.filter(), PAGE, Long.MAX_VALUE),
        () -> EVENTS + query(asked.filter()));
  }

  private Question indicators(String name, IndicatorSort sort, Optional<String> text) {
    return indicators(name, sort, SortOrder.DESC, text);
  }

  private Question upwards(String name, IndicatorSort sort) {
    return indicators(name, sort, SortOrder.ASC, Optional.empty());
  }

  private Question indicators(
      String name, IndicatorSort sort, SortOrder order, Optional<String> text) {
    return new Question(
        name,
        50,
        () -> store.search().indicators(sort, order, text, PAGE, Optional.empty()),
        () ->
            "/api/v1/indicators?limit="
                + PAGE
                + "&sort="
                + lower(sort)
                + "&order="
                + lower(order)
                + text.map(each -> parameter("q", each)).orElse(""));
  }

  private Question timeline(String name, Span span) {
    return new Question(
        name,
        50,
        () -> store.search().timeline(span, Instant.now()),
        () -> "/api/v1/stats/timeline?span=" + lower(span));
  }

  private Question tops(String name, Span span) {
    return new Question(
        name,
        50,
        () -> store.search().tops(span, Instant.now(), 10),
        () -> "/api/v1/stats/top?span=" + lower(span));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String parameter(String name, String value) {
    return "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** As {@link IpRange#parse} reads it. */
  private static String text(IpRange range) {
    IpAddress base = range.base();
    if (base.isV4()) {
      int v4 = base.v4();
      return "%d.%d.%d.%d/%d"
          .formatted(v4 >>> 24, v4 >>> 16 & 0xff, v4 >>> 8 & 0xff, v4 & 0xff, range.bits() - 96);
    }
    String digits = "%016x%016x".formatted(base.high(), base.low());
    return String.join(":", digits.split("(?<=\\G.{4})", -1)).replaceAll(":$", "")
        + "/"
        + range.bits();
  }

  /** As REST takes it. */
  private static String query(EventFilter filter) {
    StringBuilder query = new StringBuilder();
    filter.address().ifPresent(range -> query.append(parameter("address", text(range))));
    filter.type().ifPresent(type -> query.append(parameter("type", type)));
    if (!filter.severities().equals(EventFilter.ALL.severities())) {
      query.append(
          parameter(
              "severity",
              filter.severities().stream().map(Questions::lower).collect(Collectors.joining(","))));
    }
    filter.reporter().ifPresent(id -> query.append(parameter("reporter", id.hex())));
    filter.detector().ifPresent(detector -> query.append(parameter("detector", detector)));
    filter.since().ifPresent(time -> query.append(parameter("since", time.toString())));
    filter.until().ifPresent(time -> query.append(parameter("until", time.toString())));
    filter.tlp().ifPresent(tlp -> query.append(parameter("tlp", lower(tlp))));
    filter.text().ifPresent(text -> query.append(parameter("text", text)));
    return query.toString();
  }

  /** The key of an event somewhere. */
  private String key() {
    return store.newest(1, 1 + any.skewed((int) newest) + 1).getFirst().key().hex();
  }

  /** The key of an event of an address that has some. */
  private String known() {
    while (true) {
      List<StoredEvent> found = store.search().ofIndicator(address(), 1);
      if (!found.isEmpty()) {
        return found.getFirst().key().hex();
      }
    }
  }

  private String address() {
    return SkewedEvents.address(any.skewed(SkewedEvents.ADDRESSES));
  }

  private String type() {
    return SkewedEvents.type(any.skewed(SkewedEvents.TYPES));
  }

  private EventFilter range(int bits) {
    String address = address();
    while (address.indexOf(':') >= 0) {
      address = address();
    }
    return EventFilter.ALL.withAddress(IpRange.parse(address + "/" + bits));
  }

  private EventFilter hour() {
    Instant since = Instant.now().minusSeconds(3600L * (1 + any.skewed(160)));
    return EventFilter.ALL
        .between(Optional.of(since), Optional.of(since.plusSeconds(3600)))
        .withSeverities(Set.of(Severity.HIGH));
  }
}
