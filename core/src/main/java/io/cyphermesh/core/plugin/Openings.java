package io.cyphermesh.core.plugin;

import java.util.Optional;

/**
 * What the node is ready for by now. An extension waits in {@code RESOLVED} until its place is
 * open.
 *
 * @param detectors whether reports are taken
 * @param exporters where events come from
 * @param discoveries who takes addresses of peers
 * @param noDiscoveries whether the operator does not want any
 * @param transports who uses transports
 */
record Openings(
    boolean detectors,
    Optional<ExporterWork.Node> exporters,
    Optional<DiscoverySink> discoveries,
    boolean noDiscoveries,
    Optional<TransportUser> transports) {
  static Openings none() {
    return new Openings(false, Optional.empty(), Optional.empty(), false, Optional.empty());
  }

  Openings withDetectors() {
    return new Openings(true, exporters, discoveries, noDiscoveries, transports);
  }

  Openings with(ExporterWork.Node node) {
    return new Openings(detectors, Optional.of(node), discoveries, noDiscoveries, transports);
  }

  Openings with(DiscoverySink sink) {
    return new Openings(detectors, exporters, Optional.of(sink), false, transports);
  }

  Openings withoutDiscoveries() {
    return new Openings(detectors, exporters, Optional.empty(), true, transports);
  }

  Openings with(TransportUser user) {
    return new Openings(detectors, exporters, discoveries, noDiscoveries, Optional.of(user));
  }
}
