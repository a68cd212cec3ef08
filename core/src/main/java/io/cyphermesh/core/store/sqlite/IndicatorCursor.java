package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.SortOrder;
import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a page of indicators ended.
 *
 * @param value what the last one is sorted by
 * @param ref its number, which decides among equals
 */
record IndicatorCursor(long value, long ref) {
  private static final Pattern FORM = Pattern.compile("([tersTERS])(-?[0-9]{1,18})-([0-9]{1,18})");

  /** Before all of them. */
  static IndicatorCursor start(IndicatorSort sort, SortOrder order) {
    if (olderFirst(sort, order)) {
      // A time may be before 1970.
      return new IndicatorCursor(Long.MIN_VALUE, 0);
    }
    return new IndicatorCursor(order == SortOrder.ASC ? 0 : Long.MAX_VALUE, Long.MAX_VALUE);
  }

  static Comparator<IndicatorCursor> comparator(IndicatorSort sort, SortOrder order) {
    Comparator<IndicatorCursor> up = Comparator.comparingLong(IndicatorCursor::value);
    Comparator<IndicatorCursor> older = Comparator.comparingLong(IndicatorCursor::ref);
    return (order == SortOrder.ASC ? up : up.reversed())
        .thenComparing(olderFirst(sort, order) ? older : older.reversed());
  }

  /**
   * Which of equal ones comes first. Nearly all last times differ, so that upwards they are read
   * along their index and not value by value.
   */
  static boolean olderFirst(IndicatorSort sort, SortOrder order) {
    return sort == IndicatorSort.LAST_SEEN && order == SortOrder.ASC;
  }

  String text(IndicatorSort sort, SortOrder order) {
    return letter(sort, order) + Long.toString(value) + "-" + ref;
  }

  static IndicatorCursor read(IndicatorSort sort, SortOrder order, String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || !form.group(1).equals(letter(sort, order))) {
      throw new IllegalArgumentException(
          "that cursor is of no page of indicators sorted like this: begin without one");
    }
    return new IndicatorCursor(Long.parseLong(form.group(2)), Long.parseLong(form.group(3)));
  }

  private static String letter(IndicatorSort sort, SortOrder order) {
    String letter =
        switch (sort) {
          case LAST_SEEN -> "t";
          case EVENTS -> "e";
          case REPORTERS -> "r";
          case SEVERITY -> "s";
        };
    return order == SortOrder.ASC ? letter.toUpperCase(Locale.ROOT) : letter;
  }
}
