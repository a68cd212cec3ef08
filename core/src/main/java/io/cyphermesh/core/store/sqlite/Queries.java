package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Backlog;
import io.cyphermesh.core.store.EventStore.Counts;
import io.cyphermesh.core.store.EventStore.Item;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.store.EventStore.ScorePoint;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.sqlite.ReadPool.Reader;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that is read from the database. */
final class Queries {
  static final String EVENT =
      "SELECT seq, key, reporter, deliverer, local, time, received, timestamp, source_ip,"
          + " threat_type, severity, claimed, signature, tlp, retracts, details FROM event ";

  /** In the order of the table itself: an index would only add a look-up to each row. */
  private static final String ITEMS =
      "SELECT seq, time, key FROM event WHERE seq > ? AND claimed IS NULL AND"
          + " (tlp IS NULL OR tlp = 'clear' OR tlp = 'green') ORDER BY seq LIMIT ?";

  private static final String STANDING =
      "SELECT id, score, banned, blocked_until, valid, invalid, first_seen, last_seen, by_operator"
          + " FROM peer ";

  private final ReadPool pool;
  private final PeerKeys peers = new PeerKeys();

  Queries(ReadPool pool) {
    this.pool = pool;
  }

  boolean contains(EventId key) {
    return pool.read(
        reader -> {
          PreparedStatement query = reader.statement("SELECT 1 FROM event" + WriteSession.BY_KEY);
          WriteSession.bindKey(query, key);
          return any(query);
        });
  }

  boolean containsFullFormOf(SignedEvent bare) {
    return pool.read(
        reader -> {
          PreparedStatement find = reader.statement("SELECT ref FROM peer WHERE id = ?");
          find.setBytes(1, Columns.bytes(bare.reporter().nodeId().hex()));
          long reporter;
          try (ResultSet row = find.executeQuery()) {
            if (!row.next()) {
              return false;
            }
            reporter = row.getLong(1);
          }
          PreparedStatement query = reader.statement(WriteSession.FULL_FORM);
          WriteSession.bindFullForm(query, bare, reporter);
          return any(query);
        });
  }

  Optional<StoredEvent> find(EventId key) {
    return pool.read(
        reader -> {
          PreparedStatement query = reader.statement(EVENT + WriteSession.BY_KEY);
          WriteSession.bindKey(query, key);
          return events(reader, query).stream().findFirst();
        });
  }

  List<StoredEvent> find(List<EventId> keys) {
    return pool.read(
        reader -> {
          List<StoredEvent> found = new ArrayList<>(keys.size());
          PreparedStatement query = reader.statement(EVENT + WriteSession.BY_KEY);
          for (EventId key : keys) {
            WriteSession.bindKey(query, key);
            found.addAll(events(reader, query));
          }
          return List.copyOf(found);
        });
  }

  List<StoredEvent> newest(int limit, long before) {
    return pool.read(
        reader -> {
          PreparedStatement query =
              reader.statement(EVENT + "WHERE seq < ? ORDER BY seq DESC LIMIT ?");
          query.setLong(1, before);
          query.setInt(2, requireLimit(limit));
          return events(reader, query);
        });
  }

  List<StoredEvent> after(long after, int limit) {
    return pool.read(
        reader -> {
          PreparedStatement query = reader.statement(EVENT + "WHERE seq > ? ORDER BY seq LIMIT ?");
          query.setLong(1, after);
          query.setInt(2, requireLimit(limit));
          return events(reader, query);
        });
  }

  List<Item> items(long after, int limit) {
    return pool.read(
        reader -> {
          PreparedStatement query = reader.statement(ITEMS);
          query.setLong(1, after);
          query.setInt(2, requireLimit(limit));
          List<Item> items = new ArrayList<>();
          try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
              items.add(
                  new Item(
                      row.getLong(1), row.getLong(2), new EventId(Columns.hex(row.getBytes(3)))));
            }
          }
          return List.copyOf(items);
        });
  }

  /** So that {@code after} it come exactly the newest {@code count}. */
  long seqBeforeNewest(int count) {
    return pool.read(
        reader -> {
          PreparedStatement query =
              reader.statement(
                  count == 0
                      ? "SELECT max(seq) FROM event WHERE 0 = ?"
                      : "SELECT seq - 1 FROM event ORDER BY seq DESC LIMIT 1 OFFSET ?");
          query.setInt(1, count == 0 ? 0 : requireLimit(count) - 1);
          try (ResultSet row = query.executeQuery()) {
            return row.next() ? row.getLong(1) : 0L;
          }
        });
  }

  Counts counts() {
    return pool.read(
        reader -> {
          try (ResultSet row = reader.statement("SELECT stored, local FROM state").executeQuery()) {
            row.next();
            return new Counts(row.getLong(1), row.getLong(2));
          }
        });
  }

  Optional<byte[]> checkpoint(String owner) {
    return pool.read(
        reader -> {
          PreparedStatement query =
              reader.statement("SELECT state FROM checkpoint WHERE owner = ?");
          query.setString(1, owner);
          try (ResultSet row = query.executeQuery()) {
            return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
          }
        });
  }

  Backlog backlog(long after, int max) {
    return pool.read(
        reader -> {
          PreparedStatement count =
              reader.statement(
                  "SELECT count(*), (SELECT received FROM event WHERE seq > ?1 ORDER BY seq LIMIT 1)"
                      + " FROM (SELECT 1 FROM event WHERE seq > ?1 LIMIT ?2)");
          count.setLong(1, after);
          count.setInt(2, requireLimit(max));
          try (ResultSet row = count.executeQuery()) {
            row.next();
            return new Backlog(row.getInt(1), Columns.instant(row, 2));
          }
        });
  }

  List<Standing> bannedOrBlocked(Instant now) {
    return pool.read(
        reader -> {
          // The first condition is the index's, so that SQLite takes it.
          PreparedStatement query =
              reader.statement(
                  STANDING
                      + "WHERE (banned = 1 OR blocked_until IS NOT NULL)"
                      + " AND (banned = 1 OR blocked_until > ?)");
          query.setLong(1, now.toEpochMilli());
          return standings(query);
        });
  }

  Optional<Standing> peer(PeerId peer) {
    return pool.read(
        reader -> {
          PreparedStatement query = reader.statement(STANDING + "WHERE id = ?");
          query.setBytes(1, Columns.bytes(peer));
          return standings(query).stream().findFirst();
        });
  }

  List<Standing> peers(int limit) {
    return pool.read(
        reader -> {
          PreparedStatement query =
              reader.statement(STANDING + "ORDER BY last_seen DESC, ref LIMIT ?");
          query.setInt(1, requireLimit(limit));
          return standings(query);
        });
  }

  List<ScorePoint> scores(PeerId peer, Instant now) {
    return pool.read(reader -> ScoreHistory.read(reader::statement, peer, now));
  }

  List<KnownAddress> addresses() {
    return pool.read(
        reader -> {
          PreparedStatement query =
              reader.statement(
                  "SELECT host, port, origin, node_id, last_success, tried, anchor, failures,"
                      + " source, seq, key, signature FROM address"
                      + " ORDER BY origin, last_success DESC, host, port LIMIT "
                      + AddressWrites.MAX_ADDRESSES);
          List<KnownAddress> addresses = new ArrayList<>();
          try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
              byte[] nodeId = row.getBytes(4);
              HostPort address = new HostPort(row.getString(1), row.getInt(2));
              addresses.add(
                  new KnownAddress(
                      address,
                      AddressWrites.origin(row.getInt(3)),
                      Optional.ofNullable(nodeId).map(id -> new NodeId(Columns.hex(id))),
                      Columns.instant(row, 5),
                      row.getBoolean(6),
                      row.getBoolean(7),
                      row.getInt(8),
                      Optional.ofNullable(row.getString(9)),
                      record(row, address)));
            }
          }
          return List.copyOf(addresses);
        });
  }

  private static Optional<PeerRecord> record(ResultSet row, HostPort address) throws SQLException {
    long seq = row.getLong(10);
    byte[] key = row.getBytes(11);
    byte[] signature = row.getBytes(12);
    return key == null || signature == null
        ? Optional.empty()
        : ReporterKey.ofDer(key).map(k -> new PeerRecord(address, k, seq, signature));
  }

  /** The event of a number. */
  Optional<StoredEvent> numbered(Reader reader, long seq) throws SQLException {
    PreparedStatement query = reader.statement(EVENT + "WHERE seq = ?");
    query.setLong(1, seq);
    return events(reader, query).stream().findFirst();
  }

  private List<StoredEvent> events(Reader reader, PreparedStatement query) throws SQLException {
    List<StoredEvent> events = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        events.add(event(reader, row));
      }
    }
    return List.copyOf(events);
  }

  private StoredEvent event(Reader reader, ResultSet row) throws SQLException {
    long deliverer = row.getLong(4);
    Optional<PeerId> delivererId = row.wasNull() ? Optional.empty() : peers.peer(reader, deliverer);
    SignedEvent event = signed(row, peers.key(reader, row.getLong(3)));
    return new StoredEvent(
        row.getLong(1),
        event,
        isBare(row),
        row.getBoolean(5),
        delivererId,
        Instant.ofEpochMilli(row.getLong(7)));
  }

  /** The event in a row of {@link #EVENT}. */
  static SignedEvent signed(ResultSet row, ReporterKey reporter) throws SQLException {
    byte @Nullable [] claimed = row.getBytes(12);
    String timestamp = row.getString(8);
    String details = row.getString(16);
    return new SignedEvent(
        new EventId(Columns.hex(claimed == null ? row.getBytes(2) : claimed)),
        row.getString(9),
        row.getString(10),
        row.getString(11),
        timestamp == null ? EventTime.format(Instant.ofEpochMilli(row.getLong(6))) : timestamp,
        reporter,
        row.getBytes(13),
        details == null
            ? Optional.empty()
            : Optional.of(
                new SignedEvent.Details(
                    details, Optional.ofNullable(row.getString(14)), row.getBoolean(15))));
  }

  /** Whether the event in a row of {@link #EVENT} is bare. */
  static boolean isBare(ResultSet row) throws SQLException {
    return row.getBytes(12) != null;
  }

  private static List<Standing> standings(PreparedStatement query) throws SQLException {
    List<Standing> standings = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        standings.add(
            new Standing(
                Columns.peer(row.getBytes(1)),
                row.getLong(2),
                row.getBoolean(3),
                row.getBoolean(9),
                Columns.instant(row, 4),
                row.getLong(5),
                row.getLong(6),
                Instant.ofEpochMilli(row.getLong(7)),
                Instant.ofEpochMilli(row.getLong(8))));
      }
    }
    return List.copyOf(standings);
  }

  private static boolean any(PreparedStatement query) throws SQLException {
    try (ResultSet row = query.executeQuery()) {
      return row.next();
    }
  }

  /** SQLite takes a negative limit for none. */
  private static int requireLimit(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a limit must not be negative: " + limit);
    }
    return limit;
  }
}
