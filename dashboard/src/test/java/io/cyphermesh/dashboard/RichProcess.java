package io.cyphermesh.dashboard;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Settings and a log as a node in service has them, hostile text included. */
record RichProcess(InstantSource clock) implements ProcessView {
  private static final String[][] DEFAULTS = {
    {"host", "\"0.0.0.0\""},
    {"dashboard.host", "\"127.0.0.1\""},
    {"dashboard.port", "5050"},
    {"dashboard.public-read", "false"},
    {"discovery.lan", "true"},
    {"limits.event.details", "16384"},
    {"limits.link.frame", "131072"},
    {"limits.link.hello", "\"10 s\""},
    {"limits.peers.linked", "32"},
    {"mesh.active", "7"},
    {"mesh.passive", "42"},
    {"network.dns-seeds", "[]"},
    {"reputation.ban-below", "-10"},
    {"reputation.block", "\"1 h\""},
    {"store.page-cache", "\"64 MiB\""},
    {"store.retention", "\"90 d\""},
  };
  private static final String[][] LINES = {
    {"INFO", "MeshNode", "listening on 0.0.0.0:9001"},
    {"INFO", "PluginHost", "log-watcher 0.1.0 is active"},
    {"INFO", "Links", "linked with 192.0.2.14:9001 (b370de14e941), active"},
    {"WARN", "Supervisor", "suricata-bridge failed: /var/log/suricata/eve.json: permission denied"},
    {"INFO", "Reconciliation", "compared with 192.0.2.201:9001: nothing to fetch"},
    {"DEBUG", "Broadcast", "grafted 203.0.113.140:9001"},
    {"ERROR", "Links", "<script>document.title='owned'</script> \u202egnp.exe is no HELLO"},
    {"INFO", "Housekeeping", "deleted 1,204 events older than 90 d"},
  };

  @Override
  public List<Setting> settings() {
    List<Setting> all = new ArrayList<>();
    for (String[] each : DEFAULTS) {
      all.add(new Setting(each[0], each[1], Source.DEFAULT, Optional.empty(), false));
    }
    all.add(
        new Setting(
            "plugins.log-watcher.files",
            "[\"/var/log/auth.log\",\"/var/log/nginx/access.log\"]",
            Source.FILE,
            Optional.of("/etc/cyphermesh/cyphermesh.conf:12"),
            false));
    all.add(
        new Setting(
            "plugins.webhook-exporter.secret",
            "\"[removed]\"",
            Source.FILE,
            Optional.of("/etc/cyphermesh/cyphermesh.conf:21"),
            true));
    all.add(new Setting("port", "9001", Source.COMMAND_LINE, Optional.of("--port"), false));
    all.add(
        new Setting(
            "seeds",
            "[\"mesh.example.org:9001\"]",
            Source.ENVIRONMENT,
            Optional.of("CYPHER_SEEDS"),
            false));
    return all;
  }

  @Override
  public Log log(int lines) {
    List<Line> all = new ArrayList<>();
    Instant now = clock.instant();
    for (int i = 0; i < 64; i++) {
      String[] each = LINES[i % LINES.length];
      all.add(
          new Line(
              Optional.of(each[0]),
              "%s %-5s %s  %s"
                  .formatted(now.minusSeconds(4L * (64 - i)), each[0], each[1], each[2])));
    }
    return new Log(Optional.of("/var/lib/cyphermesh/logs/cyphermesh.log"), all, true);
  }
}
