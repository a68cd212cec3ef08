package io.cyphermesh.dashboard;

import com.google.gson.stream.JsonWriter;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.PeerBan;
import io.cyphermesh.core.view.NodeFacts;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.ScoreHistory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The JSON of the node itself, its settings, its log, and its peers' standing. */
final class NodeJson {
  private static final int GROUP = 4;

  private NodeJson() {}

  /**
   * What the node is.
   *
   * @param addresses where others may reach it
   * @param certificate SHA-256 of the dashboard's certificate; empty over plain HTTP
   */
  record Node(
      NodeStatus status, NodeFacts facts, List<HostPort> addresses, Optional<String> certificate) {}

  static void node(JsonWriter json, Node node) throws IOException {
    NodeStatus status = node.status();
    NodeFacts facts = node.facts();
    json.beginObject();
    json.name("nodeId").value(status.nodeId());
    json.name("fingerprint").value(grouped(status.nodeId()));
    json.name("keyAlgorithm").value(facts.keyAlgorithm());
    json.name("keyMadeAt").value(facts.keyMadeAt().map(Instant::toString).orElse(null));
    json.name("listening").value(status.listening().orElse(null));
    json.name("addresses").beginArray();
    for (HostPort address : node.addresses()) {
      json.value(address.toString());
    }
    json.endArray();
    json.name("version").value(status.version());
    json.name("java").value(java());
    json.name("system").value(system());
    json.name("cryptoProvider").value(status.cryptoProvider());
    json.name("startedAt").value(status.startedAt().toString());
    json.name("now").value(status.now().toString());
    json.name("uptimeSeconds")
        .value(Math.max(0, Duration.between(status.startedAt(), status.now()).toSeconds()));
    json.name("dataDirectory").value(facts.dataDirectory());
    json.name("databaseBytes").value(status.databaseBytes());
    json.name("freeBytes").value(facts.freeBytes().orElse(null));
    json.name("schema").value(facts.schema());
    json.name("certificateSha256").value(node.certificate().orElse(null));
    json.endObject();
  }

  /** For comparing by eye. */
  private static String grouped(String hex) {
    StringBuilder text = new StringBuilder(hex.length() * 5 / 4);
    for (int i = 0; i < hex.length(); i += GROUP) {
      text.append(i == 0 ? "" : " ").append(hex, i, Math.min(hex.length(), i + GROUP));
    }
    return text.toString();
  }

  private static String java() {
    return property("java.version") + " (" + property("java.vendor") + ")";
  }

  private static String system() {
    return property("os.name") + " " + property("os.version") + " " + property("os.arch");
  }

  private static String property(String name) {
    return System.getProperty(name, "?");
  }

  static void config(JsonWriter json, List<ProcessView.Setting> settings) throws IOException {
    json.beginObject();
    json.name("settings").beginArray();
    for (ProcessView.Setting setting : settings) {
      json.beginObject();
      json.name("path").value(setting.path());
      json.name("value").jsonValue(setting.json());
      json.name("source").value(setting.source().term());
      json.name("where").value(setting.where().orElse(null));
      json.name("masked").value(setting.masked());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  static void log(JsonWriter json, ProcessView.Log log) throws IOException {
    json.beginObject();
    json.name("file").value(log.file().orElse(null));
    json.name("lines").beginArray();
    for (ProcessView.Line line : log.lines()) {
      json.beginObject();
      json.name("level").value(line.level().orElse(null));
      json.name("text").value(line.text());
      json.endObject();
    }
    json.endArray();
    json.name("more").value(log.more());
    json.endObject();
  }

  static void history(JsonWriter json, String peer, ScoreHistory history) throws IOException {
    json.beginObject();
    json.name("peer").value(peer);
    json.name("from").value(history.from().toString());
    json.name("to").value(history.to().toString());
    json.name("slotSeconds").value(history.slot().toSeconds());
    json.name("points").beginArray();
    for (ScoreHistory.Point point : history.points()) {
      json.beginObject();
      json.name("at").value(point.at().toString());
      json.name("score").value(point.score());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  static void ban(JsonWriter json, PeerBan ban) throws IOException {
    json.beginObject();
    json.name("peer").value(ban.peer());
    json.name("banned").value(ban.banned());
    json.name("reputation").value(ban.reputation());
    json.name("blockedUntil").value(ban.blockedUntil().map(Instant::toString).orElse(null));
    json.name("changed").value(ban.changed());
    json.endObject();
  }
}
