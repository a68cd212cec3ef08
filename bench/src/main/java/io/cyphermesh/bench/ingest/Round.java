package io.cyphermesh.bench.ingest;

import java.util.Map;

/**
 * What one phase came to.
 *
 * @param events how many were sent and stored
 * @param received seconds until the last was received
 * @param verified seconds until the last was verified
 * @param committed seconds until the last was committed
 * @param nodeCpu nanoseconds of CPU by stage
 * @param loadCpu nanoseconds of CPU of the load process
 */
record Round(
    int events,
    double received,
    double verified,
    double committed,
    Map<Stage, Long> nodeCpu,
    long loadCpu) {
  Round {
    nodeCpu = Map.copyOf(nodeCpu);
  }

  double perSecond() {
    return events / committed;
  }

  double nodeCpuMicros() {
    return nodeCpu.values().stream().mapToLong(Long::longValue).sum() / 1e3 / events;
  }

  double loadCpuMicros() {
    return loadCpu / 1e3 / events;
  }
}
