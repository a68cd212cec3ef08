package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventSearch;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreException;
import io.cyphermesh.core.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The event log in one SQLite file.
 *
 * <p>After {@link #close} every method but {@link #close}, {@link #counts} and {@link #bytes}
 * throws {@link IllegalStateException}, also to those who were waiting. What cannot be read or
 * written for want of space, rights or a sound disk is a {@link StoreException}, or {@link
 * Outcome.Failed}; the store goes on with what comes next. A score that cannot be written is
 * logged. Once the writer itself has failed, each later write is a {@link StoreException}.
 *
 * <p>A caller that is interrupted while it waits for a commit does not know whether it came to be,
 * save one of {@link #addLocal}, which waits on.
 */
public final class SqliteEventStore implements EventStore {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final DatabaseFile file;
  private final Gate gate;
  private final InstantSource clock;
  private final WriteQueue queue;
  private final WriteSession session;
  private final RecentKeys recentKeys;
  private final Queries queries;
  private final Searches searches;
  private final Thread writer;

  private SqliteEventStore(
      DatabaseFile file,
      Gate gate,
      InstantSource clock,
      WriteQueue queue,
      WriteSession session,
      RecentKeys recentKeys,
      Queries queries,
      Searches searches,
      Thread writer) {
    this.file = file;
    this.gate = gate;
    this.clock = clock;
    this.queue = queue;
    this.session = session;
    this.recentKeys = recentKeys;
    this.queries = queries;
    this.searches = searches;
    this.writer = writer;
  }

  /**
   * Opens the store and begins to write. The directory must be there; the file, readable by its
   * owner only, is made if it is not.
   *
   * @param gate asked on the writer's thread
   * @throws IOException if it cannot be opened, another node has it open, it is damaged, or a newer
   *     version wrote it; the message is one line that says which file and what to do
   */
  public static SqliteEventStore open(
      Path databaseFile, StoreSettings settings, Gate gate, InstantSource clock)
      throws IOException {
    return open(databaseFile, settings, gate, clock, () -> clock.millis() * NANOS_PER_MILLI);
  }

  /**
   * As {@link #open(Path, StoreSettings, Gate, InstantSource)}.
   *
   * @param nanos what commits are timed with
   */
  public static SqliteEventStore open(
      Path databaseFile, StoreSettings settings, Gate gate, InstantSource clock, LongSupplier nanos)
      throws IOException {
    LockFile lock = LockFile.take(databaseFile);
    try {
      return open(new DatabaseFile(databaseFile), lock, settings, gate, clock, nanos);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static SqliteEventStore open(
      DatabaseFile file,
      LockFile lock,
      StoreSettings settings,
      Gate gate,
      InstantSource clock,
      LongSupplier nanos)
      throws IOException {
    Migrations migrations = Migrations.ours();
    Connection connection = file.openForWriting(migrations);
    try {
      new Unindexed(connection).takeIn();
      new Undetected(connection).takeIn();
      RecentKeys recentKeys = new RecentKeys();
      WriteSession session = new WriteSession(connection, recentKeys, clock);
      WriteQueue queue = new WriteQueue(settings.queueCapacity());
      Housekeeping housekeeping = new Housekeeping(file, session, settings, clock);
      ReadPool pool = new ReadPool(file, migrations, settings.readers());
      Thread writer =
          Thread.ofPlatform()
              .name("store-writer")
              .unstarted(
                  new Writer(
                      file,
                      queue,
                      session,
                      housekeeping,
                      settings.groupSize(),
                      nanos,
                      pool::close,
                      lock));
      writer.start();
      Queries queries = new Queries(pool);
      return new SqliteEventStore(
          file,
          gate,
          clock,
          queue,
          session,
          recentKeys,
          queries,
          new Searches(pool, queries),
          writer);
    } catch (SQLException e) {
      closeAfter(connection, e);
      throw new IOException(file.explain(e), e);
    } catch (IOException | RuntimeException e) {
      closeAfter(connection, e);
      throw e;
    }
  }

  private static void closeAfter(Connection connection, Exception cause) {
    try {
      connection.close();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** How much is written, and waits for that. */
  public WriterLoad load() {
    return queue.load();
  }

  @Override
  public void add(Arrival arrival, Consumer<Outcome> done) throws InterruptedException {
    queue(new Writes.Add(arrival, gate, clock, done));
  }

  @Override
  public List<StoredEvent> addLocal(List<SignedEvent> events, Optional<CheckpointWrite> checkpoint)
      throws InterruptedException {
    Writes.AddLocal write = new Writes.AddLocal(events, checkpoint, clock);
    // It comes to be whether or not anybody waits, and then nobody reports it again: who was
    // interrupted must know of it all the same. The writer answers each write, at its end too.
    boolean interrupted = false;
    mayWait();
    queue(write);
    try {
      while (true) {
        try {
          return result(write);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public List<Outcome> addImported(List<Imported> events) throws InterruptedException {
    return await(new Writes.AddImported(events, clock));
  }

  @Override
  public boolean contains(EventId key) {
    return recentKeys.contains(key) || queries.contains(key);
  }

  @Override
  public boolean containsFullFormOf(SignedEvent bare) {
    return queries.containsFullFormOf(bare);
  }

  @Override
  public Optional<StoredEvent> find(EventId key) {
    return queries.find(key);
  }

  @Override
  public List<StoredEvent> find(List<EventId> keys) {
    return queries.find(keys);
  }

  @Override
  public List<Item> items(long after, int limit) {
    return queries.items(after, limit);
  }

  @Override
  public void onDeleted(Consumer<List<Deleted>> listener) {
    session.onDeleted(listener);
  }

  @Override
  public List<StoredEvent> newest(int limit, long before) {
    return queries.newest(limit, before);
  }

  @Override
  public List<StoredEvent> after(long after, int limit) {
    return queries.after(after, limit);
  }

  @Override
  public long seqBeforeNewest(int count) {
    return queries.seqBeforeNewest(count);
  }

  @Override
  public EventSearch search() {
    return searches;
  }

  @Override
  public Counts counts() {
    return session.counts();
  }

  @Override
  public long bytes() {
    return file.bytes();
  }

  @Override
  public void saveCheckpoint(CheckpointWrite checkpoint) throws InterruptedException {
    queue(new Writes.SaveCheckpoint(checkpoint));
  }

  @Override
  public Optional<byte[]> checkpoint(String owner) {
    return queries.checkpoint(owner);
  }

  @Override
  public ExportPosition openExport(String owner, boolean fromStart) throws InterruptedException {
    return await(new Writes.OpenExport(owner, fromStart));
  }

  @Override
  public void moveExport(String owner, long seq) throws InterruptedException {
    queue(new Writes.MoveExport(owner, seq));
  }

  @Override
  public Optional<ExportPosition> exportPosition(String owner) {
    return session.exports().committed(owner);
  }

  @Override
  public Backlog backlog(long after, int max) {
    return queries.backlog(after, max);
  }

  @Override
  public void adjust(
      PeerId peer,
      Optional<byte[]> key,
      int delta,
      Optional<Instant> blockedUntil,
      Consumer<Standing> done)
      throws InterruptedException {
    queue(new Writes.Adjust(peer, key, delta, blockedUntil, clock.millis(), done));
  }

  @Override
  public void seen(NodeId peer, byte[] key) throws InterruptedException {
    queue(new Writes.Seen(peer, key, clock.millis()));
  }

  /** Lifting a ban ends a passing block too. */
  @Override
  public Standing setBanned(PeerId peer, boolean banned) throws InterruptedException {
    return await(new Writes.SetBanned(peer, banned, clock));
  }

  @Override
  public List<Standing> bannedOrBlocked(Instant now) {
    return queries.bannedOrBlocked(now);
  }

  @Override
  public Optional<Standing> peer(PeerId peer) {
    return queries.peer(peer);
  }

  @Override
  public List<Standing> peers(int limit) {
    return queries.peers(limit);
  }

  @Override
  public List<ScorePoint> scores(PeerId peer, Instant now) {
    return queries.scores(peer, now);
  }

  @Override
  public void saveAddress(KnownAddress address) throws InterruptedException {
    await(new AddressWrites.Save(address));
  }

  @Override
  public void saveAddresses(List<KnownAddress> addresses) throws InterruptedException {
    await(new AddressWrites.SaveAll(addresses));
  }

  @Override
  public void forgetAddress(HostPort address) throws InterruptedException {
    await(new AddressWrites.Forget(address));
  }

  @Override
  public List<KnownAddress> addresses() {
    return queries.addresses();
  }

  /** Returns when the writer has ended; from one of its own callbacks, at once. */
  @Override
  public void close() {
    queue.close();
    if (Thread.currentThread() == writer) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        writer.join();
        break;
      } catch (InterruptedException e) {
        // Half a close would be an unclean stop; the rest of the queue is soon written.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Queues a write; the callbacks of the writer itself never wait for room. */
  void queue(Write write) throws InterruptedException {
    queue.put(write, Thread.currentThread() != writer);
  }

  private <T> T await(Writes.Awaited<T> write) throws InterruptedException {
    mayWait();
    queue(write);
    return result(write);
  }

  private void mayWait() {
    if (Thread.currentThread() == writer) {
      throw new IllegalStateException("a callback of the store must not wait for the store");
    }
  }

  private static <T> T result(Writes.Awaited<T> write) throws InterruptedException {
    try {
      return write.result.get();
    } catch (ExecutionException e) {
      // Thrown anew so that the trace shows the caller.
      Throwable cause = e.getCause();
      throw new StoreException(
          cause == null ? "not stored" : String.valueOf(cause.getMessage()), e);
    }
  }
}
