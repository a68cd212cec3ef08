package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PeerTableTest {
  private static final String NEIGHBOUR =
      """
      {"nodeId": "%s", "address": "[2001:db8::4711:41]:9001", "state": "CONNECTED",
       "direction": "outbound", "agent": "cyphermesh/0.1.0", "reputation": 18412,
       "banned": false, "blockedUntil": null, "validEvents": 18412, "invalidEvents": 0,
       "lastError": null, "role": "active", "link": {"tree": true, "roundTripMillis": 23.5,
       "bytesIn": 1258291, "bytesOut": 1047552, "eventsIn": 960, "eventsOut": 4, "score": 17}}
      """
          .formatted("ab".repeat(32));
  private static final String PASSIVE =
      """
      {"nodeId": "%s", "address": null, "state": "DISCONNECTED", "reputation": 0,
       "banned": false, "validEvents": 0, "invalidEvents": 0, "lastError": "nobody listens at it",
       "role": "passive", "link": null}
      """
          .formatted("cd".repeat(32));
  private static final String STRANGER =
      """
      {"nodeId": null, "address": "192.0.2.7:9001", "state": "CONNECTING", "reputation": 0,
       "banned": false, "role": null, "link": null}
      """;

  private static List<String> print(OptionalInt columns, String... peers) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    List<JsonElement> parsed = new ArrayList<>();
    for (String peer : peers) {
      parsed.add(Json.parse(peer));
    }
    PeerTable.of(parsed, columns).print(new Terminal(stream, stream, columns, false, false, false));
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static List<String> words(String line) {
    return List.of(line.strip().split(" {2,}"));
  }

  @Test
  void aLinkShowsRoleRoundTripTrafficAndScores() throws Exception {
    List<String> lines = print(OptionalInt.empty(), NEIGHBOUR);
    assertThat(words(lines.getFirst()))
        .containsExactly(
            "NODE", "ADDRESS", "STATE", "ROLE", "RTT", "IN", "OUT", "SCORE", "LINK", "VALID",
            "INVALID", "NOTE");
    assertThat(words(lines.getLast()).subList(1, 11))
        .containsExactly(
            "[2001:db8::4711:41]:9001",
            "connected",
            "active",
            "24ms",
            "1.2M",
            "1.0M",
            "18412",
            "17",
            "18412",
            "0");
  }

  @Test
  void whoHasNoLinkHasNoRoundTripAndNoTraffic() throws Exception {
    List<String> lines = print(OptionalInt.empty(), PASSIVE, STRANGER);
    assertThat(words(lines.get(1)).subList(1, 8))
        .containsExactly("-", "disconnected", "passive", "-", "-", "-", "0");
    assertThat(words(lines.get(2)).subList(0, 8))
        .containsExactly("-", "192.0.2.7:9001", "connecting", "-", "-", "-", "-", "0");
  }

  @Test
  void eightyColumnsAreEnough() throws Exception {
    assertThat(print(OptionalInt.of(80), NEIGHBOUR, PASSIVE, STRANGER))
        .allMatch(line -> Printable.width(line) <= 80)
        .first()
        .asString()
        .contains("ROLE", "RTT", "IN", "OUT", "SCORE", "NOTE");
  }

  @Test
  void theAnswerOfAnOlderNodeIsShownAsFarAsItGoes() throws Exception {
    assertThat(
            print(
                OptionalInt.of(80),
                "{\"nodeId\": null, \"address\": \"192.0.2.7:9001\", \"state\": \"CONNECTED\"}"))
        .last()
        .asString()
        .contains("192.0.2.7:9001", "connected");
  }
}
