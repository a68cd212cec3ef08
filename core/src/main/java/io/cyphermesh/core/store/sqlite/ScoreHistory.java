package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.store.EventStore.ScorePoint;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How scores went: the last score of each slot of time in which a peer's changed. Whoever reports
 * twenty events a second costs two rows a slot: the one that ends the slot before and the one that
 * begins this. What changes later within a slot is in the peer's own row until then.
 */
final class ScoreHistory {
  private static final long SLOT = ScorePoint.SLOT.toMillis();
  private static final long KEPT = ScorePoint.KEPT.toMillis();
  private static final String LAST = "SELECT max(slot) FROM score WHERE peer = ?";
  private static final String SAVE =
      "INSERT OR REPLACE INTO score (peer, slot, score) VALUES (?, ?, ?)";
  private static final String PRUNE =
      "DELETE FROM score WHERE peer = ?1 AND slot < (SELECT max(slot) FROM score WHERE peer = ?1"
          + " AND slot <= ?2)";
  private static final String DELETE = "DELETE FROM score WHERE peer = ?";
  private static final String OF_PEER =
      "SELECT s.slot, s.score, p.score FROM peer p LEFT JOIN score s ON s.peer = p.ref"
          + " WHERE p.id = ? ORDER BY s.slot";
  private static final long NEVER = -1;

  private final Statements statements;

  ScoreHistory(Statements statements) {
    this.statements = statements;
  }

  /** Notes that a peer's score changes, if it does; part of the transaction. */
  void note(PeerRow peer, long now) throws SQLException {
    if (peer.score == peer.committedScore && peer.inserted) {
      return;
    }
    long slot = Math.floorDiv(now, SLOT) * SLOT;
    Long known = peer.scoreSlot;
    long last = known == null ? last(peer) : known;
    // A clock that was set back adds nothing until it has caught up.
    if (slot > last) {
      if (last != NEVER) {
        save(peer.ref, last, peer.committedScore);
      }
      save(peer.ref, slot, peer.score);
      PreparedStatement prune = statements.of(PRUNE);
      prune.setLong(1, peer.ref);
      prune.setLong(2, slot - KEPT);
      prune.executeUpdate();
      last = slot;
    }
    peer.scoreSlot = last;
  }

  private long last(PeerRow peer) throws SQLException {
    PreparedStatement query = statements.of(LAST);
    query.setLong(1, peer.ref);
    try (ResultSet row = query.executeQuery()) {
      long last = row.next() ? row.getLong(1) : NEVER;
      return row.wasNull() ? NEVER : last;
    }
  }

  private void save(long ref, long slot, long score) throws SQLException {
    PreparedStatement save = statements.of(SAVE);
    save.setLong(1, ref);
    save.setLong(2, slot);
    save.setLong(3, score);
    save.executeUpdate();
  }

  /** Deletes what is kept of a peer. */
  void deleted(long ref) throws SQLException {
    PreparedStatement delete = statements.of(DELETE);
    delete.setLong(1, ref);
    delete.executeUpdate();
  }

  /** Prepares the statement of a text, or finds it. */
  @FunctionalInterface
  interface Prepares {
    PreparedStatement of(String sql) throws SQLException;
  }

  /** All that is known of a peer, oldest first; nothing if there is no such peer. */
  static List<ScorePoint> read(Prepares statements, PeerId peer, Instant now) throws SQLException {
    PreparedStatement query = statements.of(OF_PEER);
    query.setBytes(1, Columns.bytes(peer));
    List<ScorePoint> points = new ArrayList<>();
    long horizon = now.toEpochMilli() - KEPT;
    long current = 0;
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        long slot = row.getLong(1);
        if (row.wasNull()) {
          // It has not changed since its score is noted.
          slot = Math.floorDiv(now.toEpochMilli(), SLOT) * SLOT;
        } else if (slot <= horizon) {
          points.clear();
        }
        current = row.getLong(3);
        points.add(new ScorePoint(Instant.ofEpochMilli(slot), row.getLong(2)));
      }
    }
    if (!points.isEmpty()) {
      points.add(new ScorePoint(points.removeLast().slot(), current));
    }
    return List.copyOf(points);
  }
}
