package io.cyphermesh.suricata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a line holds, nothing is thrown and nothing of ours is reported. */
final class GarbageTest {

  private static final int MUTATIONS = 20_000;

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1e308",
          "9".repeat(400),
          "\"\"",
          "\"alert\"",
          "\"10.0.0.1\"",
          "\"fd00::1\"",
          "\"::ffff:192.168.0.1\"",
          "\"127.0.0.1\"",
          "\"203.0.113.200\"",
          "\"to_client\"",
          "\"to_server\"",
          "\"\\u0000\\ud800\"",
          "[]",
          "{}",
          "[\"T1110\",[1,{\"a\":null}]]",
          "{\"ip\":\"10.0.0.9\"}",
          "{\"ip\":\"203.0.113.201\",\"ip\":\"10.0.0.9\"}",
          "{\"src_ip\":\"10.0.0.7\",\"action\":\"drop\"}",
          "[".repeat(300),
          "{\"a\":".repeat(300));

  private static final List<String> KEYS =
      List.of(
          "timestamp",
          "flow_id",
          "event_type",
          "src_ip",
          "src_port",
          "dest_ip",
          "dest_port",
          "proto",
          "app_proto",
          "alert",
          "gid",
          "signature_id",
          "signature",
          "category",
          "severity",
          "source",
          "target",
          "metadata",
          "mitre_technique_id",
          "xff",
          "direction",
          "flow",
          "verdict",
          "action",
          "attack_target",
          "confidence",
          "cve");

  @ParameterizedTest
  @ValueSource(longs = {1, 20_261_122})
  void mutatedRecordsThrowNothingAndReportNothingOfOurs(long seed) throws Exception {
    List<String> records = records();
    Random random = new Random(seed);
    TestContext context =
        new TestContext(
            "trusted-proxies = [\"192.0.2.80\"], cool-down = 0s, home = [private, \"2001:db8:1::/48\"]");
    AlertLines lines = context.alertLines();
    Networks networks = new Networks(List.of("private", "2001:db8:1::/48"), List.of("192.0.2.80"));
    List<Detection> found = new ArrayList<>();
    int reported = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String line = records.get(random.nextInt(records.size()));
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        line = mutate(line, random);
      }
      String mutated = line;
      assertThatCode(() -> lines.line(mutated, found::add))
          .as("seed %d: %s", seed, mutated)
          .doesNotThrowAnyException();
      for (Detection detection : found) {
        IpAddress address = IpAddress.parse(detection.indicator().value()).orElseThrow();
        assertThat(networks.refusal(address)).as("seed %d: %s", seed, mutated).isNull();
        reported++;
      }
      found.clear();
      context.traces.clear();
    }
    assertThat(reported).as("the mutations are not all garbage").isGreaterThan(MUTATIONS / 20);
  }

  private static List<String> records() throws IOException {
    List<String> records = new ArrayList<>(Eve.file("eve.json"));
    records.removeIf(line -> !line.contains("alert"));
    records.add(Eve.alert("192.0.2.80", Eve.HOME).rule("xff", "203.0.113.8").line());
    records.add(Eve.alert(Eve.ATTACKER, Eve.OTHER).with("direction", "to_client").line());
    return records;
  }

  private static String mutate(String line, Random random) {
    if (line.isEmpty()) {
      return "{";
    }
    int at = random.nextInt(line.length());
    return switch (random.nextInt(8)) {
      case 0 -> line.substring(0, at);
      case 1 -> line.substring(0, at) + (char) random.nextInt(0x250) + line.substring(at + 1);
      case 2 ->
          line.substring(0, at) + line.substring(Math.min(line.length(), at + random.nextInt(40)));
      case 3 -> line.substring(0, at) + line.substring(random.nextInt(line.length()));
      case 4 -> duplicate(line, random);
      default -> replaceValue(line, random);
    };
  }

  /** A key that is there, once more with another value, before or behind. */
  private static String duplicate(String line, Random random) {
    String pair = "\"" + pick(KEYS, random) + "\":" + pick(VALUES, random);
    int brace = line.indexOf('{', random.nextInt(line.length()));
    if (brace < 0) {
      brace = line.indexOf('{');
    }
    return brace < 0 ? line : line.substring(0, brace + 1) + pair + "," + line.substring(brace + 1);
  }

  /** Another value for a key that is there. */
  private static String replaceValue(String line, Random random) {
    String key = "\"" + pick(KEYS, random) + "\":";
    int at = line.indexOf(key);
    if (at < 0) {
      return duplicate(line, random);
    }
    int from = at + key.length();
    int to = from;
    int depth = 0;
    boolean quoted = false;
    for (; to < line.length(); to++) {
      char c = line.charAt(to);
      if (c == '"' && line.charAt(to - 1) != '\\') {
        quoted = !quoted;
      } else if (!quoted && (c == '{' || c == '[')) {
        depth++;
      } else if (!quoted && (c == '}' || c == ']') && --depth < 0) {
        break;
      } else if (!quoted && c == ',' && depth == 0) {
        break;
      }
    }
    return line.substring(0, from) + pick(VALUES, random) + line.substring(to);
  }

  private static String pick(List<String> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }
}
