package io.cyphermesh.cli.support;

import java.util.Locale;
import java.util.Set;

/**
 * {@code name=value}, {@code name: value} and the like in a line, by hand: it goes through a line
 * once, however hostile it is.
 */
final class Fields {
  private static final int LONGEST_NAME = 64;
  private static final int MOST_BETWEEN = 6;
  private static final Set<String> HARMLESS = Set.of("", "true", "false", "null");
  private static final Set<String> SCHEMES =
      Set.of("bearer", "basic", "token", "digest", "negotiate", "apikey");

  private Fields() {}

  /** The line without values whose names say that they are secret. */
  static String scrub(String line) {
    StringBuilder clean = new StringBuilder(line.length());
    int done = 0;
    int i = 0;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (c == '=' || c == ':') {
        String name = nameBefore(line, i, done);
        if (name.length() > 2 && SecretNames.isSecret(name)) {
          int from = valueStart(line, i + 1);
          int end = valueEnd(line, from, SecretNames.takesLine(name));
          if (!HARMLESS.contains(line.substring(from, end).toLowerCase(Locale.ROOT))
              && !line.startsWith(Scrubber.REMOVED, from)) {
            clean.append(line, done, from).append(Scrubber.REMOVED);
            done = end;
          }
          i = Math.max(i + 1, end);
          continue;
        }
      }
      i++;
    }
    return clean.append(line, done, line.length()).toString();
  }

  /** The name that ends before a separator, quoted or not; empty where there is none. */
  static String nameBefore(String line, int separator, int least) {
    int end = separator;
    int stop = Math.max(least, separator - MOST_BETWEEN);
    while (end > stop && " \t\"'\\+".indexOf(line.charAt(end - 1)) >= 0) {
      end--;
    }
    int from = end;
    stop = Math.max(least, end - LONGEST_NAME);
    while (from > stop && isName(line.charAt(from - 1))) {
      from--;
    }
    return line.substring(from, end);
  }

  private static boolean isName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-'
        || c == '.';
  }

  private static int valueStart(String line, int from) {
    int i = from;
    while (i < line.length() && " \t=:>".indexOf(line.charAt(i)) >= 0) {
      i++;
    }
    return i;
  }

  private static int valueEnd(String line, int from, boolean takesLine) {
    if (from >= line.length()) {
      return from;
    }
    char c = line.charAt(from);
    if (c == '"') {
      return line.startsWith("\"\"\"", from)
          ? behind(line, "\"\"\"", from + 3)
          : quoteEnd(line, from + 1);
    }
    if (line.startsWith("\\\"", from)) {
      return escapedQuoteEnd(line, from + 2);
    }
    if (takesLine) {
      return line.length();
    }
    return switch (c) {
      case '\'' -> behind(line, "'", from + 1);
      case '[', '{' ->
          line.startsWith(Scrubber.REMOVED, from)
              ? from + Scrubber.REMOVED.length()
              : bracketEnd(line, from);
      default -> bareEnd(line, from);
    };
  }

  private static int behind(String line, String mark, int from) {
    int end = line.indexOf(mark, from);
    return end < 0 ? line.length() : end + mark.length();
  }

  private static int quoteEnd(String line, int from) {
    int i = from;
    while (i < line.length() && line.charAt(i) != '"') {
      i += line.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(line.length(), i + 1);
  }

  /** The end of a quoted text within a quoted text. */
  private static int escapedQuoteEnd(String line, int from) {
    int end = line.indexOf("\\\"", from);
    while (end > from && line.charAt(end - 1) == '\\') {
      end = line.indexOf("\\\"", end + 2);
    }
    return end < 0 ? line.length() : end + 2;
  }

  private static int bracketEnd(String line, int from) {
    int depth = 0;
    int i = from;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (c == '"') {
        i = quoteEnd(line, i + 1);
        continue;
      }
      if (c == '[' || c == '{') {
        depth++;
      } else if ((c == ']' || c == '}') && --depth == 0) {
        return i + 1;
      }
      i++;
    }
    return line.length();
  }

  private static int bareEnd(String line, int from) {
    int i = from;
    while (i < line.length()) {
      char c = line.charAt(i);
      boolean last = i + 1 == line.length() || line.charAt(i + 1) <= ' ';
      if (c == '"' && i > from) {
        // Inside an outer quoted text this is where that ends.
        return i;
      }
      if (c == '}' || ((c == ',' || c == ';') && last)) {
        return i;
      }
      if (c <= ' ') {
        if (!SCHEMES.contains(line.substring(from, i).toLowerCase(Locale.ROOT))) {
          return i;
        }
        return bareEnd(line, valueStart(line, i));
      }
      i++;
    }
    return i;
  }
}
