package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.EventSearch;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The searches of a database, each on a connection of the pool. */
final class Searches implements EventSearch {
  private final ReadPool pool;
  private final Queries queries;

  Searches(ReadPool pool, Queries queries) {
    this.pool = pool;
    this.queries = queries;
  }

  @Override
  public Found search(EventFilter filter, int limit, long before) {
    return pool.readAtOnce(reader -> new EventScan(reader, queries, filter).run(limit, before));
  }

  @Override
  public IndicatorPage indicators(
      IndicatorSort sort,
      SortOrder order,
      Optional<String> text,
      int limit,
      Optional<String> cursor) {
    Optional<IndicatorCursor> from = cursor.map(given -> IndicatorCursor.read(sort, order, given));
    return pool.readAtOnce(
        reader -> new IndicatorScan(reader, sort, order, IndicatorText.of(text)).run(limit, from));
  }

  @Override
  public Optional<IndicatorView> indicator(String value) {
    return pool.readAtOnce(reader -> new IndicatorRows(reader).named(IndicatorName.of(value)));
  }

  @Override
  public List<StoredEvent> ofIndicator(String value, int limit) {
    return pool.readAtOnce(
        reader -> {
          List<StoredEvent> events = new ArrayList<>();
          for (long seq : new IndicatorRows(reader).newest(IndicatorName.of(value), limit)) {
            queries.numbered(reader, seq).ifPresent(events::add);
          }
          return List.copyOf(events);
        });
  }

  @Override
  public List<Sighting> reporters(String value, int limit) {
    return pool.readAtOnce(
        reader -> new IndicatorRows(reader).reporters(IndicatorName.of(value), limit));
  }

  @Override
  public Timeline timeline(Span span, Instant now) {
    return pool.readAtOnce(reader -> Statistics.timeline(reader, span, now));
  }

  @Override
  public TopLists tops(Span span, Instant now, int limit) {
    return pool.readAtOnce(reader -> Statistics.tops(reader, span, now, limit));
  }
}
