package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.sqlite.ReadPool.Reader;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.SortOrder;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One page of indicators. It goes along the index of what they are sorted by; a small range of
 * addresses, or all where they are few, is read as a whole and sorted here.
 *
 * <p>The index of events has only those that ten events name. On the way down all others come
 * behind them, the newest first; on the way up they are sought count by count, the newest first, of
 * which most have few.
 */
final class IndicatorScan {
  private static final int MOST_ROWS = 6_000;
  private static final int MOST_SORTED = 2_500;

  /** As the index has it. */
  private static final int INDEXED_EVENTS = 10;

  private final Reader reader;
  private final IndicatorSort sort;
  private final SortOrder order;
  private final IndicatorText text;
  private final List<IndicatorCursor> found = new ArrayList<>();
  private int left = MOST_ROWS;

  /** The last row that was looked at. */
  private IndicatorCursor at;

  IndicatorScan(Reader reader, IndicatorSort sort, SortOrder order, IndicatorText text) {
    this.reader = reader;
    this.sort = sort;
    this.order = order;
    this.text = text;
    this.at = IndicatorCursor.start(sort, order);
  }

  IndicatorPage run(int limit, Optional<IndicatorCursor> from) throws SQLException {
    at = from.orElse(at);
    boolean all = sorted(limit + 1) || scan(limit + 1);
    IndicatorRows rows = new IndicatorRows(reader);
    List<IndicatorView> page = new ArrayList<>();
    for (IndicatorCursor each : found.subList(0, Math.min(limit, found.size()))) {
      rows.numbered(each.ref()).ifPresent(page::add);
    }
    if (found.size() > limit) {
      return new IndicatorPage(page, Optional.of(found.get(limit - 1).text(sort, order)), false);
    }
    return new IndicatorPage(
        page, all ? Optional.empty() : Optional.of(at.text(sort, order)), !all);
  }

  private boolean scan(int wanted) throws SQLException {
    boolean isAlong = order == SortOrder.DESC || sort == IndicatorSort.LAST_SEEN;
    return isAlong ? along(wanted) : byValue(wanted);
  }

  private String column() {
    return switch (sort) {
      case LAST_SEEN -> "last_time";
      case EVENTS -> "events";
      case REPORTERS -> "reporters";
      case SEVERITY -> "severity";
    };
  }

  /** Reads all that come into question as a whole, unless they are many. Whether it did. */
  private boolean sorted(int wanted) throws SQLException {
    PreparedStatement query;
    Optional<IndicatorName.Range> narrow = text.among();
    if (narrow.isPresent()) {
      IndicatorName.Range range = narrow.get();
      query =
          reader.statement(
              "SELECT "
                  + column()
                  + ", ref, name FROM indicator INDEXED BY indicator_name WHERE name BETWEEN ? AND"
                  + " ? LIMIT "
                  + (MOST_SORTED + 1));
      query.setBytes(1, range.least());
      query.setBytes(2, range.most());
    } else if (sort == IndicatorSort.EVENTS && isSmall()) {
      query = reader.statement("SELECT " + column() + ", ref, name FROM indicator");
    } else {
      return false;
    }
    List<IndicatorCursor> rows = new ArrayList<>();
    int read = 0;
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        read++;
        if (text instanceof IndicatorText.Any || text.matches(row.getBytes(3))) {
          rows.add(new IndicatorCursor(row.getLong(1), row.getLong(2)));
        }
      }
    }
    if (read > MOST_SORTED) {
      return false;
    }
    Comparator<IndicatorCursor> by = IndicatorCursor.comparator(sort, order);
    rows.stream()
        .filter(row -> by.compare(at, row) < 0)
        .sorted(by)
        .limit(wanted)
        .forEach(found::add);
    return true;
  }

  private boolean isSmall() throws SQLException {
    PreparedStatement query =
        reader.statement("SELECT 1 FROM indicator LIMIT 1 OFFSET " + MOST_SORTED);
    try (ResultSet row = query.executeQuery()) {
      return !row.next();
    }
  }

  /**
   * Reads from the index of what they are sorted by.
   *
   * @param condition stands before the index's own, which makes SQLite seek by it
   */
  private String indexed(String columns, String condition) {
    return "SELECT "
        + columns
        + " FROM indicator INDEXED BY indicator_"
        + column()
        + " WHERE "
        + condition
        + (sort == IndicatorSort.EVENTS ? " AND events >= " + INDEXED_EVENTS : "");
  }

  /** Goes along an index. Whether to its end. */
  private boolean along(int wanted) throws SQLException {
    String columns = column() + ", ref, name";
    String beyond = order == SortOrder.ASC ? " > ?" : " < ?";
    if (sort != IndicatorSort.EVENTS || at.value() >= INDEXED_EVENTS) {
      PreparedStatement equals =
          reader.statement(
              indexed(columns, column() + " = ? AND ref" + beyond)
                  + " ORDER BY ref "
                  + order
                  + " LIMIT ?");
      equals.setLong(1, at.value());
      equals.setLong(2, at.ref());
      equals.setInt(3, left);
      take(equals, wanted);
      if (found.size() < wanted && left > 0) {
        PreparedStatement rest =
            reader.statement(
                indexed(columns, column() + beyond)
                    + " ORDER BY %1$s %2$s, ref %2$s LIMIT ?".formatted(column(), order));
        rest.setLong(1, at.value());
        rest.setInt(2, left);
        take(rest, wanted);
      }
    }
    if (sort == IndicatorSort.EVENTS && found.size() < wanted && left > 0) {
      PreparedStatement few =
          reader.statement(
              "SELECT 0, ref, name FROM indicator WHERE ref < ? AND events < "
                  + INDEXED_EVENTS
                  + " ORDER BY ref DESC LIMIT ?");
      few.setLong(1, at.value() >= INDEXED_EVENTS ? Long.MAX_VALUE : at.ref());
      few.setInt(2, left);
      take(few, wanted);
    }
    return found.size() >= wanted || left > 0;
  }

  /** Goes up an index value by value. Whether to its end. */
  private boolean byValue(int wanted) throws SQLException {
    if (sort == IndicatorSort.EVENTS && at.value() == 0) {
      at = new IndicatorCursor(1, Long.MAX_VALUE);
    }
    PreparedStatement equals =
        reader.statement(
            indexed(column() + ", ref, name", column() + " = ? AND ref < ?")
                + " ORDER BY ref DESC LIMIT ?");
    while (true) {
      if (sort == IndicatorSort.EVENTS && at.value() < INDEXED_EVENTS) {
        takeOfFew(wanted);
      } else {
        equals.setLong(1, at.value());
        equals.setLong(2, at.ref());
        equals.setInt(3, left);
        take(equals, wanted);
      }
      if (found.size() >= wanted) {
        return true;
      }
      if (left <= 0) {
        return false;
      }
      OptionalLong next = above(at.value());
      if (next.isEmpty()) {
        return true;
      }
      // Looking for it is as much work as a row.
      left--;
      at = new IndicatorCursor(next.getAsLong(), Long.MAX_VALUE);
    }
  }

  /** The next value that there may be. */
  private OptionalLong above(long value) throws SQLException {
    if (sort == IndicatorSort.EVENTS && value + 1 < INDEXED_EVENTS) {
      return OptionalLong.of(value + 1);
    }
    PreparedStatement query = reader.statement(indexed("min(" + column() + ")", column() + " > ?"));
    query.setLong(1, value);
    try (ResultSet row = query.executeQuery()) {
      long least = row.next() ? row.getLong(1) : 0;
      // None is NULL, which is read as 0; nothing is below what was looked at.
      return least > value ? OptionalLong.of(least) : OptionalLong.empty();
    }
  }

  /** Takes those of as few events as {@code at} says, which no index has. */
  private void takeOfFew(int wanted) throws SQLException {
    long events = at.value();
    PreparedStatement query =
        reader.statement(
            "SELECT events, ref, name FROM indicator WHERE ref < ? ORDER BY ref DESC LIMIT ?");
    query.setLong(1, at.ref());
    query.setInt(2, left);
    try (ResultSet row = query.executeQuery()) {
      while (found.size() < wanted && row.next()) {
        left--;
        at = new IndicatorCursor(events, row.getLong(2));
        if (row.getLong(1) == events
            && (text instanceof IndicatorText.Any || text.matches(row.getBytes(3)))) {
          found.add(at);
        }
      }
    }
  }

  /** Takes what the text means from rows of a value, a number and a name. */
  private void take(PreparedStatement query, int wanted) throws SQLException {
    try (ResultSet row = query.executeQuery()) {
      while (found.size() < wanted && row.next()) {
        left--;
        at = new IndicatorCursor(row.getLong(1), row.getLong(2));
        if (text instanceof IndicatorText.Any || text.matches(row.getBytes(3))) {
          found.add(at);
        }
      }
    }
  }
}
