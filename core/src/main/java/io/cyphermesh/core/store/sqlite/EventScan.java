package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.Severity;
import io.cyphermesh.core.store.EventSearch.Found;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.sqlite.ReadPool.Reader;
import io.cyphermesh.core.view.EventFilter;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/**
 * One search for events, from the newest down.
 *
 * <p>It follows the index of the condition that fewest events fulfil and looks at the others' in
 * the narrow rows of the table {@code search}, in pieces that grow, until the page is full or as
 * many rows were looked at as one page may.
 */
final class EventScan {
  private static final int FIRST_PIECE = 512;
  private static final int GROWTH = 8;

  /** One behind the other as they lie in the file. */
  private static final int MOST_ROWS = 20_000;

  /** Each on a page of its own, as an index leads to them. */
  private static final int MOST_SCATTERED_ROWS = 4_000;

  /** Whose descriptions are read from the wide rows of the table {@code event}. */
  private static final int MOST_ROWS_OF_TEXT = 5_000;

  /** A range of more addresses is common enough to be met among the newest events. */
  private static final int MOST_MERGED = 2_000;

  /** So many are read at each piece in less time than one lookup for each row takes. */
  private static final int MOST_READ = 10_000;

  private static final int MOST_MERGED_ROWS = 5_000;

  private static final int FIRST = 1;
  private static final int LAST = 2;
  private static final int KEY = 3;
  private static final int LIMIT = 4;

  /** Parameters 5 to 16, as {@link #bindConditions} sets them. */
  private static final String CONDITIONS =
      " AND (?5 >> s.severity & 1) = 1 AND s.time >= ?6 AND s.time < ?7"
          + " AND (?8 IS NULL OR s.type = ?8) AND (?9 IS NULL OR s.reporter = ?9)"
          + " AND (?10 IS NULL OR s.detector = ?10) AND (?11 IS NULL OR s.tlp = ?11)"
          + " AND (?12 IS NULL OR s.local = ?12)"
          + " AND (?13 IS NULL OR RANGE)"
          + " AND (?15 IS NULL OR s.type IN (SELECT ref FROM (SELECT ref, kind, text FROM term"
          + " ORDER BY ref LIMIT 20000) WHERE kind = 0 AND text LIKE ?15 ESCAPE '\\')"
          + " OR EXISTS (SELECT 1 FROM event e WHERE e.seq = s.seq AND (e.source_ip LIKE ?15"
          + " ESCAPE '\\' OR ((?16 = 0 OR e.details LIKE ?15 ESCAPE '\\')"
          + " AND json_extract(e.details, '$.description') LIKE ?15 ESCAPE '\\'))))";

  /** Whether an event is of a range that has few thousand indicators, which are read before. */
  private static final String OF_FEW =
      "s.indicator IN (SELECT ref FROM indicator INDEXED BY indicator_name WHERE name BETWEEN ?13"
          + " AND ?14)";

  /** The same for a range of more of them. */
  private static final String OF_MANY =
      "(SELECT i.name FROM indicator i WHERE i.ref = s.indicator) BETWEEN ?13 AND ?14";

  /** What leads to the rows, each a constant. */
  private enum Path {
    ALL("s", "?3 IS NULL"),
    INDICATOR("s INDEXED BY search_indicator", "s.indicator = ?3"),
    TYPE("s INDEXED BY search_type", "s.type = ?3"),
    DETECTOR("s INDEXED BY search_detector", "s.detector = ?3 AND s.detector IS NOT NULL"),
    REPORTER("s INDEXED BY search_reporter", "s.reporter = ?3 AND s.local = 0"),
    OWN_REPORTER("s INDEXED BY search_reporter", "s.reporter = ?3 AND s.local = 1"),
    LOCAL("s INDEXED BY search_local", "s.local = 1 AND ?3 IS NULL");

    private static final String NEWEST = " AND s.seq BETWEEN ?1 AND ?2";
    private static final String ORDER = " ORDER BY s.seq DESC LIMIT ";
    private final String ofFew;
    private final String ofMany;
    private final String end;

    Path(String source, String condition) {
      String from = "SELECT s.seq FROM search " + source + " WHERE " + condition + NEWEST;
      ofFew = from + CONDITIONS.replace("RANGE", OF_FEW) + ORDER + "?4";
      ofMany = from + CONDITIONS.replace("RANGE", OF_MANY) + ORDER + "?4";
      end = from + ORDER + "1 OFFSET ?4";
    }
  }

  private record Way(Path path, long key, long events) {}

  private final Reader reader;
  private final Queries queries;
  private final EventFilter filter;
  private final List<Way> ways = new ArrayList<>();
  private Optional<IndicatorName.Range> range = Optional.empty();
  private Optional<Long> type = Optional.empty();
  private Optional<Long> reporter = Optional.empty();
  private Optional<Long> detector = Optional.empty();
  private boolean nothing;

  /** Whether all indicators of the range are rather read at once than looked up one by one. */
  private boolean ofFew;

  EventScan(Reader reader, Queries queries, EventFilter filter) {
    this.reader = reader;
    this.queries = queries;
    this.filter = filter;
  }

  Found run(int limit, long before) throws SQLException {
    resolve();
    long first = 0;
    long last = before - 1;
    if (filter.since().isPresent() || filter.until().isPresent()) {
      long[] bounds = numbers();
      first = bounds[0];
      last = Math.min(last, bounds[1]);
    }
    if (nothing || last < first || filter.severities().isEmpty()) {
      return new Found(List.of(), OptionalLong.empty(), false);
    }
    Way way =
        ways.stream()
            .min(Comparator.comparingLong(Way::events))
            .orElse(new Way(Path.ALL, 0, Long.MAX_VALUE));
    List<Long> heads = range.isPresent() && way.events > MOST_MERGED_ROWS ? merged() : List.of();
    if (nothing) {
      return new Found(List.of(), OptionalLong.empty(), false);
    }
    Scanned scanned =
        heads.isEmpty()
            ? follow(way, first, last, limit + 1)
            : merge(heads, first, last, limit + 1);
    return page(scanned, limit);
  }

  /**
   * What was found.
   *
   * @param seqs at most one more than asked for
   * @param rest where to go on beyond what was looked at, if there may be more
   */
  private record Scanned(List<Long> seqs, OptionalLong rest) {}

  private Found page(Scanned scanned, int limit) throws SQLException {
    List<StoredEvent> events = new ArrayList<>();
    for (long seq : scanned.seqs.subList(0, Math.min(limit, scanned.seqs.size()))) {
      // One may have been deleted meanwhile.
      queries.numbered(reader, seq).ifPresent(events::add);
    }
    if (scanned.seqs.size() > limit) {
      return new Found(events, OptionalLong.of(scanned.seqs.get(limit - 1)), false);
    }
    return new Found(events, scanned.rest, scanned.rest.isPresent());
  }

  /** Goes down an index in pieces. */
  private Scanned follow(Way way, long first, long last, int wanted) throws SQLException {
    List<Long> found = new ArrayList<>();
    int left = way.path == Path.ALL ? MOST_ROWS : MOST_SCATTERED_ROWS;
    left = filter.text().isPresent() ? Math.min(left, MOST_ROWS_OF_TEXT) : left;
    int piece = FIRST_PIECE;
    long from = last;
    while (left > 0) {
      long to = Math.max(first, end(way, first, from, Math.min(piece, left)));
      rows(way, to, from, wanted - found.size(), found);
      from = to - 1;
      if (found.size() >= wanted || from < first) {
        return new Scanned(found, OptionalLong.empty());
      }
      left -= piece;
      piece *= GROWTH;
    }
    return new Scanned(found, OptionalLong.of(from + 1));
  }

  /** The number at which a piece of so many rows ends; {@code first} where there are no more. */
  private long end(Way way, long first, long last, int piece) throws SQLException {
    PreparedStatement query = reader.statement(way.path.end);
    bindWay(query, way, first, last, piece - 1);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? row.getLong(1) : first;
    }
  }

  private void rows(Way way, long first, long last, int limit, List<Long> found)
      throws SQLException {
    PreparedStatement query = reader.statement(ofFew ? way.path.ofFew : way.path.ofMany);
    bindWay(query, way, first, last, limit);
    bindConditions(query);
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        found.add(row.getLong(1));
      }
    }
  }

  private static void bindWay(PreparedStatement query, Way way, long first, long last, int limit)
      throws SQLException {
    query.setLong(FIRST, first);
    query.setLong(LAST, last);
    boolean keyed = way.path != Path.ALL && way.path != Path.LOCAL;
    Columns.set(query, KEY, keyed ? Long.valueOf(way.key) : null);
    query.setInt(LIMIT, limit);
  }

  private void bindConditions(PreparedStatement query) throws SQLException {
    int severities = 0;
    for (Severity severity : filter.severities()) {
      severities |= 1 << SearchTables.number(severity);
    }
    query.setInt(5, severities);
    query.setLong(6, filter.since().map(time -> time.toEpochMilli()).orElse(Long.MIN_VALUE));
    query.setLong(7, filter.until().map(time -> time.toEpochMilli()).orElse(Long.MAX_VALUE));
    Columns.set(query, 8, type.orElse(null));
    Columns.set(query, 9, reporter.orElse(null));
    Columns.set(query, 10, detector.orElse(null));
    Columns.set(
        query, 11, filter.tlp().map(tlp -> (long) SearchTables.tlp(tlp.label())).orElse(null));
    Columns.set(query, 12, filter.local().map(local -> local ? 1L : 0L).orElse(null));
    Columns.set(query, 13, range.map(IndicatorName.Range::least).orElse(null));
    Columns.set(query, 14, range.map(IndicatorName.Range::most).orElse(null));
    Columns.set(query, 15, filter.text().map(EventScan::like).orElse(null));
    query.setInt(16, filter.text().filter(EventScan::isPlain).isPresent() ? 1 : 0);
  }

  private static String like(String text) {
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
  }

  /** Whether details, which are JSON in ASCII, have it as it is. */
  private static boolean isPlain(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f && c != '"' && c != '\\');
  }

  // ---- what the conditions are in the database's numbers

  private void resolve() throws SQLException {
    if (filter.address().isPresent()) {
      resolveAddress(IndicatorName.Range.of(filter.address().get()));
    }
    if (filter.type().isPresent()) {
      type = term(Terms.TYPE, filter.type().get(), Path.TYPE);
    }
    if (filter.detector().isPresent()) {
      detector = term(Terms.DETECTOR, filter.detector().get(), Path.DETECTOR);
    }
    if (filter.reporter().isPresent()) {
      reporter =
          one("SELECT ref FROM peer WHERE id = ?", Columns.bytes(filter.reporter().get().hex()));
      nothing |= reporter.isEmpty();
      if (reporter.isPresent()) {
        resolveReporter(reporter.get());
      }
    }
    if (filter.local().equals(Optional.of(true))) {
      ways.add(new Way(Path.LOCAL, 0, count("SELECT local FROM state")));
    }
  }

  private void resolveAddress(IndicatorName.Range asked) throws SQLException {
    if (!asked.isOne()) {
      range = Optional.of(asked);
      return;
    }
    PreparedStatement find = reader.statement("SELECT ref, events FROM indicator WHERE name = ?");
    find.setBytes(1, asked.least());
    try (ResultSet row = find.executeQuery()) {
      if (row.next()) {
        ways.add(new Way(Path.INDICATOR, row.getLong(1), row.getLong(2)));
        // The index says it all, unless another leads.
        range = Optional.of(asked);
      } else {
        nothing = true;
      }
    }
  }

  private Optional<Long> term(int kind, String text, Path path) throws SQLException {
    PreparedStatement find =
        reader.statement("SELECT ref, events FROM term WHERE kind = ? AND text = ?");
    find.setInt(1, kind);
    find.setString(2, Terms.cut(text));
    try (ResultSet row = find.executeQuery()) {
      if (row.next()) {
        ways.add(new Way(path, row.getLong(1), row.getLong(2)));
        return Optional.of(row.getLong(1));
      }
      nothing = true;
      return Optional.empty();
    }
  }

  /** A reporter's events are all our own or all not, unless some came back by a file. */
  private void resolveReporter(long ref) throws SQLException {
    boolean foreign = reported(ref, 0);
    boolean own = reported(ref, 1);
    nothing |= !foreign && !own;
    if (foreign != own) {
      PreparedStatement valid = reader.statement("SELECT valid FROM peer WHERE ref = ?");
      valid.setLong(1, ref);
      try (ResultSet row = valid.executeQuery()) {
        ways.add(
            new Way(own ? Path.OWN_REPORTER : Path.REPORTER, ref, row.next() ? row.getLong(1) : 0));
      }
    }
  }

  private boolean reported(long ref, int local) throws SQLException {
    PreparedStatement find =
        reader.statement("SELECT 1 FROM search WHERE reporter = ? AND local = ? LIMIT 1");
    find.setLong(1, ref);
    find.setInt(2, local);
    try (ResultSet row = find.executeQuery()) {
      return row.next();
    }
  }

  private Optional<Long> one(String sql, byte[] key) throws SQLException {
    PreparedStatement find = reader.statement(sql);
    find.setBytes(1, key);
    try (ResultSet row = find.executeQuery()) {
      return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
    }
  }

  private long count(String sql) throws SQLException {
    try (ResultSet row = reader.statement(sql).executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** The numbers between which all events of the time lie; the last before the first if none. */
  private long[] numbers() throws SQLException {
    PreparedStatement query =
        reader.statement(
            "SELECT min(first_seq), max(last_seq) FROM minute WHERE minute BETWEEN ? AND ?");
    query.setLong(1, filter.since().map(EventScan::minute).orElse(Long.MIN_VALUE));
    query.setLong(2, filter.until().map(EventScan::minute).orElse(Long.MAX_VALUE));
    try (ResultSet row = query.executeQuery()) {
      row.next();
      long first = row.getLong(1);
      return row.wasNull() ? new long[] {1, 0} : new long[] {first, row.getLong(2)};
    }
  }

  private static long minute(java.time.Instant time) {
    return Math.floorDiv(time.toEpochMilli(), SearchTables.MILLIS_A_MINUTE);
  }

  // ---- ranges of addresses

  /** The indicators of the range, unless there are too many or the index of one says it all. */
  private List<Long> merged() throws SQLException {
    IndicatorName.Range asked = range.orElseThrow();
    if (asked.isOne()) {
      return List.of();
    }
    PreparedStatement query =
        reader.statement(
            "SELECT ref FROM indicator INDEXED BY indicator_name WHERE name BETWEEN ? AND ? LIMIT "
                + (MOST_READ + 1));
    query.setBytes(1, asked.least());
    query.setBytes(2, asked.most());
    List<Long> refs = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        refs.add(row.getLong(1));
      }
    }
    nothing = refs.isEmpty();
    ofFew = refs.size() > MOST_MERGED && refs.size() <= MOST_READ;
    return refs.size() > MOST_MERGED ? List.of() : refs;
  }

  private record Head(long seq, long indicator) {}

  /** Merges the indexes of several indicators, the newest first. */
  private Scanned merge(List<Long> refs, long first, long last, int wanted) throws SQLException {
    PriorityQueue<Head> heads = new PriorityQueue<>(Comparator.comparingLong(Head::seq).reversed());
    for (long ref : refs) {
      push(heads, ref, first, last);
    }
    List<Long> found = new ArrayList<>();
    for (int looked = 0; looked < MOST_MERGED_ROWS; looked++) {
      Head head = heads.poll();
      if (head == null || found.size() >= wanted) {
        return new Scanned(found, OptionalLong.empty());
      }
      rows(new Way(Path.ALL, 0, 0), head.seq, head.seq, 1, found);
      push(heads, head.indicator, first, head.seq - 1);
    }
    Head head = heads.peek();
    return new Scanned(found, head == null ? OptionalLong.empty() : OptionalLong.of(head.seq + 1));
  }

  private void push(PriorityQueue<Head> heads, long ref, long first, long last)
      throws SQLException {
    PreparedStatement newest = reader.statement(Path.INDICATOR.end);
    bindWay(newest, new Way(Path.INDICATOR, ref, 0), first, last, 0);
    try (ResultSet row = newest.executeQuery()) {
      if (row.next()) {
        heads.add(new Head(row.getLong(1), ref));
      }
    }
  }
}
