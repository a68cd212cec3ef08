package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.store.EventStore.KnownAddress.Origin;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Writes of the address book. */
final class AddressWrites {
  /** How many addresses are kept; learned ones beyond it give way, the never reached first. */
  static final int MAX_ADDRESSES = 10_000;

  // Origins as they stand in the column of that name.
  private static final int OPERATOR = 0;
  private static final int LEARNED = 1;
  private static final int LAN = 2;
  private static final int DNS = 3;

  private static final String TRIM =
      "DELETE FROM address WHERE (host, port) IN (SELECT host, port FROM address WHERE"
          + " origin <> 0 ORDER BY last_success LIMIT max(0, (SELECT count(*) FROM"
          + " address) - "
          + MAX_ADDRESSES
          + "))";
  private static final String DELETE = "DELETE FROM address WHERE host = ? AND port = ?";
  private static final String SAVE =
      "INSERT OR REPLACE INTO address (host, port, origin, node_id, last_success, tried, anchor,"
          + " failures, source, seq, key, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  /**
   * Most rows are as they were: what does not change costs no write. What the operator named
   * meanwhile stays his.
   */
  private static final String UPDATE =
      "INSERT INTO address (host, port, origin, node_id, last_success, tried, anchor, failures,"
          + " source, seq, key, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (host, port) DO UPDATE SET origin = iif(origin = 0, 0, excluded.origin),"
          + " node_id = excluded.node_id,"
          + " last_success = coalesce(excluded.last_success, last_success),"
          + " tried = excluded.tried, anchor = excluded.anchor, failures = excluded.failures,"
          + " source = excluded.source, seq = excluded.seq, key = excluded.key,"
          + " signature = excluded.signature"
          + " WHERE (origin, node_id, last_success, tried, anchor, failures, source, seq, key,"
          + " signature) IS NOT (iif(origin = 0, 0, excluded.origin), excluded.node_id,"
          + " coalesce(excluded.last_success, last_success), excluded.tried, excluded.anchor,"
          + " excluded.failures, excluded.source, excluded.seq, excluded.key,"
          + " excluded.signature)";

  private AddressWrites() {}

  /** An address to be kept. */
  static final class Save extends Writes.Awaited<Boolean> {
    private final KnownAddress address;

    Save(KnownAddress address) {
      this.address = address;
    }

    @Override
    Boolean change(WriteSession session) throws SQLException {
      write(session.statement(SAVE), address);
      return session.statement(TRIM).executeUpdate() == 0;
    }
  }

  /** An address to be kept no more. */
  static final class Forget extends Writes.Awaited<Boolean> {
    private final HostPort address;

    Forget(HostPort address) {
      this.address = address;
    }

    @Override
    Boolean change(WriteSession session) throws SQLException {
      PreparedStatement delete = session.statement(DELETE);
      delete.setString(1, address.host());
      delete.setInt(2, address.port());
      return delete.executeUpdate() > 0;
    }
  }

  /** All addresses, the operator's apart. */
  static final class SaveAll extends Writes.Awaited<Boolean> {
    private final List<KnownAddress> addresses;

    SaveAll(List<KnownAddress> addresses) {
      this.addresses = List.copyOf(addresses);
    }

    @Override
    Boolean change(WriteSession session) throws SQLException {
      Set<Place> kept = new HashSet<>();
      for (KnownAddress address : addresses) {
        kept.add(new Place(address.address().host(), address.address().port()));
      }
      PreparedStatement delete = session.statement(DELETE);
      for (Place stale : notIn(kept, session)) {
        delete.setString(1, stale.host());
        delete.setInt(2, stale.port());
        delete.executeUpdate();
      }
      PreparedStatement update = session.statement(UPDATE);
      for (KnownAddress address : addresses) {
        write(update, address);
      }
      return session.statement(TRIM).executeUpdate() == 0;
    }

    /** As it stands in a row, right or wrong. */
    private record Place(String host, int port) {}

    private static List<Place> notIn(Set<Place> kept, WriteSession session) throws SQLException {
      List<Place> others = new ArrayList<>();
      try (ResultSet row =
          session
              .statement("SELECT host, port FROM address WHERE origin <> " + OPERATOR)
              .executeQuery()) {
        while (row.next()) {
          Place address = new Place(row.getString(1), row.getInt(2));
          if (!kept.contains(address)) {
            others.add(address);
          }
        }
      }
      return others;
    }
  }

  private static void write(PreparedStatement row, KnownAddress address) throws SQLException {
    Optional<PeerRecord> record = address.record();
    row.setString(1, address.address().host());
    row.setInt(2, address.address().port());
    row.setInt(3, column(address.origin()));
    Columns.set(row, 4, address.nodeId().map(id -> Columns.bytes(id.hex())).orElse(null));
    Columns.set(row, 5, address.lastSuccess().map(Instant::toEpochMilli).orElse(null));
    row.setBoolean(6, address.tried());
    row.setBoolean(7, address.anchor());
    row.setInt(8, address.failures());
    Columns.set(row, 9, address.source().orElse(null));
    Columns.set(row, 10, record.map(PeerRecord::seq).orElse(null));
    Columns.set(row, 11, record.map(r -> r.key().der()).orElse(null));
    Columns.set(row, 12, record.map(PeerRecord::signature).orElse(null));
    row.executeUpdate();
  }

  private static int column(Origin origin) {
    return switch (origin) {
      case OPERATOR -> OPERATOR;
      case LAN -> LAN;
      case DNS -> DNS;
      case LEARNED -> LEARNED;
    };
  }

  static Origin origin(int column) {
    return switch (column) {
      case OPERATOR -> Origin.OPERATOR;
      case LAN -> Origin.LAN;
      case DNS -> Origin.DNS;
      default -> Origin.LEARNED;
    };
  }
}
