package io.cyphermesh.bench.detect;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** The log watcher's rules as one extended regular expression. */
final class GrepPattern {
  private GrepPattern() {}

  /**
   * An alternation that matches the lines which a pattern of an enabled rule matches.
   *
   * @param settings of the log watcher
   */
  static String of(Config settings) {
    Set<String> programs = new LinkedHashSet<>();
    List<String> patterns = new ArrayList<>();
    ConfigObject rules = settings.getObject("rules");
    for (ConfigValue value : new TreeMap<>(rules).values()) {
      Config rule = ((ConfigObject) value).toConfig();
      if (rule.getBoolean("enabled")) {
        programs.addAll(rule.getStringList("programs"));
        patterns.addAll(rule.getStringList("patterns"));
      }
    }
    return " ("
        + String.join("|", programs)
        + ")(\\[[0-9]+\\])?: ("
        + String.join("|", patterns.stream().map(GrepPattern::extended).toList())
        + ") *$";
  }

  /** RE2's syntax without what only RE2 has. */
  static String extended(String re2) {
    return re2.replaceAll("\\(\\?P<[a-z]+>", "(").replace("(?:", "(").replace("\\d", "[0-9]");
  }
}
