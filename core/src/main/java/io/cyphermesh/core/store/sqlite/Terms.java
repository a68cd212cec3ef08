package io.cyphermesh.core.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The texts that events have in common, as the writer numbers and counts them. */
final class Terms {
  static final int TYPE = 0;
  static final int DETECTOR = 1;
  private static final int KEPT = 4096;
  private static final int MOST_TEXT = 200;

  private final Map<Name, Row> rows = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<Long, Row> byRef = new LinkedHashMap<>();
  private final Set<Row> touched = new LinkedHashSet<>();
  private final Statements statements;
  private long nextRef;

  private record Name(int kind, String text) {}

  private static final class Row {
    final long ref;
    final Name name;
    long events;
    boolean inserted;

    Row(long ref, Name name) {
      this.ref = ref;
      this.name = name;
    }
  }

  Terms(Connection connection, Statements statements) throws SQLException {
    this.statements = statements;
    nextRef = DatabaseFile.number(connection, "SELECT max(ref) FROM term") + 1;
  }

  /** As much of a text as counts. */
  static String cut(String text) {
    if (text.length() <= MOST_TEXT) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(MOST_TEXT - 1)) ? MOST_TEXT - 1 : MOST_TEXT;
    return text.substring(0, end);
  }

  /** Counts one event more. The number of its text. */
  long add(int kind, String text) throws SQLException {
    Name name = new Name(kind, cut(text));
    Row row = rows.get(name);
    if (row == null) {
      row = load(name);
    }
    row.events++;
    touched.add(row);
    return row.ref;
  }

  /** Counts one event less. */
  void remove(long ref) throws SQLException {
    Row row = byRef.get(ref);
    if (row == null) {
      PreparedStatement find = statements.of("SELECT kind, text, events FROM term WHERE ref = ?");
      find.setLong(1, ref);
      try (ResultSet found = find.executeQuery()) {
        if (!found.next()) {
          return;
        }
        row = new Row(ref, new Name(found.getInt(1), found.getString(2)));
        row.events = found.getLong(3);
        row.inserted = true;
        keep(row);
      }
    }
    row.events--;
    touched.add(row);
  }

  private Row load(Name name) throws SQLException {
    PreparedStatement find =
        statements.of("SELECT ref, events FROM term WHERE kind = ? AND text = ?");
    find.setInt(1, name.kind);
    find.setString(2, name.text);
    Row row;
    try (ResultSet found = find.executeQuery()) {
      if (found.next()) {
        row = new Row(found.getLong(1), name);
        row.events = found.getLong(2);
        row.inserted = true;
      } else {
        row = new Row(nextRef++, name);
      }
    }
    keep(row);
    return row;
  }

  private void keep(Row row) {
    rows.put(row.name, row);
    byRef.put(row.ref, row);
  }

  /** Writes what changed; part of the transaction. */
  void flush() throws SQLException {
    for (Row row : touched) {
      if (row.events <= 0) {
        PreparedStatement delete = statements.of("DELETE FROM term WHERE ref = ?");
        delete.setLong(1, row.ref);
        delete.executeUpdate();
      } else if (row.inserted) {
        PreparedStatement update = statements.of("UPDATE term SET events = ? WHERE ref = ?");
        update.setLong(1, row.events);
        update.setLong(2, row.ref);
        update.executeUpdate();
      } else {
        PreparedStatement insert =
            statements.of("INSERT INTO term (ref, kind, text, events) VALUES (?, ?, ?, ?)");
        insert.setLong(1, row.ref);
        insert.setInt(2, row.name.kind);
        insert.setString(3, row.name.text);
        insert.setLong(4, row.events);
        insert.executeUpdate();
      }
    }
  }

  void committed() {
    for (Row row : touched) {
      row.inserted = true;
      if (row.events <= 0) {
        rows.remove(row.name);
        byRef.remove(row.ref);
      }
    }
    touched.clear();
    Iterator<Row> oldest = rows.values().iterator();
    while (rows.size() > KEPT) {
      byRef.remove(oldest.next().ref);
      oldest.remove();
    }
  }

  void rolledBack() {
    touched.clear();
    rows.clear();
    byRef.clear();
  }
}
