package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The peers that the writer has to do with. A thousand events of one reporter in a group are one
 * UPDATE at its end.
 */
final class PeerBook {
  private static final int KEPT = 4096;
  private static final String FIND =
      "SELECT ref, score, banned, blocked_until, valid, invalid, first_seen, last_seen,"
          + " key IS NOT NULL, by_operator FROM peer WHERE id = ?";
  private static final String INSERT =
      "INSERT INTO peer (score, banned, blocked_until, valid, invalid, last_seen, by_operator, ref,"
          + " id, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String UPDATE =
      "UPDATE peer SET score = ?, banned = ?, blocked_until = ?, valid = ?, invalid = ?,"
          + " last_seen = ?, by_operator = ? WHERE ref = ?";
  private static final String SET_KEY = "UPDATE peer SET key = ? WHERE ref = ?";

  private final Map<PeerId, PeerRow> rows = new LinkedHashMap<>(64, 0.75f, true);
  private final Set<PeerRow> touched = new LinkedHashSet<>();
  private final Statements statements;
  private final ScoreHistory scores;

  /** Never given twice within a run, since readers remember whose it is. */
  private long nextRef;

  PeerBook(Connection connection, Statements statements) throws SQLException {
    this.statements = statements;
    this.scores = new ScoreHistory(statements);
    nextRef = DatabaseFile.number(connection, "SELECT max(ref) FROM peer") + 1;
  }

  /** The peer, if it was met before. */
  @Nullable PeerRow find(PeerId id) throws SQLException {
    PeerRow known = rows.get(id);
    if (known != null) {
      return known;
    }
    PreparedStatement find = statements.of(FIND);
    find.setBytes(1, Columns.bytes(id));
    try (ResultSet row = find.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      PeerRow peer = new PeerRow(row.getLong(1), id, row.getLong(7));
      peer.score = row.getLong(2);
      peer.banned = row.getBoolean(3);
      long blockedUntil = row.getLong(4);
      peer.blockedUntil = row.wasNull() ? null : Long.valueOf(blockedUntil);
      peer.valid = row.getLong(5);
      peer.invalid = row.getLong(6);
      peer.lastSeen = row.getLong(8);
      peer.keyKnown = row.getBoolean(9);
      peer.byOperator = row.getBoolean(10);
      peer.committedScore = peer.score;
      peer.inserted = true;
      rows.put(id, peer);
      return peer;
    }
  }

  /** The peer, to be changed by the caller before the group ends. */
  PeerRow change(PeerId id, long now) throws SQLException {
    PeerRow peer = find(id);
    if (peer == null) {
      peer = new PeerRow(nextRef++, id, now);
      rows.put(id, peer);
    }
    touched.add(peer);
    return peer;
  }

  /** Notes a peer's key, unless {@code der} is not that peer's key. */
  void learnKey(PeerRow peer, byte[] der) {
    if (!peer.keyKnown) {
      ReporterKey.ofDer(der)
          .filter(key -> peer.id.is(key.nodeId()))
          .ifPresent(
              key -> {
                peer.newKey = der;
                peer.keyKnown = true;
              });
    }
  }

  /** Writes what changed; part of the transaction. */
  void flush(long now) throws SQLException {
    for (PeerRow peer : touched) {
      Long until = peer.blockedUntil;
      if (until != null && until <= now) {
        peer.blockedUntil = null;
      }
      PreparedStatement statement = statements.of(peer.inserted ? UPDATE : INSERT);
      statement.setLong(1, peer.score);
      statement.setBoolean(2, peer.banned);
      Columns.set(statement, 3, peer.blockedUntil);
      statement.setLong(4, peer.valid);
      statement.setLong(5, peer.invalid);
      statement.setLong(6, peer.lastSeen);
      statement.setBoolean(7, peer.byOperator);
      statement.setLong(8, peer.ref);
      if (!peer.inserted) {
        statement.setBytes(9, Columns.bytes(peer.id));
        statement.setLong(10, peer.firstSeen);
      }
      statement.executeUpdate();
      scores.note(peer, now);
      byte[] key = peer.newKey;
      if (key != null) {
        PreparedStatement setKey = statements.of(SET_KEY);
        setKey.setBytes(1, key);
        setKey.setLong(2, peer.ref);
        setKey.executeUpdate();
      }
    }
  }

  void committed() {
    for (PeerRow peer : touched) {
      peer.inserted = true;
      peer.newKey = null;
      peer.committedScore = peer.score;
    }
    touched.clear();
    Iterator<PeerRow> oldest = rows.values().iterator();
    while (rows.size() > KEPT) {
      oldest.next();
      oldest.remove();
    }
  }

  void rolledBack() {
    touched.clear();
    rows.clear();
  }

  /** Forgets what is held of a peer whose row is deleted; part of the transaction. */
  void deleted(PeerId id, long ref) throws SQLException {
    rows.remove(id);
    scores.deleted(ref);
  }
}
