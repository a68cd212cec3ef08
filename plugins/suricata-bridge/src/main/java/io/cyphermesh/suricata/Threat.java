package io.cyphermesh.suricata;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.suricata.EveAlert.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a detection says about an attack, apart from who and how often.
 *
 * @param rule generator id, signature id and message, for instance {@code 1:2024468 ET WEB …}
 * @param confidence 0 to 100; -1 where the rule does not say
 * @param technique MITRE ATT&amp;CK; empty where the rule does not say
 * @param port attacked port; 0 for none
 * @param protocol {@code tcp}, {@code udp} or empty
 * @param service for instance {@code http}, or empty
 */
record Threat(
    String rule,
    String threatType,
    Severity severity,
    int confidence,
    String technique,
    List<String> tags,
    int port,
    String protocol,
    String service) {

  private static final int MAX_RULE = 160;
  private static final int MAX_SERVICE = 32;

  Threat {
    tags = List.copyOf(tags);
  }

  static Threat of(EveAlert alert, int attackedPort, List<Severity> severities) {
    Signature signature = alert.signature();
    int nth = (int) Math.min(signature.priority(), severities.size());
    List<String> tags = new ArrayList<>(List.of("suricata"));
    switch (alert.verdict()) {
      case "drop", "pass", "alert" -> tags.add("verdict:" + alert.verdict());
      default -> {
        // Absent, or a term of a later version.
      }
    }
    String technique = mostExact(signature.techniques());
    signature.techniques().stream().filter(each -> !each.equals(technique)).forEach(tags::add);
    tags.addAll(signature.tactics());
    tags.addAll(signature.cves());
    String protocol = alert.protocol().toLowerCase(Locale.ROOT);
    return new Threat(
        cut(signature.name() + " " + clean(signature.message())),
        ThreatTypes.of(signature.category()),
        severities.get(nth - 1),
        switch (signature.confidence().toLowerCase(Locale.ROOT)) {
          case "high" -> 90;
          case "medium" -> 60;
          case "low" -> 30;
          default -> -1;
        },
        technique,
        tags,
        attackedPort,
        protocol.equals("tcp") || protocol.equals("udp") ? protocol : "",
        service(alert.appProtocol()));
  }

  /** The first one; a sub-technique of it says more. */
  private static String mostExact(List<String> techniques) {
    if (techniques.isEmpty()) {
      return "";
    }
    String first = techniques.getFirst();
    return techniques.stream()
        .filter(each -> each.startsWith(first + "."))
        .findFirst()
        .orElse(first);
  }

  private static String service(String appProtocol) {
    boolean term =
        !appProtocol.isEmpty()
            && appProtocol.length() <= MAX_SERVICE
            && appProtocol
                .chars()
                .allMatch(
                    c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
    return !term || appProtocol.equals("failed") || appProtocol.equals("unknown")
        ? ""
        : appProtocol;
  }

  private static String clean(String message) {
    StringBuilder clean = new StringBuilder(message.length());
    message
        .codePoints()
        .map(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF) ? ' ' : c)
        .forEach(clean::appendCodePoint);
    return clean.toString().strip();
  }

  /** Never cuts a surrogate pair in two. */
  private static String cut(String text) {
    String all = text.strip();
    if (all.length() <= MAX_RULE) {
      return all;
    }
    int end = Character.isHighSurrogate(all.charAt(MAX_RULE - 2)) ? MAX_RULE - 2 : MAX_RULE - 1;
    return all.substring(0, end) + "…";
  }

  /**
   * The detection of {@code count} alerts.
   *
   * @param firstSeen milliseconds since 1970
   * @param lastSeen milliseconds since 1970
   */
  Detection detection(IpAddress attacker, long count, long firstSeen, long lastSeen, Tlp tlp) {
    Detection.Builder detection =
        Detection.of(new Indicator.Ip(attacker.toString()), threatType, severity)
            .tlp(tlp)
            .rule(rule)
            .count(count)
            .firstSeen(Instant.ofEpochMilli(firstSeen))
            .lastSeen(Instant.ofEpochMilli(lastSeen))
            .description(description(count, lastSeen - firstSeen))
            .tags(tags);
    if (confidence >= 0) {
      detection.confidence(confidence);
    }
    if (!technique.isEmpty()) {
      detection.technique(technique);
    }
    if (port > 0 || !protocol.isEmpty() || !service.isEmpty()) {
      detection.target(
          new Detection.Target(
              port > 0 ? OptionalInt.of(port) : OptionalInt.empty(),
              Optional.of(protocol).filter(text -> !text.isEmpty()),
              Optional.of(service).filter(text -> !text.isEmpty())));
    }
    return detection.build();
  }

  private String description(long count, long span) {
    String what = rule.substring(rule.indexOf(' ') + 1);
    String text = "Suricata: " + what;
    if (count > 1) {
      text += ": " + count + " alerts within " + text(Duration.ofMillis(span));
    }
    return tags.contains("verdict:drop") ? text + "; dropped by the sensor" : text;
  }

  private static String text(Duration span) {
    if (span.compareTo(Duration.ofMinutes(2)) < 0) {
      return Math.max(1, span.toSeconds()) + " s";
    }
    return span.compareTo(Duration.ofHours(3)) < 0
        ? span.toMinutes() + " min"
        : span.toHours() + " h";
  }
}
