package io.cyphermesh.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ThreatEventTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final String REPORTER = "fedcba9876543210".repeat(4);

  @Test
  void itsJsonIsOneObjectOfAFixedOrder() {
    assertThat(event("203.0.113.7", Optional.of("{\"count\": 12, \"tags\": [\"a\"]}")).toJson())
        .isEqualTo(
            "{\"id\":\""
                + ID
                + "\",\"source_ip\":\"203.0.113.7\",\"threat_type\":\"ssh-bruteforce\","
                + "\"severity\":\"high\",\"time\":\"2026-01-01T11:59:00.250Z\","
                + "\"time_approximate\":false,\"tlp\":\"green\",\"reporter\":\""
                + REPORTER
                + "\",\"local\":true,\"received_at\":\"2026-01-01T11:59:01Z\","
                + "\"details\":{\"count\": 12, \"tags\": [\"a\"]}}");
  }

  @Test
  void itsVerifiableJsonHasTheSignedEventAsAString() {
    assertThat(event("203.0.113.7", Optional.empty()).toVerifiableJson())
        .endsWith(
            ",\"received_at\":\"2026-01-01T11:59:01Z\","
                + "\"signed\":\"{\\\"a\\\": \\\"caf\\\\u00e9\\\"}\"}");
  }

  @Test
  void whatHasToBeEscapedIs() {
    assertThat(
            event("\"\\/\b\f\n\r\t\u0000\u001f ~\u007f\u0080é\u2028€", Optional.empty()).toJson())
        .contains(
            "\"source_ip\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f ~\\u007f\\u0080\\u00e9\\u2028"
                + "\\u20ac\",");
  }

  @Test
  void pairsAndHalvesOfSurrogatesAreEscapedAlike() {
    assertThat(event("\ud83d\ude00 \ud83d \ude00", Optional.empty()).toJson())
        .contains("\"source_ip\":\"\\ud83d\\ude00 \\ud83d \\ude00\",");
  }

  private static ThreatEvent event(String source, Optional<String> details) {
    return new ThreatEvent(
        new EventId(ID),
        source,
        "ssh-bruteforce",
        Severity.HIGH,
        Instant.parse("2026-01-01T11:59:00.250Z"),
        false,
        Tlp.GREEN,
        new NodeId(REPORTER),
        true,
        Instant.parse("2026-01-01T11:59:01Z"),
        details,
        "{\"a\": \"caf\\u00e9\"}");
  }
}
