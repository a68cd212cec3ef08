package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Detector;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.PeerDiscovery;
import io.cyphermesh.api.Transport;
import java.util.Locale;
import org.pf4j.ExtensionPoint;

/** What a plugin can extend. Grows with the api. */
enum ExtensionKind {
  DETECTOR(Detector.class),
  TRANSPORT(Transport.class),
  DISCOVERY(PeerDiscovery.class),
  EXPORTER(Exporter.class);

  private final Class<? extends ExtensionPoint> point;

  ExtensionKind(Class<? extends ExtensionPoint> point) {
    this.point = point;
  }

  Class<? extends ExtensionPoint> point() {
    return point;
  }

  String serviceFile() {
    return "META-INF/services/" + point.getName();
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
