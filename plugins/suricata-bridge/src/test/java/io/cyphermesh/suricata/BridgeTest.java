package io.cyphermesh.suricata;

import static io.cyphermesh.suricata.Eve.ATTACKER;
import static io.cyphermesh.suricata.Eve.HOME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an alert becomes. */
final class BridgeTest {

  private static Detection one(Eve eve) throws Exception {
    return one("", eve);
  }

  private static Detection one(String overrides, Eve eve) throws Exception {
    TestContext context = TestContext.replay(overrides, List.of(eve.line()));
    assertThat(context.detections).hasSize(1);
    return context.detections.getFirst();
  }

  private static Eve alert() {
    return Eve.alert(ATTACKER, HOME);
  }

  @Test
  void anAlertBecomesADetectionWithAllThatItTells() throws Exception {
    Detection detection =
        one(
            alert()
                .with("app_proto", "http")
                .in("verdict", "action", "drop")
                .metadata("mitre_technique_id", "T1190")
                .metadata("mitre_tactic_id", "TA0001")
                .metadata("cve", "CVE_2021_41773")
                .metadata("confidence", "High"));

    assertThat(detection.indicator().value()).isEqualTo(ATTACKER);
    assertThat(detection.indicator().type()).isEqualTo("ipv4-addr");
    assertThat(detection.threatType()).isEqualTo("web-application-attack");
    assertThat(detection.severity()).isEqualTo(Severity.HIGH);
    assertThat(detection.tlp()).isEqualTo(Tlp.CLEAR);
    assertThat(detection.rule()).contains("1:2034125 ET EXPLOIT Path Traversal Attempt");
    assertThat(detection.confidence()).hasValue(90);
    assertThat(detection.count()).hasValue(1);
    assertThat(detection.firstSeen()).contains(Instant.parse("2026-11-22T11:00:00Z"));
    assertThat(detection.lastSeen()).contains(Instant.parse("2026-11-22T11:00:00Z"));
    assertThat(detection.technique()).contains("T1190");
    assertThat(detection.target()).contains(Detection.Target.of(80, "tcp", "http"));
    assertThat(detection.tags())
        .containsExactly("suricata", "verdict:drop", "TA0001", "CVE-2021-41773");
    assertThat(detection.description())
        .contains("Suricata: ET EXPLOIT Path Traversal Attempt; dropped by the sensor");
  }

  @Test
  void anAlertThatTellsNothingMoreIsReportedAllTheSame() throws Exception {
    Detection detection =
        one(
            alert()
                .without("alert")
                .without("flow_id")
                .without("proto")
                .without("src_port")
                .without("dest_port"));

    assertThat(detection.threatType()).isEqualTo("suricata-alert");
    assertThat(detection.severity()).isEqualTo(Severity.LOW);
    assertThat(detection.rule()).contains("1:0");
    assertThat(detection.target()).isEmpty();
    assertThat(detection.confidence()).isEmpty();
    assertThat(detection.technique()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, HIGH", "2, MEDIUM", "3, LOW", "4, LOW", "255, LOW", "0, LOW", "-1, LOW"})
  void theSeverityIsThatOfTheRulesPriority(long priority, Severity severity) throws Exception {
    assertThat(one(alert().rule("severity", priority)).severity()).isEqualTo(severity);
  }

  @Test
  void theSeveritiesCanBeSet() throws Exception {
    String overrides = "severities = [critical, high, medium, low]";
    assertThat(one(overrides, alert()).severity()).isEqualTo(Severity.CRITICAL);
    assertThat(one(overrides, alert().rule("severity", 4)).severity()).isEqualTo(Severity.LOW);
  }

  @ParameterizedTest
  @CsvSource({
    "Attempted Administrator Privilege Gain, attempted-admin",
    "A Network Trojan was detected, trojan-activity",
    "a network trojan was DETECTED, trojan-activity",
    "Malware Command and Control Activity Detected, command-and-control",
    "Our Own: Class (No. 7)!, our-own-class-no-7",
    "'', suricata-alert",
    "攻击, suricata-alert"
  })
  void theThreatTypeIsTheRulesClass(String category, String threatType) throws Exception {
    assertThat(one(alert().rule("category", category)).threatType()).isEqualTo(threatType);
  }

  @Test
  void theMoreExactTechniqueIsTakenAndWhatIsNoneIsNot() throws Exception {
    Detection detection =
        one(
            alert()
                .metadata("mitre_technique_id", "brute force", "T1110", "T1078", "T11")
                .metadata("mitre_subtechnique_id", "T1110.001"));
    assertThat(detection.technique()).contains("T1110.001");
    assertThat(detection.tags()).containsExactly("suricata", "T1110", "T1078");
  }

  @ParameterizedTest
  @CsvSource({"alert", "pass", "drop"})
  void theVerdictIsATag(String action) throws Exception {
    assertThat(one(alert().in("verdict", "action", action)).tags()).contains("verdict:" + action);
  }

  @Test
  void beforeVersionSevenBlockedMeansDropped() throws Exception {
    assertThat(one(alert().rule("action", "blocked")).tags()).contains("verdict:drop");
    assertThat(one(alert().in("verdict", "action", "new-term")).tags()).containsExactly("suricata");
  }

  @Test
  void theOffsetOfAStampCounts() throws Exception {
    assertThat(one(alert().at("2026-11-22T13:30:00.25+0200")).firstSeen())
        .contains(Instant.parse("2026-11-22T11:30:00.250Z"));
  }

  @Test
  void anUnusableStampIsReplacedByTheClockAndCounted() throws Exception {
    TestContext context = new TestContext("");
    AlertLines lines = context.alertLines();
    context.feed(lines, alert().at("ts-error").line());
    context.feed(lines, alert().rule("signature_id", 2).at("2027-01-01T00:00:00+0000").line());
    context.feed(lines, alert().rule("signature_id", 3).without("timestamp").line());

    assertThat(context.detections)
        .hasSize(3)
        .allSatisfy(d -> assertThat(d.firstSeen()).contains(context.now));
    lines.tick(context.detections::add);
    assertThat(context.warnings())
        .singleElement()
        .asString()
        .contains("3 alert(s) without a usable time");
  }

  @Test
  void oddInputIsToldNowAndThen() throws Exception {
    TestContext context = new TestContext("");
    AlertLines lines = context.alertLines();
    for (int i = 0; i < 50; i++) {
      context.feed(lines, "{\"alert\" garbage");
      lines.tick(context.detections::add);
      context.pass(Duration.ofSeconds(1));
    }
    assertThat(context.warnings()).hasSize(1);
    context.pass(Duration.ofMinutes(10));
    lines.tick(context.detections::add);
    assertThat(context.warnings()).hasSize(2).last().asString().contains("49 line(s)");
  }

  @Test
  void categoriesThatAccuseNobodyAreLeftOut() throws Exception {
    for (String category : List.of("Not Suspicious Traffic", "not suspicious traffic")) {
      TestContext context =
          TestContext.replay("", List.of(alert().rule("category", category).line()));
      assertThat(context.detections).isEmpty();
      assertThat(context.traces)
          .containsExactly("1:2034125: left out: category '" + category + "'");
    }
    assertThat(
            one("ignore-categories = []", alert().rule("category", "Not Suspicious Traffic"))
                .threatType())
        .isEqualTo("not-suspicious");
  }

  @Test
  void signaturesCanBeLeftOut() throws Exception {
    TestContext context =
        TestContext.replay("ignore-signatures = [1, 2034125]", List.of(alert().line()));
    assertThat(context.detections).isEmpty();
    assertThat(context.traces).containsExactly("1:2034125: left out: signature 2034125");
  }

  @Test
  void aLongMessageIsCutAndControlCharactersGo() throws Exception {
    Detection detection = one(alert().rule("signature", "a\u0000b\r\n" + "😀".repeat(300)));
    String rule = detection.rule().orElseThrow();
    assertThat(rule).startsWith("1:2034125 a b").endsWith("😀…").hasSizeLessThanOrEqualTo(160);
    assertThat(detection.description().orElseThrow()).hasSizeLessThan(512);
  }

  @Test
  void everyLineIsExplained() throws Exception {
    TestContext context =
        TestContext.replay(
            "",
            List.of(
                alert().line(),
                alert().line(),
                Eve.alert(HOME, "10.0.0.1").line(),
                "{\"event_type\":\"flow\"}",
                "{\"event_type\":\"stats\",\"alert\":\"alert\"}",
                "garbage"));
    assertThat(context.traces)
        .containsExactly(
            "1:2034125: 203.0.113.7 reported: the other end is home",
            "1:2034125: 203.0.113.7 counted, reported before: the other end is home",
            "1:2034125: nobody to report: both ends are home",
            ": not an alert: flow",
            ": not an alert: stats",
            ": no EVE record: no JSON object");
  }

  @Test
  void withoutTracingNothingIsTraced() throws Exception {
    TestContext context = new TestContext("");
    context.tracing = false;
    context.feed(context.alertLines(), alert().line(), "x", "{\"event_type\":\"flow\"}");
    assertThat(context.traces).isEmpty();
    assertThat(context.detections).hasSize(1);
  }

  @Test
  void aDetectionThatTheNodeRefusesStopsNothing() throws Exception {
    TestContext context = new TestContext("");
    context.refusing = true;
    context.lines.addAll(List.of(alert().line(), alert().rule("signature_id", 2).line()));
    new EveFiles().run(context);
    assertThat(context.detections).isEmpty();
  }

  @Test
  void theTlpCanBeSet() throws Exception {
    assertThat(one("tlp = amber", alert()).tlp()).isEqualTo(Tlp.AMBER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "home = [\"10.0.0.0/33\"] | home: '10.0.0.0/33'",
        "trusted-proxies = [proxy] | trusted-proxies: 'proxy'",
        "severities = [] | severities",
        "severities = [unknown] | severities",
        "cool-down = -1s | cool-down",
        "max-folds = 0 | max-folds",
        "flies = [] | did you mean files",
        "sockets = [{ path = \"/x\", type = seqpacket }] | stream, datagram"
      })
  void aWrongSettingIsNamed(String overrides, String named) {
    assertThatThrownBy(() -> TestContext.replay(overrides, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @Test
  void filesAndWhereToBeginAreAskedOfTheNode() throws Exception {
    TestContext context = TestContext.replay("from = start", List.of());
    assertThat(context.requests.getFirst().paths())
        .containsExactly("/var/log/suricata/eve.json", "/var/log/suricata/eve.*.json");
    assertThat(context.requests.getFirst().from()).hasToString("START");
  }

  @Test
  void theFixtureGivesTheAttackersAndNothingThatIsHome() throws Exception {
    TestContext context = TestContext.replay("", Eve.file("eve.json"));
    assertThat(context.attackers())
        .containsExactly(
            "203.0.113.5",
            "198.51.100.23",
            "2001:db8:bad::1",
            "203.0.113.99",
            "198.51.100.77",
            "203.0.113.5");
    assertThat(context.detections.getLast().count()).hasValue(2);
    assertThat(context.detections.get(2).technique()).isEqualTo(Optional.of("T1110.001"));
  }
}
