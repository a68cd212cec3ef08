package io.cyphermesh.bench.data;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Suricata's eve.json of a small site: mostly flows, DNS, TLS and HTTP of its own people, now and
 * then an alert, mostly of scans from outside.
 */
final class EveLog {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxx", Locale.ROOT);
  private static final String[] NETWORKS = {"192.0.2.", "198.51.100.", "203.0.113."};
  private static final String[] NAMES = {
    "www.example.com", "mail.example.net", "cdn.example.org", "updates.example.com", "api.example"
  };
  private static final String[][] SIGNATURES = {
    {"2001219", "ET SCAN Potential SSH Scan", "Attempted Information Leak", "2"},
    {"2010935", "ET SCAN Suspicious inbound to MSSQL port 1433", "Potentially Bad Traffic", "2"},
    {"2024364", "ET SCAN Possible Nmap User-Agent Observed", "Web Application Attack", "1"},
    {"2019401", "ET POLICY Vulnerable Java Version", "Potentially Bad Traffic", "2"},
    {"2002752", "ET POLICY Reserved Internal IP Traffic", "Not Suspicious Traffic", "3"},
    {"2034567", "ET EXPLOIT Log4j RCE Attempt", "Attempted Administrator Privilege Gain", "1"}
  };

  private final RandomGenerator random;
  private OffsetDateTime time = OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 0, ZoneOffset.ofHours(1));

  EveLog(RandomGenerator random) {
    this.random = random;
  }

  /** The next record. */
  String next() {
    time = time.plusNanos(random.nextLong(20_000_000L));
    int kind = random.nextInt(100);
    if (kind < 40) {
      return flow();
    } else if (kind < 62) {
      return dns();
    } else if (kind < 78) {
      return tls();
    } else if (kind < 88) {
      return http();
    } else if (kind < 90) {
      return stats();
    }
    return alert();
  }

  private String outside() {
    return NETWORKS[random.nextInt(NETWORKS.length)] + (1 + random.nextInt(254));
  }

  private String home() {
    return "10.0.0." + (2 + random.nextInt(100));
  }

  private int port() {
    return 30_000 + random.nextInt(35_000);
  }

  private long flowId() {
    return 100_000_000_000_000L + random.nextLong(2_000_000_000_000_000L);
  }

  private String head(String type, String source, int sourcePort, String target, int targetPort) {
    return "{\"timestamp\":\""
        + STAMP.format(time)
        + "\",\"flow_id\":"
        + flowId()
        + ",\"in_iface\":\"eth0\",\"event_type\":\""
        + type
        + "\",\"src_ip\":\""
        + source
        + "\",\"src_port\":"
        + sourcePort
        + ",\"dest_ip\":\""
        + target
        + "\",\"dest_port\":"
        + targetPort
        + ",\"proto\":\"TCP\"";
  }

  private String flowPart() {
    String stamp = STAMP.format(time.minusSeconds(random.nextInt(60)));
    return "\"flow\":{\"pkts_toserver\":"
        + (1 + random.nextInt(200))
        + ",\"pkts_toclient\":"
        + random.nextInt(200)
        + ",\"bytes_toserver\":"
        + (60 + random.nextInt(20_000))
        + ",\"bytes_toclient\":"
        + random.nextInt(200_000)
        + ",\"start\":\""
        + stamp
        + "\"";
  }

  private String flow() {
    return head("flow", home(), port(), outside(), 443)
        + ",\"app_proto\":\"tls\","
        + flowPart()
        + ",\"end\":\""
        + STAMP.format(time)
        + "\",\"age\":"
        + random.nextInt(60)
        + ",\"state\":\"closed\",\"reason\":\"timeout\",\"alerted\":false},\"tcp\":{\"tcp_flags\":\"1b\","
        + "\"tcp_flags_ts\":\"1b\",\"tcp_flags_tc\":\"1b\",\"syn\":true,\"fin\":true,\"psh\":true,"
        + "\"ack\":true,\"state\":\"closed\"}}";
  }

  private String dns() {
    return head("dns", home(), port(), "10.0.0.1", 53)
        + ",\"dns\":{\"type\":\"query\",\"id\":"
        + random.nextInt(65_536)
        + ",\"rrname\":\""
        + NAMES[random.nextInt(NAMES.length)]
        + "\",\"rrtype\":\"A\",\"tx_id\":0,\"opcode\":0}}";
  }

  private String tls() {
    String name = NAMES[random.nextInt(NAMES.length)];
    return head("tls", home(), port(), outside(), 443)
        + ",\"tls\":{\"subject\":\"CN="
        + name
        + "\",\"issuerdn\":\"C=ZZ, O=Example Trust, CN=Example CA\",\"serial\":\"0A:1B:2C\",\"sni\":\""
        + name
        + "\",\"version\":\"TLS 1.3\",\"notbefore\":\"2026-01-01T00:00:00\","
        + "\"notafter\":\"2026-04-01T00:00:00\",\"ja3\":{},\"ja3s\":{}}}";
  }

  private String http() {
    return head("http", home(), port(), outside(), 80)
        + ",\"tx_id\":0,\"http\":{\"hostname\":\""
        + NAMES[random.nextInt(NAMES.length)]
        + "\",\"url\":\"/index.html?q="
        + random.nextInt(1_000_000)
        + "\",\"http_user_agent\":\"Mozilla/5.0 (X11; Linux x86_64)\",\"http_content_type\":"
        + "\"text/html\",\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\",\"status\":200,\"length\":"
        + random.nextInt(100_000)
        + "}}";
  }

  private String stats() {
    StringBuilder out =
        new StringBuilder("{\"timestamp\":\"")
            .append(STAMP.format(time))
            .append("\",\"event_type\":\"stats\",\"stats\":{\"uptime\":")
            .append(random.nextInt(1_000_000))
            .append(",\"decoder\":{");
    for (String name :
        new String[] {
          "pkts", "bytes", "invalid", "ipv4", "ipv6", "ethernet", "tcp", "udp", "sctp"
        }) {
      out.append('"').append(name).append("\":").append(random.nextInt(1_000_000)).append(',');
    }
    return out.append("\"max_pkt_size\":1514}}}").toString();
  }

  private String alert() {
    String[] rule = SIGNATURES[random.nextInt(SIGNATURES.length)];
    // An alert on a client's own traffic names that client as its source.
    boolean ofOwnClient = rule[1].contains("POLICY");
    String source = ofOwnClient ? home() : outside();
    String target = ofOwnClient ? outside() : home();
    return head("alert", source, port(), target, ofOwnClient ? 80 : 22)
        + ",\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":"
        + rule[0]
        + ",\"rev\":20,\"signature\":\""
        + rule[1]
        + "\",\"category\":\""
        + rule[2]
        + "\",\"severity\":"
        + rule[3]
        + ",\"metadata\":{\"mitre_tactic_id\":[\"TA0043\"],\"mitre_technique_id\":[\"T1595\"],"
        + "\"updated_at\":[\"2025_06_01\"]}},\"app_proto\":\"ssh\",\"direction\":\"to_server\","
        + flowPart()
        + "},\"payload\":\""
        + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo".repeat(1 + random.nextInt(6))
        + "\",\"stream\":1}";
  }
}
