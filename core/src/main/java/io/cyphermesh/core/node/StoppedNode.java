package io.cyphermesh.core.node;

import io.cyphermesh.core.store.sqlite.ReadOnlyEvents;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a node that does not run has stored. Nothing is locked and nothing is changed. */
public final class StoppedNode implements AutoCloseable {
  private final ReadOnlyEvents events;

  private StoppedNode(ReadOnlyEvents events) {
    this.events = events;
  }

  /**
   * Opens the database of a data directory.
   *
   * @throws IOException if there is none, or it cannot be read; one line that says what to do
   */
  public static StoppedNode open(Path dataDirectory) throws IOException {
    return new StoppedNode(ReadOnlyEvents.open(dataDirectory.resolve("cyphermesh.db")));
  }

  /** At most {@code limit} events that a filter lets through, newest first. */
  public List<EventView> newest(EventFilter filter, int limit) {
    if (filter.equals(EventFilter.ALL)) {
      // Also of a database whose older events are not searchable yet.
      return events.newest(limit, Long.MAX_VALUE).stream().map(StoreView::view).toList();
    }
    List<EventView> found = new ArrayList<>();
    Optional<Long> before = Optional.of(Long.MAX_VALUE);
    while (before.isPresent() && found.size() < limit) {
      EventPage page =
          StoreView.page(events.search().search(filter, limit - found.size(), before.get()));
      found.addAll(page.events());
      before = page.next();
    }
    return found;
  }

  /** How many events are stored. */
  public long stored() {
    return events.counts().stored();
  }

  /** How many of them the node itself reported. */
  public long local() {
    return events.counts().local();
  }

  /** Size of the database's files, in bytes. */
  public long databaseBytes() {
    return events.bytes();
  }

  @Override
  public void close() {
    events.close();
  }
}
