package io.cyphermesh.suricata;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EveParserTest {

  private static final String LINE = Eve.alert(Eve.ATTACKER, Eve.HOME).line();

  private static EveAlert alert(String line) {
    assertThat(EveParser.mayBeAlert(line)).isTrue();
    assertThat(EveParser.parse(line)).isInstanceOf(EveLine.Alert.class);
    return ((EveLine.Alert) EveParser.parse(line)).alert();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@cee: ",
        "@cee:",
        "  @cee:\t",
        "\uFEFF",
        " \t",
        "Nov 22 11:00:00 ids suricata: @cee: "
      })
  void aPrefixIsSkipped(String prefix) {
    assertThat(alert(prefix + LINE).source()).hasToString(Eve.ATTACKER);
  }

  @Test
  void onlyTimestampAndEventTypeAreNeeded() {
    EveAlert alert = alert("{\"timestamp\":\"x\",\"event_type\":\"alert\"}");
    assertThat(alert.source()).isNull();
    assertThat(alert.signature().name()).isEqualTo("1:0");
    assertThat(alert.signature().priority()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ \"event_type\" : \"alert\" }",
        "{\"alert\":{},\"event_type\"\t:\t\"alert\"}",
        "{\"event_type\":\"\\u0061lert\"}",
        "{\"event\\u005ftype\":\"alert\"}"
      })
  void blanksOrderAndEscapesDoNotHideAnAlert(String line) {
    assertThat(EveParser.mayBeAlert(line)).isTrue();
    assertThat(EveParser.parse(line)).isInstanceOf(EveLine.Alert.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"http\":{\"event_type\":\"alert\"},\"event_type\":\"http\"}",
        "{\"event_type\":\"http\",\"url\":\"\\\"event_type\\\":\\\"alert\\\"\"}",
        "{\"url\":\"\\\"event_type\\\":\\\"alert\\\",\",\"event_type\":\"http\"}",
        "{\"event_type\":\"stats\",\"stats\":{\"alert\":1}}",
        "{\"alert\":{\"signature_id\":1},\"event_type\":\"flow\"}",
        "{\"x\":[{\"event_type\":\"alert\"}],\"event_type\":\"dns\"}"
      })
  void aNestedOrQuotedEventTypeIsNone(String line) {
    assertThat(EveParser.parse(line)).isInstanceOf(EveLine.Other.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "alert",
        "[\"alert\"]",
        "\"alert\"",
        "{\"x\":{\"event_type\":\"alert\"}}",
        "{\"event_type\":\"alert\"} {\"event_type\":\"alert\"}",
        "{\"event_type\":\"alert\"}x",
        "{\"event_type\":\"alert\",\"src_ip\":\"1.2.3.4\"",
        "{\"event_type\":\"alert\",\"src_ip\":{\"timestamp\":}",
        "@cee: not json"
      })
  void whatIsNoRecordIsMalformed(String line) {
    assertThat(EveParser.parse(line)).isInstanceOf(EveLine.Malformed.class);
  }

  @Test
  void anEventTypeOfAWrongTypeIsNoAlert() {
    assertThat(EveParser.parse("{\"event_type\":[\"alert\"]}")).isInstanceOf(EveLine.Other.class);
    assertThat(EveParser.parse("{\"event_type\":1,\"a\":\"alert\"}"))
        .isInstanceOf(EveLine.Other.class);
  }

  @Test
  void ofAKeyThatStandsTwiceTheFirstCounts() {
    String twice = LINE.replace("\"src_ip\"", "\"src_ip\":\"192.0.2.1\",\"src_ip\"");
    assertThat(alert(twice).source()).hasToString("192.0.2.1");
    assertThat(EveParser.parse("{\"event_type\":\"dns\",\"event_type\":\"alert\"}"))
        .isInstanceOf(EveLine.Other.class);
  }

  @Test
  void anAlertThatWasCutInItsPayloadStillCounts() {
    String payload = LINE.substring(0, LINE.length() - 1) + ",\"payload\":\"" + "QUJD".repeat(99);
    EveAlert alert = alert(payload);
    assertThat(alert.cut()).isTrue();
    assertThat(alert.source()).hasToString(Eve.ATTACKER);
  }

  @Test
  void deepNestingAndHugeNumbersAreNoProblem() {
    String deep = "[".repeat(50_000);
    assertThat(EveParser.parse("{\"x\":" + deep + ",\"event_type\":\"alert\"}"))
        .isInstanceOf(EveLine.Malformed.class);
    String huge = "9".repeat(900);
    EveAlert alert =
        alert(LINE.replace("2034125", huge).replace("40000", "1e999").replace(":80,", ":-1,"));
    assertThat(alert.signature().id()).isZero();
    assertThat(alert.sourcePort()).isZero();
    assertThat(alert.destinationPort()).isZero();
  }

  @Test
  void aWrongTypeIsAMissingValue() {
    EveAlert alert =
        alert(
            "{\"event_type\":\"alert\",\"timestamp\":7,\"src_ip\":[],\"dest_ip\":{\"ip\":\"x\"},"
                + "\"flow\":[1],\"verdict\":\"drop\",\"flow_id\":{},\"alert\":[1,2],\"proto\":null,"
                + "\"direction\":true,\"app_proto\":[[]]}");
    assertThat(alert.timestamp()).isEmpty();
    assertThat(alert.source()).isNull();
    assertThat(alert.verdict()).isEmpty();
  }

  @Test
  void metadataMayBeATextInsteadOfAnArray() {
    String line =
        LINE.replace(
            "\"severity\":1",
            "\"severity\":1,\"metadata\":{\"mitre_technique_id\":\"t1110\",\"confidence\":[]}");
    assertThat(alert(line).signature().techniques()).containsExactly("T1110");
  }

  @ParameterizedTest
  @CsvSource({
    "2022-07-10T23:50:05.533101+0000, 2022-07-10T23:50:05.533Z",
    "2022-07-10T23:50:05.533101+0200, 2022-07-10T21:50:05.533Z",
    "2022-07-10T23:50:05.533101+02:00, 2022-07-10T21:50:05.533Z",
    "2022-07-10T23:50:05-0330, 2022-07-11T03:20:05Z",
    "2022-07-10T23:50:05.5Z, 2022-07-10T23:50:05.500Z",
    "2022-07-10T23:50:60, 2022-07-10T23:50:59Z",
    "2024-02-29T00:00:00.000001+01, 2024-02-28T23:00:00Z"
  })
  void stampsAreRead(String stamp, String instant) {
    assertThat(java.time.Instant.ofEpochMilli(EveTime.millis(stamp))).hasToString(instant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ts-error",
        "2022-07-10",
        "2022-02-30T00:00:00+0000",
        "2022-07-10T25:00:00+0000",
        "2022-07-10T23:50:05.+0000",
        "2022-07-10T23:50:05+9900",
        "2022-07-10T23:50:05+02:0",
        "2022-07-10T23:50:05 UTC",
        "1969-12-31T23:59:59Z"
      })
  void whatIsNoStampIsUnreadable(String stamp) {
    assertThat(EveTime.millis(stamp)).isEqualTo(EveTime.UNREADABLE);
  }
}
