package io.cyphermesh.core.node;

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
import java.util.List;
import java.util.Optional;

/** A node's view that sees in a store what a store is enough for. */
public interface ViewOfStore extends NodeView {

  /** What can be seen of the store. */
  StoreView stored();

  @Override
  default EventPage events(int limit, Optional<Long> before) {
    return stored().events(limit, before);
  }

  @Override
  default EventPage events(EventFilter filter, int limit, Optional<Long> before) {
    return stored().events(filter, limit, before);
  }

  @Override
  default List<EventView> eventsAfter(long after, int limit) {
    return stored().eventsAfter(after, limit);
  }

  @Override
  default Optional<EventView> event(String key) {
    return stored().event(key);
  }

  @Override
  default Optional<RelatedView> related(String key, int limit) {
    return stored().related(key, limit);
  }

  @Override
  default IndicatorPage indicators(
      IndicatorSort sort,
      SortOrder order,
      Optional<String> text,
      int limit,
      Optional<String> cursor) {
    return stored().indicators(sort, order, text, limit, cursor);
  }

  @Override
  default Timeline timeline(Span span) {
    return stored().timeline(span);
  }

  @Override
  default TopLists tops(Span span) {
    return stored().tops(span);
  }
}
