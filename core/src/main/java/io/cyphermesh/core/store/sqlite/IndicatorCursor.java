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
  private static final Pattern FORM = Pattern.compile("([lersLERS])([0-9]{1,18})-([0-9]{1,18})");

  /** Before all of them. */
  static IndicatorCursor start(SortOrder order) {
    return new IndicatorCursor(
        switch (order) {
          case DESC -> Long.MAX_VALUE;
          case ASC -> 0;
        },
        Long.MAX_VALUE);
  }

  /** The newer one first where the values are equal, whichever way these are sorted. */
  static Comparator<IndicatorCursor> comparator(SortOrder order) {
    Comparator<IndicatorCursor> up = Comparator.comparingLong(IndicatorCursor::value);
    return (order == SortOrder.ASC ? up : up.reversed())
        .thenComparing(Comparator.comparingLong(IndicatorCursor::ref).reversed());
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
          case LAST_SEEN -> "l";
          case EVENTS -> "e";
          case REPORTERS -> "r";
          case SEVERITY -> "s";
        };
    return order == SortOrder.ASC ? letter.toUpperCase(Locale.ROOT) : letter;
  }
}
