package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.sqlite.ReadPool.Reader;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.RelatedView.Sighting;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads single indicators with what their events say. */
final class IndicatorRows {
  /** How many of an indicator's newest events its types are read from. */
  private static final int LOOKED_AT = 50;

  /** At most as many of a heavy one's reporters are sorted. */
  private static final int MOST_REPORTERS = 5_000;

  private static final String ROW =
      "SELECT ref, name, events, reporters, severity, first_time, last_time FROM indicator WHERE ";

  private final Reader reader;

  IndicatorRows(Reader reader) {
    this.reader = reader;
  }

  Optional<IndicatorView> named(byte[] name) throws SQLException {
    PreparedStatement query = reader.statement(ROW + "name = ?");
    query.setBytes(1, name);
    return view(query);
  }

  /** Empty where its last event was deleted meanwhile. */
  Optional<IndicatorView> numbered(long ref) throws SQLException {
    PreparedStatement query = reader.statement(ROW + "ref = ?");
    query.setLong(1, ref);
    return view(query);
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Row(
      long ref,
      byte[] name,
      long events,
      long reporters,
      int severity,
      Instant first,
      Instant last) {}

  private Optional<IndicatorView> view(PreparedStatement query) throws SQLException {
    Row row;
    try (ResultSet found = query.executeQuery()) {
      if (!found.next()) {
        return Optional.empty();
      }
      row =
          new Row(
              found.getLong(1),
              found.getBytes(2),
              found.getLong(3),
              found.getLong(4),
              found.getInt(5),
              Instant.ofEpochMilli(found.getLong(6)),
              Instant.ofEpochMilli(found.getLong(7)));
    }
    List<String> types = new ArrayList<>();
    PreparedStatement newest =
        reader.statement(
            "SELECT t.text FROM (SELECT type, max(seq) AS last FROM (SELECT type, seq FROM search"
                + " INDEXED BY search_indicator WHERE indicator = ? ORDER BY seq DESC LIMIT "
                + LOOKED_AT
                + ") GROUP BY type) n JOIN term t ON t.ref = n.type ORDER BY n.last DESC");
    newest.setLong(1, row.ref);
    try (ResultSet found = newest.executeQuery()) {
      while (found.next()) {
        types.add(found.getString(1));
      }
    }
    Optional<String> value = IndicatorName.observable(row.name);
    return Optional.of(
        new IndicatorView(
            value.isPresent() ? value.get() : longText(row.ref),
            row.events,
            row.reporters,
            SearchTables.severity(row.severity),
            types,
            row.first,
            row.last));
  }

  private String longText(long ref) throws SQLException {
    PreparedStatement query =
        reader.statement(
            "SELECT source_ip FROM event WHERE seq = (SELECT max(seq) FROM search WHERE indicator"
                + " = ?)");
    query.setLong(1, ref);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? row.getString(1) : "";
    }
  }

  /** The numbers of an indicator's newest events. */
  List<Long> newest(byte[] name, int limit) throws SQLException {
    PreparedStatement query =
        reader.statement(
            "SELECT seq FROM search INDEXED BY search_indicator WHERE indicator = (SELECT ref FROM"
                + " indicator WHERE name = ?) ORDER BY seq DESC LIMIT ?");
    query.setBytes(1, name);
    query.setInt(2, limit);
    List<Long> seqs = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        seqs.add(row.getLong(1));
      }
    }
    return seqs;
  }

  List<Sighting> reporters(byte[] name, int limit) throws SQLException {
    PreparedStatement query =
        reader.statement(
            "SELECT p.id, s.events FROM (SELECT reporter, events FROM sighting WHERE indicator ="
                + " (SELECT ref FROM indicator WHERE name = ?) LIMIT "
                + MOST_REPORTERS
                + ") s JOIN peer p ON p.ref = s.reporter ORDER BY s.events DESC, p.ref LIMIT ?");
    query.setBytes(1, name);
    query.setInt(2, limit);
    List<Sighting> sightings = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        sightings.add(new Sighting(Columns.peer(row.getBytes(1)).text(), row.getLong(2)));
      }
    }
    return sightings;
  }
}
