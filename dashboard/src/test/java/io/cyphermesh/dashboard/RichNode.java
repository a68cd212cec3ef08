package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.PeerView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

  private static final String[] PERSISTENT = {
    "203.0.113.89", "198.51.100.14", "192.0.2.200", "203.0.113.17", "2001:db8:85a3::8a2e:370:5"
  };

  private RichNode() {}

  /** Seconds, the oldest first: attacks come in waves. */
  private static List<Integer> ages(Random random) {
    List<Integer> ages = new ArrayList<>();
    double age = 30;
    for (int i = 0; i < 240; i++) {
      ages.add((int) age);
      age += 2 + 22 * (1.2 + Math.sin(i / 17.0)) * random.nextDouble();
    }
    return ages.reversed();
  }

  /** Some sources are seen again and again, most once or twice. */
  private static String source(Random random) {
    int rank = random.nextInt(5);
    int other = random.nextInt(5);
    return random.nextInt(100) < 45
        ? PERSISTENT[Math.min(rank, other)]
        : SOURCES[random.nextInt(SOURCES.length)].formatted(1 + random.nextInt(250));
  }

  static void fill(FakeNode node, Instant now) {
    node.counts = true;
    Random random = new Random(7);
    for (int age : ages(random)) {
      String[] kind = KINDS[random.nextInt(KINDS.length)];
      String source = source(random);
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
          Duration.ofSeconds(age));
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

    Peers.fill(node, now);
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
            Optional.of("banned: 4 events with invalid signatures"),
            Optional.empty(),
            false,
            Optional.of(FakeNode.sha256("quarry")),
            false));
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
            Optional.of("connection refused; next try in 40 s"),
            Optional.empty(),
            false,
            Optional.empty(),
            false));
    node.plugin(
        Plugins.refusedJar(
            "/var/lib/cyphermesh/plugins/honeypot bridge.jar",
            "it needs version ^0.3.0 of the plugin api; this node has 0.1.0",
            now.minusSeconds(7_300)));
    node.plugin(
        Plugins.of("lan-discovery", "discovery", "ACTIVE", now.minusSeconds(277_000))
            .says("Finds nodes on the local network")
            .counts(4, 0, 0)
            .view());
    node.plugin(
        Plugins.of("log-watcher", "detector", "ACTIVE", now.minusSeconds(277_000))
            .says("Detects attacks in log files")
            .counts(1_284, 0, 0)
            .view());
    node.plugin(
        Plugins.of("suricata-bridge", "detector", "FAILED", now.minusSeconds(40))
            .says("Turns Suricata alerts into events")
            .counts(312, 2, 3)
            .failing(
                "/var/log/suricata/eve.json: permission denied",
                "at io.cyphermesh.suricata.EveFiles.run(EveFiles.java:61)",
                now.plusSeconds(95))
            .view());
    node.plugin(
        Plugins.of("syslog-exporter", "exporter", "DISABLED", now.minusSeconds(86_500))
            .says("Sends events to a SIEM by syslog")
            .view());
    node.plugin(
        Plugins.of("tcp-transport", "transport", "ACTIVE", now.minusSeconds(277_000))
            .says("TLS 1.3 links between nodes")
            .view());
    node.plugin(
        Plugins.of("webhook-exporter", "exporter", "ACTIVE", now.minusSeconds(5_400))
            .says("Posts events as JSON")
            .counts(20_488, 0, 1)
            .behind(1_930, now.minusSeconds(95), 0)
            .view());
  }
}
