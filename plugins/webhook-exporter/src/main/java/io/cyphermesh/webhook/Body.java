package io.cyphermesh.webhook;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.ThreatEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** What is posted; docs/exporters.md names each field. */
final class Body {
  private Body() {}

  /** A JSON object in ASCII, as its events are. */
  static byte[] of(NodeId node, long lost, List<ThreatEvent> events) {
    return events.stream()
        .map(ThreatEvent::toVerifiableJson)
        .collect(
            Collectors.joining(
                ",",
                "{\"type\":\"cyphermesh.events\",\"node\":\""
                    + node.hex()
                    + "\",\"lost\":"
                    + lost
                    + ",\"events\":[",
                "]}"))
        .getBytes(StandardCharsets.US_ASCII);
  }
}
