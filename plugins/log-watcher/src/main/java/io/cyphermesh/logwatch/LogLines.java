package io.cyphermesh.logwatch;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.LineHandler;
import io.cyphermesh.api.Severity;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes each line from its header through the rules to the buckets, and reports what tips one. All
 * calls come on one thread.
 */
final class LogLines implements LineHandler {

  private static final String REPEATED = "message repeated ";
  private static final String TIMES = " times: [";
  private static final long MOST_AT_ONCE = 100_000;

  private final DetectorContext context;
  private final RuleBook rules;
  private final Reportable reportable;
  private final LogTime time;
  private final Suspects suspects;
  private final Snapshots snapshots;
  private final SyslogHeader header = new SyslogHeader();
  private final long longestQuiet;

  private byte @Nullable [] snapshot;

  /**
   * @throws IllegalArgumentException if a setting is wrong; the message names it
   */
  LogLines(Settings settings, DetectorContext context) {
    this.context = context;
    if (settings.maxSources() < 1) {
      throw new IllegalArgumentException("max-sources is at least 1, not " + settings.maxSources());
    }
    rules = new RuleBook(settings.rules());
    reportable = new Reportable(settings.ignore());
    time = new LogTime(zone(settings.zone()), context.clock());
    suspects = new Suspects(settings.maxSources(), rules.ids().size(), rules.threats().size());
    snapshots = new Snapshots(rules.ids(), rules.threats());
    longestQuiet = rules.longestCoolDownMillis() + Bucket.TOLERATED_DISORDER;
  }

  private static ZoneId zone(String zone) {
    try {
      return zone.equals("system") ? ZoneId.systemDefault() : ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "zone '" + zone + "' is none: give 'system', an offset or a name such as Europe/Berlin",
          e);
    }
  }

  @Override
  public void line(String line, Path file) throws InterruptedException {
    if (!header.read(line)) {
      unmatched(line, "no syslog line: it does not begin with a stamp, a host and a program");
      return;
    }
    Rule[] candidates = rules.rulesFor(header, line);
    if (candidates.length == 0) {
      if (context.tracing()) {
        unmatched(line, "no rule reads the lines of " + header.program(line));
      }
      return;
    }
    int from = header.messageStart();
    int to = header.messageEnd();
    long repeated = 1;
    if (line.startsWith(REPEATED, from) && line.charAt(to - 1) == ']') {
      int times = line.indexOf(TIMES, from, to);
      if (times > 0) {
        repeated = number(line.substring(from + REPEATED.length(), times));
        from = times + TIMES.length();
        from += line.charAt(from) == ' ' ? 1 : 0;
        to--;
      }
    }
    String message = null;
    boolean matched = false;
    for (Rule rule : candidates) {
      if (rule.mayMatch(line, from, to)) {
        if (message == null) {
          message = line.substring(from, to);
        }
        LinePattern match = rule.match(message);
        if (match != null) {
          matched = true;
          judge(line, match, rule, repeated);
        }
      }
    }
    if (matched) {
      context.matched();
    } else if (context.tracing()) {
      unmatched(line, candidates, from, to);
    }
  }

  private void unmatched(String line, Rule[] candidates, int from, int to) {
    String near =
        Arrays.stream(candidates)
            .filter(rule -> rule.mayMatch(line, from, to))
            .map(rule -> rule.id)
            .collect(Collectors.joining(", "));
    unmatched(
        line,
        near.isEmpty()
            ? "nothing that a rule for " + header.program(line) + " looks for"
            : "a text that " + near + " looks for, but none of the patterns");
  }

  private void judge(String line, LinePattern match, Rule rule, long repeated)
      throws InterruptedException {
    IpAddress source = match.source();
    if (source == null) {
      if (context.tracing()) {
        explain(line, rule, "'" + match.sourceText() + "' is no IP address: dropped");
      }
      return;
    }
    String refusal = reportable.refusal(source);
    if (refusal != null) {
      if (context.tracing()) {
        explain(line, rule, refusal + " address " + source + ": never reported");
      }
      return;
    }
    long at = time.millis(line, 0, header.stampEnd());
    count(line, rule, match, source, at, repeated);
  }

  private void count(
      String line, Rule rule, LinePattern match, IpAddress source, long at, long repeated)
      throws InterruptedException {
    long clock = context.clock().millis();
    Suspect suspect = rule.after < 0 ? suspects.findOrAdd(source, clock) : suspects.find(source);
    if (suspect == null || (rule.after >= 0 && !suspect.isQuiet(rule.after, at, longestQuiet))) {
      if (context.tracing()) {
        explain(line, rule, source + ": nothing was reported of it within the cool-down");
      }
      return;
    }
    Bucket bucket = suspect.bucket(rule.index);
    long now = bucket.advance(at);
    boolean quiet = suspect.isQuiet(rule.threat, now, longestQuiet);
    if (bucket.isEmpty(now) && !quiet) {
      bucket.reset();
    }
    suspect.encoded = null;
    snapshot = null;

    long drops =
        switch (rule.counts) {
          case ATTEMPTS -> repeated * number(match.count());
          case USERS -> bucket.remember(hash(match.user())) ? 1 : 0;
          case CONNECTIONS -> bucket.remember((int) number(match.port())) ? 1 : 0;
        };
    if (drops == 0) {
      if (context.tracing()) {
        explain(
            line,
            rule,
            source
                + (rule.counts == Settings.Counts.USERS
                    ? ": this user name was counted already"
                    : ": this connection was counted already"));
      }
      return;
    }
    bucket.pour(at, now, drops, rule.capacity, rule.leakMillis);
    suspect.touch(clock);
    long level = bucket.level(now, rule.leakMillis);
    if (level < rule.capacity) {
      if (context.tracing()) {
        explain(line, rule, counted(rule, source, level));
      }
      return;
    }
    Severity severity = severity(rule, bucket);
    // What turns out to be more serious than what was just reported may be told at once.
    if (quiet && severity.compareTo(suspect.reported[rule.threat]) <= 0) {
      if (context.tracing()) {
        explain(
            line,
            rule,
            source
                + ": counted, cooling down: reported already, not again before "
                + Instant.ofEpochMilli(suspect.quietUntil[rule.threat]));
      }
      return;
    }
    if (context.tracing()) {
      explain(
          line,
          rule,
          counted(rule, source, level)
              + ": reported as "
              + rule.threatType
              + ", "
              + severity.label()
              + ", count "
              + bucket.count);
    }
    Detection detection = detection(rule, source, bucket, severity);
    suspect.quiet(rule.threat, now + rule.coolDownMillis, severity);
    suspect.touch(clock);
    bucket.restartCount();
    try {
      context.report(detection);
    } catch (IllegalArgumentException e) {
      // Thrown on, it would bring the same line again and again.
      context.logger().warn("The node refused a detection of {}: {}", source, e.getMessage());
    }
  }

  /** For instance {@code 192.0.2.7: 3 of 5 attempts, less 1 every 2 min}. */
  private static String counted(Rule rule, IpAddress source, long level) {
    String what =
        switch (rule.counts) {
          case ATTEMPTS -> "attempts";
          case USERS -> "user names";
          case CONNECTIONS -> "connections";
        };
    return source
        + ": "
        + level
        + " of "
        + rule.capacity
        + " "
        + what
        + ", less 1 every "
        + text(Duration.ofMillis(rule.leakMillis));
  }

  private static Severity severity(Rule rule, Bucket bucket) {
    return rule.highFrom > 0
            && bucket.count >= rule.highFrom
            && rule.severity.compareTo(Severity.HIGH) < 0
        ? Severity.HIGH
        : rule.severity;
  }

  private static Detection detection(
      Rule rule, IpAddress source, Bucket bucket, Severity severity) {
    Detection.Builder detection =
        Detection.of(new Indicator.Ip(source.toString()), rule.threatType, severity)
            .tlp(rule.tlp)
            .rule(rule.id)
            .confidence(rule.confidence)
            .count(bucket.count)
            .firstSeen(Instant.ofEpochMilli(bucket.firstSeen))
            .lastSeen(Instant.ofEpochMilli(bucket.lastSeen))
            .description(description(rule, bucket));
    rule.technique.ifPresent(detection::technique);
    rule.target.ifPresent(detection::target);
    return detection.build();
  }

  /** Never a user name: people type passwords there. */
  private static String description(Rule rule, Bucket bucket) {
    Duration span = Duration.ofMillis(bucket.lastSeen - bucket.firstSeen);
    return bucket.count == 1
        ? rule.description
        : rule.description + ": " + bucket.count + " within " + text(span);
  }

  private static String text(Duration span) {
    if (span.compareTo(Duration.ofMinutes(2)) < 0) {
      return Math.max(1, span.toSeconds()) + " s";
    }
    return span.compareTo(Duration.ofHours(3)) < 0
        ? span.toMinutes() + " min"
        : span.toHours() + " h";
  }

  /** The number that {@code text} writes, bounded; 1 where it writes none. */
  private static long number(String text) {
    if (text.isEmpty() || text.length() > 9) {
      return 1;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return 1;
      }
      value = value * 10 + c - '0';
    }
    return Math.clamp(value, 1, MOST_AT_ONCE);
  }

  /** FNV-1a: unlike {@code String.hashCode} it does not give similar names neighbouring values. */
  private static int hash(String name) {
    int hash = 0x811C9DC5;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x01000193;
    }
    return hash;
  }

  private void explain(String line, Rule rule, String reason) {
    context.trace(line, rule.id, reason);
  }

  private void unmatched(String line, String reason) {
    if (context.tracing()) {
      context.trace(line, "", reason);
    }
  }

  @Override
  public Optional<byte[]> snapshot() {
    byte[] bytes = snapshot;
    if (bytes == null) {
      suspects.dropExpired(context.clock().millis());
      bytes = snapshots.write(suspects);
      snapshot = bytes;
    }
    return Optional.of(bytes);
  }

  @Override
  public void restore(byte[] bytes) {
    try {
      suspects.load(snapshots.read(bytes, suspects), context.clock().millis());
    } catch (IllegalArgumentException e) {
      context.logger().warn("The saved buckets are unreadable and start empty: {}", e.getMessage());
      suspects.load(List.of(), 0);
    }
    snapshot = null;
  }
}
