package io.cyphermesh.core.node;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventSearch;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.RelatedView;
import io.cyphermesh.core.view.SortOrder;
import io.cyphermesh.core.view.Span;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * What can be seen of a store: the part of a node's view for which the store is enough. Every
 * method may be called from any thread, and may block briefly.
 */
public final class StoreView {
  private static final int MAX_LIMIT = 500;
  private static final int MAX_SIGHTINGS = 100;
  private static final int MAX_TOPS = 10;

  private final EventStore store;
  private final InstantSource clock;

  /** Of this store. */
  public StoreView(EventStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** As {@link NodeView#events(int, Optional)}. */
  public EventPage events(int limit, Optional<Long> before) {
    requireLimit(limit);
    List<StoredEvent> found = store.newest(limit + 1, before.orElse(Long.MAX_VALUE));
    List<EventView> page = found.stream().limit(limit).map(StoreView::view).toList();
    return new EventPage(
        page, found.size() > limit ? Optional.of(page.getLast().seq()) : Optional.empty());
  }

  private static void requireLimit(int limit) {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit is 1 to " + MAX_LIMIT + ", not " + limit);
    }
  }

  /** As {@link NodeView#events(EventFilter, int, Optional)}. */
  public EventPage events(EventFilter filter, int limit, Optional<Long> before) {
    requireLimit(limit);
    return page(store.search().search(filter, limit, before.orElse(Long.MAX_VALUE)));
  }

  static EventPage page(EventSearch.Found found) {
    return new EventPage(
        found.events().stream().map(StoreView::view).toList(),
        found.next().isPresent() ? Optional.of(found.next().getAsLong()) : Optional.empty(),
        found.partial());
  }

  /** As {@link NodeView#related}. */
  public Optional<RelatedView> related(String key, int limit) {
    requireLimit(limit);
    Optional<StoredEvent> event = store.find(new EventId(key));
    if (event.isEmpty()) {
      return Optional.empty();
    }
    String source = event.get().event().sourceIp();
    EventSearch search = store.search();
    List<EventView> others =
        search.ofIndicator(source, limit + 1).stream()
            .filter(other -> other.seq() != event.get().seq())
            .limit(limit)
            .map(StoreView::view)
            .toList();
    return search
        .indicator(source)
        .map(
            indicator ->
                new RelatedView(indicator, search.reporters(source, MAX_SIGHTINGS), others));
  }

  /** As {@link NodeView#indicators}. */
  public IndicatorPage indicators(
      IndicatorSort sort,
      SortOrder order,
      Optional<String> text,
      int limit,
      Optional<String> cursor) {
    requireLimit(limit);
    return store.search().indicators(sort, order, text, limit, cursor);
  }

  /** As {@link NodeView#timeline}. */
  public Timeline timeline(Span span) {
    return store.search().timeline(span, clock.instant());
  }

  /** As {@link NodeView#tops}. */
  public TopLists tops(Span span) {
    return store.search().tops(span, clock.instant(), MAX_TOPS);
  }

  /** As {@link NodeView#eventsAfter}. */
  public List<EventView> eventsAfter(long after, int limit) {
    requireLimit(limit);
    return store.after(after, limit).stream().map(StoreView::view).toList();
  }

  /** As {@link NodeView#event}. */
  public Optional<EventView> event(String key) {
    return store.find(new EventId(key)).map(StoreView::view);
  }

  static EventView view(StoredEvent stored) {
    SignedEvent event = stored.event();
    EventTime time = event.time().orElse(new EventTime(stored.receivedAt(), true));
    return new EventView(
        stored.seq(),
        event.claimedId().hex(),
        stored.key().hex(),
        event.sourceIp(),
        event.threatType(),
        event.severity(),
        event.timestamp(),
        time.instant(),
        time.approximate(),
        event.reporter().pem(),
        event.signatureText(),
        event.details().map(SignedEvent.Details::json),
        stored.receivedAt(),
        event.reporter().nodeId().hex(),
        stored.local(),
        stored.bare(),
        stored.deliverer().map(PeerId::text));
  }
}
