package io.cyphermesh.cli.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what a misspelt name may have meant. */
public final class Nearest {
  private Nearest() {}

  /** The name closest to {@code written}, if any is close. */
  public static Optional<String> to(String written, Collection<String> names) {
    return names.stream()
        .filter(name -> distance(written, name) <= Math.max(2, name.length() / 3))
        .min(Comparator.comparingInt((String name) -> distance(written, name)));
  }

  /** Levenshtein's distance, without regard to case, {@code _} read as {@code -}. */
  private static int distance(String a, String b) {
    String from = a.toLowerCase(Locale.ROOT).replace('_', '-');
    String to = b.toLowerCase(Locale.ROOT).replace('_', '-');
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
