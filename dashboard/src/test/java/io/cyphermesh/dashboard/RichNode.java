package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.core.view.PluginView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Fills a node with what a busy mesh looks like, hostile text included. */
final class RichNode {
  private static final String[][] KINDS = {
    {"ssh-bruteforce", "high", "T1110.001", "ssh", "22"},
    {"port-scan", "low", "T1046", "tcp", "0"},
    {"web-exploit-attempt", "critical", "T1190", "https", "443"},
    {"sql-injection", "high", "T1190", "http", "80"},
    {"credential-stuffing", "medium", "T1110.004", "https", "443"},
    {"malware-callback", "critical", "T1071.001", "dns", "53"},
    {"directory-traversal", "medium", "T1083", "http", "8080"},
  };
  private static final String[] SOURCES = {
    "198.51.100.%d", "203.0.113.%d", "192.0.2.%d", "2001:db8:85a3::8a2e:370:%d"
  };
  private static final String[] REPORTERS = {
    "harbour", "lighthouse", "this node", "original python", "observatory", "harbour"
  };

  private RichNode() {}

  static void fill(FakeNode node, Instant now) {
    Random random = new Random(7);
    for (int i = 240; i > 0; i--) {
      String[] kind = KINDS[random.nextInt(KINDS.length)];
      String source = SOURCES[random.nextInt(SOURCES.length)].formatted(1 + random.nextInt(250));
      String reporter = REPORTERS[random.nextInt(REPORTERS.length)];
      String details =
          """
          {"confidence": %d, "count": %d, "description": "%s", "detector": {"plugin": \
          "log-watcher", "rule": "%s"}, "tags": ["internet-facing"], "target": {"port": %s, \
          "protocol": "tcp", "service": "%s"}, "technique": "%s", "tlp": "clear"}"""
              .formatted(
                  60 + random.nextInt(40),
                  1 + random.nextInt(90),
                  "Seen " + kind[0].replace('-', ' ') + " from one address",
                  kind[0],
                  kind[4],
                  kind[3],
                  kind[2]);
      node.store(
          reporter,
          source,
          kind[0],
          kind[1],
          reporter.startsWith("original") ? Optional.empty() : Optional.of(details),
          Duration.ofSeconds(i * 24L + random.nextInt(20)));
    }
    node.store(
        "observatory",
        "198.51.100.66",
        "<script>document.title='owned'</script>",
        "catastrophic",
        Optional.of("{\"description\": \"<img src=x onerror=alert(1)> \u202egnp.exe\"}"),
        Duration.ofSeconds(14));
    node.store(
        "this node",
        "203.0.113.7",
        "ssh-bruteforce",
        "high",
        Optional.of(
            "{\"confidence\": 95, \"count\": 24, \"first_seen\": \"2026-11-22T11:58:02.000Z\","
                + " \"target\": {\"port\": 22, \"protocol\": \"tcp\", \"service\": \"ssh\"},"
                + " \"technique\": \"T1110.001\", \"tlp\": \"clear\"}"),
        Duration.ofSeconds(3));

    peer(node, "lighthouse", "192.0.2.14:9001", PeerView.State.CONNECTED, "outbound", 184, now);
    peer(node, "harbour", "[2001:db8::41]:9001", PeerView.State.CONNECTED, "inbound", 77, now);
    peer(
        node, "observatory", "mesh.example.org:9001", PeerView.State.CONNECTED, "outbound", 9, now);
    node.peer(
        new PeerView(
            Optional.of(FakeNode.sha256("quarry")),
            Optional.of("198.51.100.23:9001"),
            PeerView.State.DISCONNECTED,
            Optional.empty(),
            Optional.empty(),
            -12,
            true,
            Optional.empty(),
            0,
            4,
            Optional.of(now.minusSeconds(900)),
            Optional.of(now.minusSeconds(900)),
            Optional.of("banned: 4 events with invalid signatures")));
    node.peer(
        new PeerView(
            Optional.empty(),
            Optional.of("203.0.113.80:9001"),
            PeerView.State.DISCONNECTED,
            Optional.empty(),
            Optional.empty(),
            0,
            false,
            Optional.empty(),
            0,
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.of("connection refused; next try in 40 s")));
    plugin(node, "lan-discovery", "discovery", "ACTIVE", "Finds nodes on the local network", 0);
    plugin(node, "log-watcher", "detector", "ACTIVE", "Detects attacks in log files", 1_284);
    node.plugin(
        new PluginView(
            "suricata-bridge",
            "0.1.0",
            "CypherMesh",
            "Turns Suricata alerts into events",
            "^0.1.0",
            List.of("detector"),
            "FAILED",
            now.minusSeconds(40),
            312,
            2,
            3,
            Optional.of("/var/log/suricata/eve.json: permission denied"),
            Optional.of("at io.cyphermesh.suricata.EveFiles.run(EveFiles.java:61)"),
            Optional.of(now.plusSeconds(95)),
            Optional.empty(),
            Optional.empty(),
            List.of()));
    plugin(node, "tcp-transport", "transport", "ACTIVE", "TLS 1.3 links between nodes", 0);
  }

  private static void peer(
      FakeNode node,
      String name,
      String address,
      PeerView.State state,
      String direction,
      long reputation,
      Instant now) {
    node.peer(
        new PeerView(
            Optional.of(FakeNode.sha256(name)),
            Optional.of(address),
            state,
            Optional.of(direction),
            Optional.of("cyphermesh/0.1.0"),
            reputation,
            false,
            Optional.empty(),
            reputation,
            0,
            Optional.of(now.minusSeconds(7_200)),
            Optional.of(now),
            Optional.empty()));
  }

  private static void plugin(
      FakeNode node, String id, String kind, String state, String description, long produced) {
    node.plugin(
        new PluginView(
            id,
            "0.1.0",
            "CypherMesh",
            description,
            "^0.1.0",
            List.of(kind),
            state,
            Instant.EPOCH,
            produced,
            0,
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of()));
  }
}
