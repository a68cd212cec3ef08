package io.cyphermesh.testkit;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.api.Tlp;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Makes events for exporters' tests. They have the right form, but nobody signed them: {@link
 * ThreatEvent#signedJson} is a JSON object that does not verify.
 */
public final class Events {
  private static final NodeId REPORTER = new NodeId("ab".repeat(32));
  private static final Instant TIME = Instant.parse("2026-01-01T11:59:00.250Z");

  private Events() {}

  /** An event of high severity without details. */
  public static ThreatEvent event(String sourceIp) {
    return event(sourceIp, "ssh-bruteforce", Severity.HIGH);
  }

  /** An event without details. */
  public static ThreatEvent event(String sourceIp, String threatType, Severity severity) {
    return event(sourceIp, threatType, severity, Tlp.CLEAR, Optional.empty());
  }

  /**
   * An event.
   *
   * @param detailsJson canonical JSON of its details
   */
  public static ThreatEvent event(
      String sourceIp,
      String threatType,
      Severity severity,
      Tlp tlp,
      Optional<String> detailsJson) {
    EventId id = id(sourceIp + ' ' + threatType + ' ' + severity + ' ' + detailsJson.orElse(""));
    return new ThreatEvent(
        id,
        sourceIp,
        threatType,
        severity,
        TIME,
        false,
        tlp,
        REPORTER,
        false,
        TIME.plusMillis(120),
        detailsJson,
        "{\"id\": \"" + id.hex() + "\"}");
  }

  private static EventId id(String text) {
    try {
      return new EventId(
          HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest(text.getBytes(StandardCharsets.UTF_8))));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
