package io.cyphermesh.core.store;

import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.RelatedView.Sighting;
import io.cyphermesh.core.view.SortOrder;
import io.cyphermesh.core.view.Span;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Searches and statistics of the stored events. Each looks at a bounded number of rows, so that no
 * read lasts long: one that would need more gives what it has, and where to go on.
 */
public interface EventSearch {

  /**
   * At most {@code limit} events with {@code seq < before} that a filter lets through, newest
   * first.
   */
  Found search(EventFilter filter, int limit, long before);

  /**
   * Indicators.
   *
   * @param text only these: an address, a range, the begin of an IPv4 address, or part of another
   *     text
   * @param cursor of the page before, which was asked for with the same sort, order and text
   * @throws IllegalArgumentException if the cursor is none
   */
  IndicatorPage indicators(
      IndicatorSort sort,
      SortOrder order,
      Optional<String> text,
      int limit,
      Optional<String> cursor);

  /** What is known of an observable, as an event writes it. */
  Optional<IndicatorView> indicator(String value);

  /** The newest events of an observable, as an event writes it, which need be no address. */
  List<StoredEvent> ofIndicator(String value, int limit);

  /** Who reported an observable, the most events first. */
  List<Sighting> reporters(String value, int limit);

  /** Events by time and severity. */
  Timeline timeline(Span span, Instant now);

  /** What most events of a span name. */
  TopLists tops(Span span, Instant now, int limit);

  /**
   * What a search found.
   *
   * @param next the {@code before} to go on with; empty where there is no more
   * @param partial whether it stopped before it had as many as asked for
   */
  record Found(List<StoredEvent> events, OptionalLong next, boolean partial) {
    public Found {
      events = List.copyOf(events);
    }
  }
}
