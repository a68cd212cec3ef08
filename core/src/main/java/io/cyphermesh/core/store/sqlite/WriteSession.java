package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.EventStore.Deleted;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write connection with what belongs to its open transaction: statements, counters, peers. What
 * is held in memory follows the commit, never runs ahead of it. Used by the writer's thread alone.
 */
final class WriteSession implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WriteSession.class);

  /** More than can be lost with the commits since the last checkpoint of the WAL. */
  static final long JUMP = 1_000_000;

  /** Finds an event by its key; {@link #bindKey}. */
  static final String BY_KEY = " WHERE substr(key, 1, 8) = ? AND key = ?";

  /** Finds the full event with the id and the fields of a bare one; {@link #bindFullForm}. */
  static final String FULL_FORM =
      "SELECT 1 FROM event"
          + BY_KEY
          + " AND claimed IS NULL AND reporter = ? AND source_ip = ? AND threat_type = ? AND severity = ?"
          + " AND time = ? AND timestamp IS ?";

  /** What {@link #delete} needs to know of what it deletes. */
  static final String RETURNING = " RETURNING key, local, claimed IS NOT NULL, seq, time";

  private static final String HOLDS = "SELECT 1 FROM event" + BY_KEY;
  private static final String INSERT =
      "INSERT INTO event (seq, key, reporter, deliverer, local, time, received, timestamp,"
          + " source_ip, threat_type, severity, claimed, signature, tlp, retracts, details)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String DELETE_BARE =
      "DELETE FROM event" + BY_KEY + " AND claimed IS NOT NULL" + RETURNING;
  private static final String LOAD_STATE = "SELECT next_seq, stored, local, bare FROM state";
  private static final String SAVE_STATE =
      "UPDATE state SET next_seq = ?, stored = ?, local = ?, bare = ?, clean = ?";

  private final Connection connection;
  private final RecentKeys recentKeys;
  private final InstantSource clock;
  private final PeerBook peers;
  private final ExportRows exports;
  private final SearchTables searchTables;
  private final Statements statements;
  private final List<EventId> stored = new ArrayList<>();
  private final List<EventId> deleted = new ArrayList<>();
  private final List<Deleted> deletedFull = new ArrayList<>();
  private State committed;
  private State state;
  private boolean durable;
  private volatile Counts counts;
  private volatile Consumer<List<Deleted>> deletionListener = events -> {};

  /** The row of the same name. */
  private record State(long nextSeq, long stored, long local, long bare) {}

  /** Takes the database over: from here until {@link #close} it counts as not stopped in order. */
  WriteSession(Connection connection, RecentKeys recentKeys, InstantSource clock)
      throws SQLException {
    this.connection = connection;
    this.recentKeys = recentKeys;
    this.clock = clock;
    this.statements = new Statements(connection);
    this.peers = new PeerBook(connection, statements);
    this.exports = new ExportRows(statements);
    this.searchTables = new SearchTables(connection, statements);
    boolean clean = DatabaseFile.number(connection, "SELECT clean FROM state") == 1;
    try (ResultSet row = statements.of(LOAD_STATE).executeQuery()) {
      row.next();
      committed = new State(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
    }
    state =
        clean
            ? committed
            : new State(
                committed.nextSeq + JUMP, committed.stored, committed.local, committed.bare);
    counts = new Counts(state.stored, state.local);
    // Once for all before the first transaction; begin() changes it only where it has to.
    DatabaseFile.run(connection, "PRAGMA synchronous = NORMAL");
    begin(true);
    writeState(false);
    commit();
  }

  PeerBook peers() {
    return peers;
  }

  ExportRows exports() {
    return exports;
  }

  void onDeleted(Consumer<List<Deleted>> listener) {
    deletionListener = listener;
  }

  Counts counts() {
    return counts;
  }

  /** The number that the next stored event gets. */
  long nextSeq() {
    return state.nextSeq;
  }

  /** The statement of a constant text; not to be kept, nor closed. */
  PreparedStatement statement(String sql) throws SQLException {
    return statements.of(sql);
  }

  Connection connection() {
    return connection;
  }

  /**
   * Opens a transaction.
   *
   * @param durable whether its commit waits for the disk
   */
  void begin(boolean durable) throws SQLException {
    if (this.durable != durable) {
      // Has no effect within a transaction.
      DatabaseFile.run(connection, "PRAGMA synchronous = " + (durable ? "FULL" : "NORMAL"));
      this.durable = durable;
    }
    DatabaseFile.run(connection, "BEGIN IMMEDIATE");
  }

  void commit() throws SQLException {
    peers.flush(clock.millis());
    exports.flush();
    searchTables.flush();
    if (!state.equals(committed)) {
      writeState(false);
    }
    DatabaseFile.run(connection, "COMMIT");
    committed = state;
    peers.committed();
    exports.committed();
    searchTables.committed();
    deleted.forEach(recentKeys::remove);
    stored.forEach(recentKeys::add);
    deleted.clear();
    stored.clear();
    counts = new Counts(state.stored, state.local);
    tellOfDeleted();
  }

  private void tellOfDeleted() {
    if (deletedFull.isEmpty()) {
      return;
    }
    List<Deleted> gone = List.copyOf(deletedFull);
    deletedFull.clear();
    try {
      deletionListener.accept(gone);
    } catch (RuntimeException e) {
      // What is committed is committed: its writers must not be told otherwise.
      log.error("A callback of the store failed", e);
    }
  }

  void rollback() {
    statements.renew();
    try {
      DatabaseFile.run(connection, "ROLLBACK");
    } catch (SQLException e) {
      // After some errors, a full disk among them, SQLite has rolled back already.
    }
    state = committed;
    peers.rolledBack();
    exports.rolledBack();
    searchTables.rolledBack();
    deleted.clear();
    deletedFull.clear();
    stored.clear();
  }

  boolean holds(EventId key) throws SQLException {
    PreparedStatement holds = statements.of(HOLDS);
    bindKey(holds, key);
    try (ResultSet row = holds.executeQuery()) {
      return row.next();
    }
  }

  boolean holdsFullFormOf(SignedEvent bare) throws SQLException {
    PeerRow reporter = peers.find(new PeerId.Node(bare.reporter().nodeId()));
    if (reporter == null) {
      return false;
    }
    PreparedStatement holdsFull = statements.of(FULL_FORM);
    bindFullForm(holdsFull, bare, reporter.ref);
    try (ResultSet row = holdsFull.executeQuery()) {
      return row.next();
    }
  }

  static void bindKey(PreparedStatement query, EventId key) throws SQLException {
    byte[] bytes = Columns.bytes(key.hex());
    query.setBytes(1, Arrays.copyOf(bytes, 8));
    query.setBytes(2, bytes);
  }

  static void bindFullForm(PreparedStatement query, SignedEvent bare, long reporter)
      throws SQLException {
    Moment moment = Moment.of(bare, 0);
    bindKey(query, bare.claimedId());
    query.setLong(3, reporter);
    query.setString(4, bare.sourceIp());
    query.setString(5, bare.threatType());
    query.setString(6, bare.severity());
    query.setLong(7, moment.time);
    Columns.set(query, 8, moment.timestamp);
  }

  /**
   * Stores an event that is not stored yet. A full one takes the place of its bare form; the id was
   * paid for then, so that its reporter's score rises only once.
   *
   * @param deliverer empty for our own
   */
  StoredEvent store(
      SignedEvent event, EventId key, boolean bare, Optional<PeerId> deliverer, long now)
      throws SQLException {
    PeerRow reporter = reporter(event, now);
    if (!bare && replacesBare(event)) {
      reporter.seen(now);
    } else {
      reporter.reported(now);
    }
    return insert(event, key, bare, deliverer.isEmpty(), reporter, deliverer, now);
  }

  /** Stores an event from a file that is not stored yet, at which no score changes. */
  StoredEvent storeImported(SignedEvent event, EventId key, boolean bare, boolean local, long now)
      throws SQLException {
    PeerRow reporter = reporter(event, now);
    reporter.seen(now);
    if (!bare) {
      replacesBare(event);
    }
    return insert(event, key, bare, local, reporter, Optional.empty(), now);
  }

  private PeerRow reporter(SignedEvent event, long now) throws SQLException {
    PeerRow reporter = peers.change(new PeerId.Node(event.reporter().nodeId()), now);
    if (!reporter.keyKnown) {
      peers.learnKey(reporter, event.reporter().der());
    }
    return reporter;
  }

  private StoredEvent insert(
      SignedEvent event,
      EventId key,
      boolean bare,
      boolean local,
      PeerRow reporter,
      Optional<PeerId> deliverer,
      long now)
      throws SQLException {
    Long delivererRef = null;
    if (deliverer.isPresent()) {
      PeerRow peer = peers.change(deliverer.get(), now);
      peer.seen(now);
      delivererRef = peer.ref;
    }
    Moment moment = Moment.of(event, now);
    long seq = state.nextSeq;
    SignedEvent.@Nullable Details details = event.details().orElse(null);
    PreparedStatement insert = statements.of(INSERT);
    insert.setLong(1, seq);
    insert.setBytes(2, Columns.bytes(key.hex()));
    insert.setLong(3, reporter.ref);
    Columns.set(insert, 4, delivererRef);
    insert.setInt(5, local ? 1 : 0);
    insert.setLong(6, moment.time);
    insert.setLong(7, now);
    Columns.set(insert, 8, moment.timestamp);
    insert.setString(9, event.sourceIp());
    insert.setString(10, event.threatType());
    insert.setString(11, event.severity());
    Columns.set(insert, 12, bare ? Columns.bytes(event.claimedId().hex()) : null);
    insert.setBytes(13, event.signature());
    Columns.set(insert, 14, details == null ? null : details.tlpTerm().orElse(null));
    insert.setInt(15, details != null && details.retracts() ? 1 : 0);
    Columns.set(insert, 16, details == null ? null : details.json());
    insert.executeUpdate();
    searchTables.added(
        new SearchTables.Facts(
            seq,
            event.sourceIp(),
            event.threatType(),
            event.severity(),
            reporter.ref,
            local,
            moment.time,
            details == null ? null : details.tlpTerm().orElse(null),
            details == null ? null : details.json()));
    stored.add(key);
    state =
        new State(
            seq + 1, state.stored + 1, state.local + (local ? 1 : 0), state.bare + (bare ? 1 : 0));
    return new StoredEvent(seq, event, bare, local, deliverer, Instant.ofEpochMilli(now));
  }

  /** Deletes the bare form of {@code full}, whose key follows from the event itself. */
  private boolean replacesBare(SignedEvent full) throws SQLException {
    if (state.bare == 0 || full.details().isEmpty()) {
      return false;
    }
    PreparedStatement delete = statements.of(DELETE_BARE);
    bindKey(delete, full.withoutDetails().key(true));
    return remove(delete, false) > 0;
  }

  /**
   * Runs a statement that deletes events.
   *
   * @param delete ends with {@link #RETURNING}
   * @return how many it deleted
   */
  int delete(PreparedStatement delete) throws SQLException {
    return remove(delete, true);
  }

  private int remove(PreparedStatement delete, boolean forGood) throws SQLException {
    int count = 0;
    long local = 0;
    long bare = 0;
    try (ResultSet rows = delete.executeQuery()) {
      while (rows.next()) {
        count++;
        searchTables.deleted(rows.getLong(4));
        EventId key = new EventId(Columns.hex(rows.getBytes(1)));
        deleted.add(key);
        if (!rows.getBoolean(3)) {
          deletedFull.add(new Deleted(rows.getLong(5), key));
        }
        local += rows.getInt(2);
        bare += rows.getInt(3);
        if (forGood) {
          exports.deleted(rows.getLong(4));
        }
      }
    }
    state = new State(state.nextSeq, state.stored - count, state.local - local, state.bare - bare);
    return count;
  }

  private void writeState(boolean clean) throws SQLException {
    PreparedStatement saveState = statements.of(SAVE_STATE);
    saveState.setLong(1, state.nextSeq);
    saveState.setLong(2, state.stored);
    saveState.setLong(3, state.local);
    saveState.setLong(4, state.bare);
    saveState.setInt(5, clean ? 1 : 0);
    saveState.executeUpdate();
  }

  /** Marks the stop as orderly and closes. */
  @Override
  public void close() throws SQLException {
    try (connection) {
      begin(true);
      writeState(true);
      DatabaseFile.run(connection, "COMMIT");
      DatabaseFile.run(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
  }

  /**
   * An event's time as columns.
   *
   * @param timestamp null where it is {@code time} in our own form
   */
  private record Moment(long time, @Nullable String timestamp) {
    /** An unreadable timestamp, which the pipeline lets nowhere near, counts as {@code now}. */
    static Moment of(SignedEvent event, long now) {
      EventTime time = event.time().orElse(null);
      if (time == null) {
        return new Moment(now, event.timestamp());
      }
      return new Moment(
          time.instant().toEpochMilli(), time.approximate() ? event.timestamp() : null);
    }
  }
}
