package io.cyphermesh.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.testkit.Events;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
  private static final Header HEADER =
      new Header(Settings.Facility.LOCAL4, "node1.example", "cyphermesh");

  @Test
  void theHeaderIsThatOfRfc5424() {
    assertThat(HEADER.message(Events.event("203.0.113.7"), "BODY"))
        .isEqualTo(
            "<163>1 2026-01-01T11:59:00.250Z node1.example cyphermesh - ssh-bruteforce - BODY");
  }

  @ParameterizedTest
  @CsvSource({"CRITICAL,162", "HIGH,163", "MEDIUM,164", "LOW,165", "UNKNOWN,165"})
  void thePriorityTellsTheSeverity(Severity severity, int priority) {
    assertThat(HEADER.message(Events.event("203.0.113.7", "scan", severity), ""))
        .startsWith("<" + priority + ">1 ");
  }

  @Test
  void noFieldOfTheHeaderCanBreakIt() {
    Header hostile = new Header(Settings.Facility.USER, "a b\n<1>", "");

    assertThat(
            hostile.message(
                Events.event("x", "two words\r\nü" + "y".repeat(99), Severity.HIGH), "B"))
        .isEqualTo(
            "<11>1 2026-01-01T11:59:00.250Z a_b_<1> - - two_words___" + "y".repeat(20) + " - B");
  }

  @Test
  void aCefMessageHasTheFieldsOfItsDictionary() {
    ThreatEvent event =
        details(
            "203.0.113.7",
            "{\"count\": 12, \"description\": \"12 failed logins\", \"first_seen\":"
                + " \"2026-01-01T11:50:00.000Z\", \"indicator\": {\"type\": \"ipv4-addr\","
                + " \"value\": \"203.0.113.7\"}, \"last_seen\": \"2026-01-01T11:58:00.000Z\","
                + " \"target\": {\"port\": 22, \"protocol\": \"tcp\", \"service\": \"ssh\"},"
                + " \"technique\": \"T1110.001\"}");

    assertThat(new Cef("0.1.0").of(event))
        .isEqualTo(
            "CEF:0|CypherMesh|CypherMesh|0.1.0|ssh-bruteforce|ssh-bruteforce by 203.0.113.7|8|"
                + "src=203.0.113.7 externalId="
                + event.id().hex()
                + " rt=1767268740370 start=1767268200000 end=1767268680000 cnt=12 dpt=22 proto=tcp"
                + " app=ssh cs1="
                + "ab".repeat(32)
                + " cs1Label=reporter cs2=clear cs2Label=tlp cs3=T1110.001 cs3Label=technique"
                + " msg=12 failed logins");
  }

  @Test
  void nothingInAnEventCanForgeACefField() {
    ThreatEvent event =
        Events.event(
            "203.0.113.7 act=allowed\nCEF|",
            "a|b\\c\nd",
            Severity.HIGH,
            Tlp.CLEAR,
            Optional.of("{\"description\": \"x\\r\\nsrc=198.51.100.1\"}"));

    String cef = new Cef("1").of(event);

    assertThat(cef)
        .doesNotContain("\n", "\r")
        .startsWith("CEF:0|CypherMesh|CypherMesh|1|a\\|b\\\\c d|a\\|b\\\\c d by")
        .contains("src=203.0.113.7 act\\=allowed\\nCEF|")
        .endsWith("msg=x\\r\\nsrc\\=198.51.100.1");
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8::1,ipv6-addr,c6a2=2001:db8::1 c6a2Label=Source IPv6 Address",
    "example.org,domain-name,shost=example.org",
    "http://example.org/,url,request=http://example.org/",
    "a@example.org,email-addr,suser=a@example.org",
    "0123,file:sha256,fileHash=0123",
    "other,x-other,sourceServiceName=other"
  })
  void eachKindOfObservableHasItsField(String value, String type, String field) {
    assertThat(new Cef("1").of(details(value, "{\"indicator\": {\"type\": \"" + type + "\"}}")))
        .contains("|" + field + " externalId=");
  }

  @Test
  void detailsOfTheWrongKindCountAsNotThere() {
    ThreatEvent event =
        details(
            "203.0.113.7",
            "{\"count\": \"many\", \"description\": 7, \"first_seen\": \"soon\", \"indicator\": 1,"
                + " \"target\": [22], \"technique\": {}}");

    assertThat(new Cef("1").of(event)).contains("src=203.0.113.7").doesNotContain("cnt=", "msg=");
  }

  /** Anybody may sign an event; none may stop the export for good. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"count\": 1e999999999}",
        "{\"count\": 123456789012345678901234567890}",
        "{\"count\": -3}",
        "{\"count\": 2.5}",
        "{\"target\": {\"port\": 1e999999999}}",
        "{\"first_seen\": \"+1000000000-12-31T23:59:59.999999999Z\"}",
        "{\"last_seen\": \"-1000000000-01-01T00:00:00Z\"}",
        "{\"indicator\": {\"type\": 1e999999999}}",
        "{\"technique\": null, \"target\": {\"service\": null}}"
      })
  void numbersAndTimesThatAreNoneCountAsNotThere(String json) {
    assertThat(new Cef("1").of(details("203.0.113.7", json)))
        .contains("203.0.113.7 ", " start=1767268740250 end=1767268740250 ")
        .doesNotContain("cnt=", "dpt=", "cs3=", "app=");
  }

  @Test
  void aJsonMessageThatIsTooLongGoesWithLess() {
    ThreatEvent event = details("203.0.113.7", "{\"description\": \"" + "x".repeat(500) + "\"}");
    int whole = json(65_507, event).length();
    int plain = whole - ",\"signed\":\"\"".length() - event.signedJson().length() - 4;

    assertThat(json(whole, event)).contains("\"signed\":", "\"details\":");
    assertThat(json(whole - 1, event)).doesNotContain("\"signed\":").contains("\"details\":");
    assertThat(json(plain, event)).hasSize(plain);
    assertThat(json(plain - 1, event)).doesNotContain("\"details\":").endsWith("}");
  }

  @Test
  void aMessageThatIsTooLongAnywayIsCutBehindACharacter() {
    ThreatEvent event =
        details("203.0.113.7", "{\"description\": \"" + "\u20ac".repeat(999) + "\"}");

    for (int max = 900; max < 903; max++) {
      byte[] message = new Messages(HEADER, List.of(new Cef("1")), max).of(event);
      assertThat(message).hasSizeBetween(max - 2, max);
      assertThat(new String(message, StandardCharsets.UTF_8)).endsWith("\u20ac");
    }
  }

  private static String json(int max, ThreatEvent event) {
    return new String(
        new Messages(HEADER, Messages.json(true), max).of(event), StandardCharsets.US_ASCII);
  }

  private static ThreatEvent details(String source, String json) {
    return Events.event(source, "ssh-bruteforce", Severity.HIGH, Tlp.CLEAR, Optional.of(json));
  }
}
