package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.EventStore.ExportPosition;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How far the exporters have come. A hundred moves in a group are one UPDATE each at its end. Also
 * what is deleted under an exporter of which the plugin is away counts as lost to it.
 */
final class ExportRows {
  private static final String LOAD = "SELECT owner, seq, lost FROM export";
  private static final String SAVE = "INSERT OR REPLACE INTO export VALUES (?, ?, ?)";

  private final Statements statements;
  private final Map<String, ExportPosition> rows = new HashMap<>();
  private final Set<String> touched = new LinkedHashSet<>();
  private volatile Map<String, ExportPosition> committed;

  ExportRows(Statements statements) throws SQLException {
    this.statements = statements;
    try (ResultSet row = statements.of(LOAD).executeQuery()) {
      while (row.next()) {
        rows.put(row.getString(1), new ExportPosition(row.getLong(2), row.getLong(3)));
      }
    }
    committed = Map.copyOf(rows);
  }

  ExportPosition open(String owner, long seqIfNew) {
    ExportPosition there = rows.get(owner);
    if (there != null) {
      return there;
    }
    ExportPosition made = new ExportPosition(seqIfNew, 0);
    put(owner, made);
    return made;
  }

  void move(String owner, long seq) {
    ExportPosition there = rows.get(owner);
    if (there != null && there.seq() < seq) {
      put(owner, new ExportPosition(seq, there.lost()));
    }
  }

  void deleted(long seq) {
    rows.replaceAll(
        (owner, there) -> {
          if (there.seq() >= seq) {
            return there;
          }
          touched.add(owner);
          return new ExportPosition(there.seq(), there.lost() + 1);
        });
  }

  private void put(String owner, ExportPosition position) {
    rows.put(owner, position);
    touched.add(owner);
  }

  void flush() throws SQLException {
    for (String owner : touched) {
      ExportPosition position = rows.get(owner);
      if (position != null) {
        PreparedStatement save = statements.of(SAVE);
        save.setString(1, owner);
        save.setLong(2, position.seq());
        save.setLong(3, position.lost());
        save.executeUpdate();
      }
    }
  }

  void committed() {
    if (!touched.isEmpty()) {
      touched.clear();
      committed = Map.copyOf(rows);
    }
  }

  void rolledBack() {
    touched.clear();
    rows.clear();
    rows.putAll(committed);
  }

  /** May be asked by any thread. */
  Optional<ExportPosition> committed(String owner) {
    return Optional.ofNullable(committed.get(owner));
  }
}
