package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.store.EventSearch;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A look at the database of a node that is stopped, or runs in another process. Nothing is locked
 * and nothing is changed. Methods are as in {@link io.cyphermesh.core.store.EventStore}.
 */
public final class ReadOnlyEvents implements AutoCloseable {
  private final DatabaseFile file;
  private final ReadPool pool;
  private final Queries queries;
  private final Searches searches;

  private ReadOnlyEvents(DatabaseFile file, ReadPool pool) {
    this.file = file;
    this.pool = pool;
    this.queries = new Queries(pool);
    this.searches = new Searches(pool, queries);
  }

  /**
   * Opens the database for reading.
   *
   * @throws IOException if there is none, it is damaged, or another version wrote it; the message
   *     is one line that says what to do
   */
  public static ReadOnlyEvents open(Path databaseFile) throws IOException {
    DatabaseFile file = new DatabaseFile(databaseFile);
    return new ReadOnlyEvents(file, new ReadPool(file, Migrations.ours(), 1));
  }

  /** The event stored under {@code key}. */
  public Optional<StoredEvent> find(EventId key) {
    return queries.find(key);
  }

  /** At most {@code limit} events with {@code seq < before}, newest first. */
  public List<StoredEvent> newest(int limit, long before) {
    return queries.newest(limit, before);
  }

  /** At most {@code limit} events with {@code seq > after}, oldest first. */
  public List<StoredEvent> after(long after, int limit) {
    return queries.after(after, limit);
  }

  /** Searches and statistics of the stored events. */
  public EventSearch search() {
    return searches;
  }

  /** Counts of stored events. */
  public Counts counts() {
    return queries.counts();
  }

  /** At most {@code limit} peers, those last seen first. */
  public List<Standing> peers(int limit) {
    return queries.peers(limit);
  }

  /** All known addresses, operator's first. */
  public List<KnownAddress> addresses() {
    return queries.addresses();
  }

  /** Size of the database's files, in bytes. */
  public long bytes() {
    return file.bytes();
  }

  @Override
  public void close() {
    pool.close();
  }
}
