package io.cyphermesh.logwatch;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.cyphermesh.api.IpAddress;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pattern for a whole message, and its last match. Not thread-safe. */
final class LinePattern {

  private static final String META = "\\.[]{}()*+?^$|";

  private final String prefix;
  private final Matcher matcher;
  private final @Nullable QuickPattern quick;
  private final Map<String, Integer> groups;
  private final int src;
  private final int user;
  private final int port;
  private final int count;
  private String message = "";
  private boolean byQuick;

  LinePattern(String regex) {
    Pattern pattern = Pattern.compile(regex);
    prefix = literalPrefix(regex);
    matcher = pattern.matcher("");
    groups = pattern.namedGroups();
    quick = QuickPattern.compile(regex, groups);
    src = groups.getOrDefault("src", -1);
    user = groups.getOrDefault("user", -1);
    port = groups.getOrDefault("port", -1);
    count = groups.getOrDefault("count", -1);
  }

  /** The text that each match starts with; it spares most lines the expression. */
  static String literalPrefix(String regex) {
    // An alternative outside of all groups, or one that only looks like it, spoils the prefix.
    if (hasTopLevelAlternative(regex) || regex.contains("\\Q")) {
      return "";
    }
    int start = regex.startsWith("^") ? 1 : 0;
    int end = start;
    while (end < regex.length() && META.indexOf(regex.charAt(end)) < 0) {
      end++;
    }
    if (end < regex.length() && "*?{+".indexOf(regex.charAt(end)) >= 0) {
      end--;
    }
    return end <= start ? "" : regex.substring(start, end);
  }

  private static boolean hasTopLevelAlternative(String regex) {
    int depth = 0;
    boolean inClass = false;
    for (int i = 0; i < regex.length(); i++) {
      switch (regex.charAt(i)) {
        case '\\' -> i++;
        case '[' -> inClass = true;
        case ']' -> inClass = false;
        case '(' -> depth += inClass ? 0 : 1;
        case ')' -> depth -= inClass ? 0 : 1;
        case '|' -> {
          if (depth == 0 && !inClass) {
            return true;
          }
        }
        default -> {}
      }
    }
    return false;
  }

  Set<String> groups() {
    return groups.keySet();
  }

  boolean matches(String text) {
    if (!text.startsWith(prefix)) {
      return false;
    }
    message = text;
    QuickPattern.Outcome outcome = quick == null ? QuickPattern.Outcome.GAVE_UP : quick.match(text);
    byQuick = outcome != QuickPattern.Outcome.GAVE_UP;
    if (byQuick) {
      return outcome == QuickPattern.Outcome.MATCH;
    }
    matcher.reset(text);
    return matcher.matches();
  }

  private int start(int group) {
    return byQuick && quick != null ? quick.start(group) : matcher.start(group);
  }

  private int end(int group) {
    return byQuick && quick != null ? quick.end(group) : matcher.end(group);
  }

  /** The address in the last match; null where the text is none. */
  @Nullable IpAddress source() {
    return start(src) < 0 ? null : IpAddress.parse(message, start(src), end(src)).orElse(null);
  }

  String sourceText() {
    return text(src);
  }

  String user() {
    return text(user);
  }

  String port() {
    return text(port);
  }

  /** How many attempts the line says it stands for; 1 where it does not say. */
  String count() {
    return text(count);
  }

  private String text(int group) {
    return group < 0 || start(group) < 0 ? "" : message.substring(start(group), end(group));
  }
}
