package io.cyphermesh.suricata;

import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.suricata.EveAlert.Signature;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes each line from the parser through the decision who attacked to the folds, which report. All
 * calls come on one thread.
 */
final class AlertLines {

  /** Of a trace of a line that no rule of Suricata's stands behind. */
  private static final String NO_RULE = "";

  private static final long DAY_MILLIS = 86_400_000;

  private final DetectorContext context;
  private final Settings settings;
  private final Attributor attributor;
  private final Set<String> ignoredCategories;
  private final Set<Long> ignoredSignatures;
  private final Folds folds;
  private final Oddities oddities;

  private byte @Nullable [] snapshot;

  /**
   * @throws IllegalArgumentException if a setting is wrong; the message names it
   */
  AlertLines(Settings settings, DetectorContext context) {
    this.context = context;
    this.settings = settings;
    attributor = new Attributor(new Networks(settings.home(), settings.trustedProxies()));
    ignoredCategories =
        settings.ignoreCategories().stream()
            .map(AlertLines::lower)
            .collect(Collectors.toUnmodifiableSet());
    ignoredSignatures = Set.copyOf(settings.ignoreSignatures());
    folds = new Folds(settings.coolDown().toMillis(), settings.maxFolds(), settings.tlp());
    oddities = new Oddities(context.logger());
  }

  private static String lower(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }

  /** Takes one line. */
  void line(String line, Sink sink) throws InterruptedException {
    // Nearly all lines of a busy sensor are no alerts: they must cost next to nothing.
    if (!EveParser.mayBeAlert(line)) {
      if (context.tracing()) {
        context.trace(
            line,
            NO_RULE,
            switch (EveParser.parse(line)) {
              case EveLine.Malformed malformed -> "no EVE record: " + malformed.reason();
              case EveLine.Other other -> "not an alert: " + other.eventType();
              case EveLine.Alert _ -> "not an alert";
            });
      }
      return;
    }
    switch (EveParser.parse(line)) {
      case EveLine.Malformed malformed -> {
        oddities.count(Oddities.Kind.NO_RECORD);
        explain(line, NO_RULE, "no EVE record: " + malformed.reason());
      }
      case EveLine.Other other -> explain(line, NO_RULE, "not an alert: " + other.eventType());
      case EveLine.Alert(EveAlert alert) -> judge(line, alert, sink);
    }
  }

  private void judge(String line, EveAlert alert, Sink sink) throws InterruptedException {
    Signature signature = alert.signature();
    if (alert.cut()) {
      oddities.count(Oddities.Kind.CUT);
    }
    if (ignoredSignatures.contains(signature.id())) {
      explain(line, signature.name(), "left out: signature " + signature.id());
      return;
    }
    if (ignoredCategories.contains(lower(signature.category()))) {
      explain(line, signature.name(), "left out: category '" + signature.category() + "'");
      return;
    }
    switch (attributor.decide(alert)) {
      case Attribution.Nobody(String reason) ->
          explain(line, signature.name(), "nobody to report: " + reason);
      case Attribution.Attacker attacker -> report(line, alert, attacker, sink);
    }
  }

  private void report(String line, EveAlert alert, Attribution.Attacker attacker, Sink sink)
      throws InterruptedException {
    context.matched();
    Signature signature = alert.signature();
    long clock = context.clock().millis();
    Fold.Key key =
        new Fold.Key(
            attacker.address(),
            signature.generator(),
            signature.id(),
            settings.foldBy() == Settings.FoldBy.FLOW ? alert.flowId() : 0);
    Threat threat = Threat.of(alert, attacker.attackedPort(), settings.severities());
    snapshot = null;
    boolean reported = folds.add(key, threat, time(alert, clock), clock, sink);
    if (context.tracing()) {
      explain(
          line,
          signature.name(),
          attacker.address()
              + (reported ? " reported: " : " counted, reported before: ")
              + attacker.reason());
    }
  }

  /** The sensor's time; the node's where there is none, or it is more than a day ahead. */
  private long time(EveAlert alert, long clock) {
    long millis = EveTime.millis(alert.timestamp());
    if (millis == EveTime.UNREADABLE || millis > clock + DAY_MILLIS) {
      oddities.count(Oddities.Kind.NO_TIME);
      return clock;
    }
    return millis;
  }

  /** A detection that the node would not take; thrown on, it would come again and again. */
  void refused() {
    oddities.count(Oddities.Kind.REFUSED);
  }

  /** Reports what is due by the clock. */
  void tick(Sink sink) throws InterruptedException {
    long clock = context.clock().millis();
    oddities.tick(clock);
    if (folds.tick(clock, sink)) {
      snapshot = null;
    }
  }

  /** Reports what was only counted so far, at the end of a replay. */
  void flush(Sink sink) throws InterruptedException {
    snapshot = null;
    folds.flush(sink);
  }

  private void explain(String line, String rule, String reason) {
    if (context.tracing()) {
      context.trace(line, rule, reason);
    }
  }

  /** The folds; the same array as long as nothing has changed. */
  byte[] snapshot() {
    byte[] bytes = snapshot;
    if (bytes == null) {
      bytes = Snapshots.write(folds.recentFirst());
      snapshot = bytes;
    }
    return bytes;
  }

  void restore(byte[] bytes) {
    try {
      folds.load(Snapshots.read(bytes));
    } catch (IllegalArgumentException e) {
      context.logger().warn("The saved counts are unreadable and start empty: {}", e.getMessage());
    }
    snapshot = null;
  }
}
