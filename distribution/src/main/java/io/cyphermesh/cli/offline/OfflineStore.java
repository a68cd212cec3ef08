package io.cyphermesh.cli.offline;

import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventView;
import java.io.IOException;
import java.util.List;

/** A database that no node has open, read only. */
public interface OfflineStore extends AutoCloseable {

  /** At most {@code limit} events that a filter lets through, newest first. */
  List<EventView> newest(EventFilter filter, int limit);

  /** At most {@code limit} events, newest first. */
  default List<EventView> newest(int limit) {
    return newest(EventFilter.ALL, limit);
  }

  /** How many events it holds. */
  long stored();

  /** How many of them its node reported. */
  long local();

  /** Size of its files, in bytes. */
  long bytes();

  @Override
  void close();

  /** Opens the database of a data directory. */
  @FunctionalInterface
  interface Opener {
    /**
     * Opens it for reading.
     *
     * @throws IOException if there is none, or it cannot be read; one line that says what to do
     */
    OfflineStore open(DataDirectory data) throws IOException;
  }
}
