package io.cyphermesh.dashboard;

import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.IpRange;
import io.cyphermesh.api.Severity;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.RelatedView;
import io.cyphermesh.core.view.SortOrder;
import io.cyphermesh.core.view.Span;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the real store answers of events, of few and slowly. */
record Counts(List<EventView> events, Instant now) {

  EventPage page(EventFilter filter, int limit, Optional<Long> before) {
    List<EventView> found =
        events.reversed().stream()
            .filter(event -> event.seq() < before.orElse(Long.MAX_VALUE))
            .filter(event -> fits(filter, event))
            .limit(limit + 1L)
            .toList();
    boolean more = found.size() > limit;
    List<EventView> shown = found.subList(0, Math.min(limit, found.size()));
    return new EventPage(shown, more ? Optional.of(shown.getLast().seq()) : Optional.empty());
  }

  private static boolean fits(EventFilter filter, EventView event) {
    return filter.address().map(range -> contains(range, event.sourceIp())).orElse(true)
        && filter.type().map(event.threatType()::equals).orElse(true)
        && filter.severities().contains(Severity.of(event.severity()))
        && filter.reporter().map(id -> id.toString().equals(event.reporterId())).orElse(true)
        && filter.since().map(since -> !event.time().isBefore(since)).orElse(true)
        && filter.until().map(event.time()::isBefore).orElse(true)
        && filter.local().map(local -> local == event.local()).orElse(true)
        && filter
            .text()
            .map(
                text ->
                    (event.sourceIp() + event.threatType() + event.detailsJson().orElse(""))
                        .toLowerCase(Locale.ROOT)
                        .contains(text.toLowerCase(Locale.ROOT)))
            .orElse(true);
  }

  private static boolean contains(IpRange range, String text) {
    return IpAddress.parse(text).map(range::contains).orElse(false);
  }

  Optional<RelatedView> related(EventView event) {
    List<EventView> same =
        events.reversed().stream()
            .filter(each -> each.sourceIp().equals(event.sourceIp()))
            .toList();
    return Optional.of(
        new RelatedView(
            indicator(event.sourceIp(), same),
            grouped(same, EventView::reporterId).entrySet().stream()
                .map(each -> new RelatedView.Sighting(each.getKey(), each.getValue().size()))
                .toList(),
            same.stream().filter(each -> each.seq() != event.seq()).limit(20).toList()));
  }

  IndicatorPage indicators(
      IndicatorSort sort, SortOrder order, Optional<String> text, int limit, int from) {
    Comparator<IndicatorView> up =
        switch (sort) {
          case LAST_SEEN -> Comparator.comparing(IndicatorView::lastSeen);
          case EVENTS -> Comparator.comparingLong(IndicatorView::events);
          case REPORTERS -> Comparator.comparingLong(IndicatorView::reporters);
          case SEVERITY -> Comparator.comparing(IndicatorView::severity);
        };
    List<IndicatorView> all =
        grouped(events, EventView::sourceIp).entrySet().stream()
            .filter(each -> text.map(each.getKey()::contains).orElse(true))
            .map(each -> indicator(each.getKey(), each.getValue()))
            .sorted(order == SortOrder.ASC ? up : up.reversed())
            .toList();
    int to = Math.min(all.size(), from + limit);
    return new IndicatorPage(
        all.subList(Math.min(from, to), to),
        to < all.size() ? Optional.of("n" + to) : Optional.empty(),
        false);
  }

  private static IndicatorView indicator(String value, Collection<EventView> events) {
    List<Instant> times = events.stream().map(EventView::time).sorted().toList();
    return new IndicatorView(
        value,
        events.size(),
        events.stream().map(EventView::reporterId).distinct().count(),
        events.stream()
            .map(event -> Severity.of(event.severity()))
            .max(Comparator.naturalOrder())
            .orElseThrow(),
        events.stream().map(EventView::threatType).distinct().toList(),
        times.getFirst(),
        times.getLast());
  }

  Timeline timeline(Span span) {
    long width = span.bucket().toSeconds();
    long last = now.getEpochSecond() / width;
    long count = span.length().toSeconds() / width;
    List<Timeline.Bucket> buckets = new ArrayList<>();
    Map<Long, List<EventView>> by = grouped(events, event -> event.time().getEpochSecond() / width);
    for (long at = last - count + 1; at <= last; at++) {
      List<EventView> in = by.getOrDefault(at, List.of());
      buckets.add(
          new Timeline.Bucket(
              Instant.ofEpochSecond(at * width),
              of(in, Severity.LOW),
              of(in, Severity.MEDIUM),
              of(in, Severity.HIGH),
              of(in, Severity.CRITICAL),
              of(in, Severity.UNKNOWN)));
    }
    return new Timeline(Duration.ofSeconds(width), buckets);
  }

  private static long of(List<EventView> events, Severity severity) {
    return events.stream().filter(each -> Severity.of(each.severity()) == severity).count();
  }

  TopLists tops(Span span) {
    Instant from = now.minus(span.length());
    List<EventView> in = events.stream().filter(event -> !event.time().isBefore(from)).toList();
    return new TopLists(
        from,
        in.size(),
        in.size(),
        top(in, EventView::sourceIp),
        top(in, EventView::threatType),
        top(in, EventView::reporterId));
  }

  private static List<TopLists.Top> top(List<EventView> events, Function<EventView, String> of) {
    return grouped(events, of).entrySet().stream()
        .map(each -> new TopLists.Top(each.getKey(), each.getValue().size()))
        .sorted(Comparator.comparingLong(TopLists.Top::events).reversed())
        .limit(10)
        .toList();
  }

  private static <K> Map<K, List<EventView>> grouped(
      Collection<EventView> events, Function<EventView, K> by) {
    return events.stream()
        .collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
  }
}
