package io.cyphermesh.syslog;

import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Puts the header of RFC 5424 before a body. */
record Header(Settings.Facility facility, String hostname, String appName) {
  private static final int MAX_HOSTNAME = 255;
  private static final int MAX_APP_NAME = 48;
  private static final int MAX_MSGID = 32;

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** The whole message. */
  String message(ThreatEvent event, String body) {
    return "<"
        + (facility.code * 8 + level(event.severity()))
        + ">1 "
        + STAMP.format(event.time())
        + " "
        + token(hostname, MAX_HOSTNAME)
        + " "
        + token(appName, MAX_APP_NAME)
        + " - "
        + token(event.threatType(), MAX_MSGID)
        + " - "
        + body;
  }

  /** RFC 5424, table 2. */
  private static int level(Severity severity) {
    return switch (severity) {
      case CRITICAL -> 2;
      case HIGH -> 3;
      case MEDIUM -> 4;
      case LOW, UNKNOWN -> 5;
    };
  }

  /** Printable ASCII without blanks is all that a field of the header may hold. */
  private static String token(String text, int max) {
    StringBuilder out = new StringBuilder();
    text.codePoints().limit(max).forEach(c -> out.append(c > ' ' && c < 0x7f ? (char) c : '_'));
    return out.isEmpty() ? "-" : out.toString();
  }
}
