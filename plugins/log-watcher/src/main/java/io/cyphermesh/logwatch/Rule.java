package io.cyphermesh.logwatch;

import com.google.re2j.PatternSyntaxException;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A rule, checked and compiled. Not thread-safe: its patterns keep the last match. */
final class Rule {

  private static final Set<String> GROUPS = Set.of("src", "user", "port", "count");
  private static final int GREATEST_CAPACITY = 10_000;
  private static final Duration LONGEST_LEAK = Duration.ofDays(7);
  private static final Duration LONGEST_COOL_DOWN = Duration.ofDays(30);

  final String id;
  final int index;
  final String threatType;
  final int threat;

  /** The index of the threat type after which this rule counts; -1 where it always does. */
  final int after;

  final Severity severity;
  final int highFrom;
  final int confidence;
  final Optional<String> technique;
  final Optional<Detection.Target> target;
  final Tlp tlp;
  final String description;
  final Settings.Counts counts;
  final int capacity;
  final long leakMillis;
  final long coolDownMillis;
  final List<String> programs;
  private final String[] literals;
  private final LinePattern[] patterns;

  /**
   * @param index its place among the rules
   * @param threats all threat types, by index
   * @throws IllegalArgumentException if it is malformed; the message names the rule and says why
   */
  Rule(String id, Settings.RuleSettings settings, int index, List<String> threats) {
    this.id = id;
    this.index = index;
    threatType = settings.threatType();
    threat = threats.indexOf(threatType);
    severity = settings.severity();
    highFrom = settings.highFrom();
    confidence = settings.confidence();
    technique = settings.technique();
    tlp = settings.tlp().orElse(Tlp.CLEAR);
    description = settings.description();
    counts = settings.counts().orElse(Settings.Counts.ATTEMPTS);
    programs = List.copyOf(settings.programs());
    literals = settings.literals().toArray(String[]::new);

    require(!threatType.isBlank(), "threat-type is empty");
    require(severity != Severity.UNKNOWN, "severity is low, medium, high or critical");
    require(highFrom >= 0, "high-from is a count, or 0 for never");
    require(confidence >= 0 && confidence <= 100, "confidence is 0 to 100");
    require(!programs.isEmpty(), "programs is empty: name the syslog tags it reads");
    require(
        literals.length > 0 && !settings.literals().contains(""),
        "literals is empty or holds an empty text: name what occurs in each line it is for");
    require(!settings.patterns().isEmpty(), "patterns is empty");

    after = settings.after().map(threats::indexOf).orElse(-1);
    require(
        settings.after().isEmpty() || after >= 0,
        "after names no threat type of any rule: " + settings.after().orElse(""));

    try {
      target =
          settings
              .target()
              .map(part -> Detection.Target.of(part.port(), part.protocol(), part.service()));
    } catch (IllegalArgumentException e) {
      throw malformed("target: " + e.getMessage());
    }

    Settings.BucketSettings bucket = settings.bucket();
    require(
        bucket.capacity() >= 1 && bucket.capacity() <= GREATEST_CAPACITY,
        "bucket.capacity is 1 to " + GREATEST_CAPACITY + ", not " + bucket.capacity());
    require(
        bucket.leak().compareTo(Duration.ofMillis(1)) >= 0
            && bucket.leak().compareTo(LONGEST_LEAK) <= 0,
        "bucket.leak is the time in which one attempt leaks away, 1 ms to 7 days");
    require(
        !bucket.coolDown().isNegative() && bucket.coolDown().compareTo(LONGEST_COOL_DOWN) <= 0,
        "bucket.cool-down is 0 to 30 days");
    capacity = bucket.capacity();
    leakMillis = bucket.leak().toMillis();
    coolDownMillis = bucket.coolDown().toMillis();

    List<LinePattern> compiled = new ArrayList<>();
    for (String pattern : settings.patterns()) {
      compiled.add(compile(pattern));
    }
    patterns = compiled.toArray(LinePattern[]::new);
  }

  private LinePattern compile(String regex) {
    LinePattern pattern;
    try {
      pattern = new LinePattern(regex);
    } catch (PatternSyntaxException e) {
      throw malformed("pattern '" + regex + "' is no RE2 expression: " + e.getMessage());
    }
    for (String group : pattern.groups()) {
      require(
          GROUPS.contains(group),
          "pattern '" + regex + "' has an unknown group '" + group + "'; known: " + known());
    }
    requireGroup(pattern, regex, "src", "for the source address");
    switch (counts) {
      case ATTEMPTS -> {}
      case USERS -> requireGroup(pattern, regex, "user", "since the rule counts users");
      case CONNECTIONS -> requireGroup(pattern, regex, "port", "since the rule counts connections");
    }
    return pattern;
  }

  private static String known() {
    return String.join(", ", GROUPS.stream().sorted().toList());
  }

  private void requireGroup(LinePattern pattern, String regex, String group, String why) {
    require(
        pattern.groups().contains(group),
        "pattern '" + regex + "' has no group (?P<" + group + ">…) " + why);
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      throw malformed(otherwise);
    }
  }

  private IllegalArgumentException malformed(String reason) {
    return new IllegalArgumentException("rule '" + id + "': " + reason);
  }

  /** Whether one of the literals occurs in {@code line} from {@code from} to {@code to}. */
  boolean mayMatch(String line, int from, int to) {
    for (String literal : literals) {
      if (line.indexOf(literal, from, to) >= 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * The first pattern that matches all of {@code message}, holding the match; null if none does.
   */
  @Nullable LinePattern match(String message) {
    for (LinePattern pattern : patterns) {
      if (pattern.matches(message)) {
        return pattern;
      }
    }
    return null;
  }
}
