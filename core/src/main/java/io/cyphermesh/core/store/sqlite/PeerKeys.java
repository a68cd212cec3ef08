package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.store.sqlite.ReadPool.Reader;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is meant by a peer's row number. Remembers the peers used last, so that events of one
 * reporter share one key object.
 */
final class PeerKeys {
  private static final int KEPT = 2048;

  private static final String QUERY = "SELECT id, key FROM peer WHERE ref = ?";

  private final Map<Long, Peer> recent =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Peer> eldest) {
          return size() > KEPT;
        }
      };

  private record Peer(PeerId id, @Nullable ReporterKey key) {}

  /** The peer; empty for a row that is gone. */
  Optional<PeerId> peer(Reader reader, long ref) throws SQLException {
    Peer peer = remembered(ref);
    if (peer == null) {
      peer = load(reader, ref);
    }
    return Optional.ofNullable(peer).map(Peer::id);
  }

  /**
   * The key of a reporter.
   *
   * @throws SQLException if there is none, which no stop of the node can bring about
   */
  ReporterKey key(Reader reader, long ref) throws SQLException {
    Peer peer = remembered(ref);
    if (peer == null || peer.key == null) {
      // It may have been without a key when it was remembered as a deliverer.
      peer = load(reader, ref);
    }
    if (peer == null || peer.key == null) {
      throw new SQLException("the key of the reporter in row " + ref + " is missing");
    }
    return peer.key;
  }

  private @Nullable Peer remembered(long ref) {
    synchronized (recent) {
      return recent.get(ref);
    }
  }

  private @Nullable Peer load(Reader reader, long ref) throws SQLException {
    PreparedStatement query = reader.statement(QUERY);
    query.setLong(1, ref);
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      byte[] der = row.getBytes(2);
      Peer peer =
          new Peer(
              Columns.peer(row.getBytes(1)),
              der == null ? null : ReporterKey.ofDer(der).orElse(null));
      synchronized (recent) {
        recent.put(ref, peer);
      }
      return peer;
    }
  }
}
