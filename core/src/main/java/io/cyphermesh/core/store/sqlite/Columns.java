package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** How values stand in columns: ids as 32 bytes, times as milliseconds, absence as NULL. */
final class Columns {
  private static final int IPV4_BYTES = 4;

  private Columns() {}

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** A node's id, or a plain host's address: told apart by their length. */
  static byte[] bytes(PeerId peer) {
    return switch (peer) {
      case PeerId.Node(NodeId id) -> bytes(id.hex());
      case PeerId.PlainHost(String ip) -> {
        byte[] address = new byte[IPV4_BYTES];
        int i = 0;
        for (String part : ip.split("\\.", IPV4_BYTES)) {
          address[i++] = (byte) Integer.parseInt(part);
        }
        yield address;
      }
    };
  }

  static PeerId peer(byte[] bytes) {
    return bytes.length == IPV4_BYTES
        ? new PeerId.PlainHost(
            IntStream.range(0, IPV4_BYTES)
                .mapToObj(i -> String.valueOf(bytes[i] & 0xff))
                .collect(Collectors.joining(".")))
        : new PeerId.Node(new NodeId(hex(bytes)));
  }

  static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  static void set(PreparedStatement statement, int index, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.INTEGER);
    } else {
      statement.setLong(index, value);
    }
  }

  static void set(PreparedStatement statement, int index, byte @Nullable [] value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.BLOB);
    } else {
      statement.setBytes(index, value);
    }
  }

  static void set(PreparedStatement statement, int index, @Nullable String value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.VARCHAR);
    } else {
      statement.setString(index, value);
    }
  }
}
