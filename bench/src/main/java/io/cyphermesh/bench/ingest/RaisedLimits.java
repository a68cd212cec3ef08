package io.cyphermesh.bench.ingest;

/** Settings under which no limit of the node is what is measured. */
final class RaisedLimits {
  private RaisedLimits() {}

  /** The node's cyphermesh.conf. */
  static String text() {
    return """
        limits.transport.handshakes-per-second = 1000
        limits.link {
          events-per-second = 1000000, events-burst = 1000000
          bytes-per-second = 2 GiB, bytes-burst = 2 GiB
          control-per-second = 100000
          in-flight = 512
        }
        limits.reporter {
          per-second = 1000000, burst = 1000000
          newcomers-per-second = 1000000, newcomers-burst = 1000000
        }
        plugins.log-watcher.enabled = false
        """;
  }
}
