package io.cyphermesh.logwatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All enabled rules, by the program whose lines they read. */
final class RuleBook {

  private static final Rule[] NONE = {};

  private final List<Rule> rules;
  private final List<String> threats;
  private final String[] programs;
  private final Rule[][] byProgram;

  /**
   * @throws IllegalArgumentException if a rule is malformed or none is enabled
   */
  RuleBook(Map<String, Settings.RuleSettings> settings) {
    // Sorted, so that rules and their buckets have the same order in every run.
    TreeMap<String, Settings.RuleSettings> sorted = new TreeMap<>(settings);
    threats =
        sorted.values().stream()
            .map(Settings.RuleSettings::threatType)
            .distinct()
            .sorted()
            .toList();
    List<Rule> enabled = new ArrayList<>();
    sorted.forEach(
        (id, rule) -> {
          if (rule.enabled()) {
            enabled.add(new Rule(id, rule, enabled.size(), threats));
          }
        });
    if (enabled.isEmpty()) {
      throw new IllegalArgumentException(
          "no rule is enabled (key: rules): enable one, or disable the plugin");
    }
    rules = List.copyOf(enabled);
    programs =
        rules.stream().flatMap(rule -> rule.programs.stream()).distinct().toArray(String[]::new);
    byProgram = new Rule[programs.length][];
    for (int i = 0; i < programs.length; i++) {
      String program = programs[i];
      byProgram[i] =
          rules.stream().filter(rule -> rule.programs.contains(program)).toArray(Rule[]::new);
    }
  }

  List<String> ids() {
    return rules.stream().map(rule -> rule.id).toList();
  }

  List<String> threats() {
    return threats;
  }

  long longestCoolDownMillis() {
    return rules.stream().mapToLong(rule -> rule.coolDownMillis).max().orElse(0);
  }

  /** The rules for the program that wrote {@code line}; empty for most programs. */
  Rule[] rulesFor(SyslogHeader header, String line) {
    for (int i = 0; i < programs.length; i++) {
      if (header.isProgram(line, programs[i])) {
        return byProgram[i];
      }
    }
    return NONE;
  }
}
