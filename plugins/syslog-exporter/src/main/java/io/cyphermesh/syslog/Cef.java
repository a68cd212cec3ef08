package io.cyphermesh.syslog;

import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;

/**
 * ArcSight Common Event Format, version 0. Custom strings: {@code cs1} reporter, {@code cs2} TLP,
 * {@code cs3} ATT&amp;CK technique.
 */
final class Cef implements Body {
  private final String version;

  /**
   * @param version of the software that sends
   */
  Cef(String version) {
    this.version = version;
  }

  @Override
  public String of(ThreatEvent event) {
    Details details = Details.of(event);
    StringBuilder out = new StringBuilder(512);
    out.append("CEF:0|CypherMesh|CypherMesh|");
    header(out, version);
    out.append('|');
    header(out, event.threatType());
    out.append('|');
    header(out, event.threatType() + " by " + event.sourceIp());
    out.append('|').append(severity(event.severity())).append('|');
    int start = out.length();
    observable(out, event, details);
    field(out, "externalId", event.id().hex());
    field(out, "rt", Long.toString(event.receivedAt().toEpochMilli()));
    field(
        out,
        "start",
        Long.toString(details.time("first_seen").orElse(event.time()).toEpochMilli()));
    field(out, "end", Long.toString(details.time("last_seen").orElse(event.time()).toEpochMilli()));
    details.number("count").ifPresent(count -> field(out, "cnt", Long.toString(count)));
    details.targetPort().ifPresent(port -> field(out, "dpt", Long.toString(port)));
    details.targetText("protocol").ifPresent(protocol -> field(out, "proto", protocol));
    details.targetText("service").ifPresent(service -> field(out, "app", service));
    custom(out, "cs1", "reporter", event.reporter().hex());
    custom(out, "cs2", "tlp", event.tlp().label());
    details.text("technique").ifPresent(technique -> custom(out, "cs3", "technique", technique));
    details.text("description").ifPresent(text -> field(out, "msg", text));
    // Each field was written with a blank before it.
    out.deleteCharAt(start);
    return out.toString();
  }

  /** {@code src} takes IPv4 only; IPv6 has a field of its own by CEF's dictionary. */
  private static void observable(StringBuilder out, ThreatEvent event, Details details) {
    String type =
        details
            .indicatorType()
            .orElse(event.sourceIp().indexOf(':') >= 0 ? "ipv6-addr" : "ipv4-addr");
    switch (type) {
      case "ipv4-addr" -> field(out, "src", event.sourceIp());
      case "ipv6-addr" -> {
        field(out, "c6a2", event.sourceIp());
        field(out, "c6a2Label", "Source IPv6 Address");
      }
      case "domain-name" -> field(out, "shost", event.sourceIp());
      case "url" -> field(out, "request", event.sourceIp());
      case "file:sha256" -> field(out, "fileHash", event.sourceIp());
      case "email-addr" -> field(out, "suser", event.sourceIp());
      default -> field(out, "sourceServiceName", event.sourceIp());
    }
  }

  private static int severity(Severity severity) {
    return switch (severity) {
      case LOW, UNKNOWN -> 3;
      case MEDIUM -> 5;
      case HIGH -> 8;
      case CRITICAL -> 10;
    };
  }

  private static void custom(StringBuilder out, String key, String label, String value) {
    field(out, key, value);
    field(out, key + "Label", label);
  }

  private static void field(StringBuilder out, String key, String value) {
    out.append(' ').append(key).append('=');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\', '=' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        default -> out.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
  }

  private static void header(StringBuilder out, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\', '|' -> out.append('\\').append(c);
        default -> out.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
  }
}
