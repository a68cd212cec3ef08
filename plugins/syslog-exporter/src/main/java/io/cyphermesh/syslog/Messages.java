package io.cyphermesh.syslog;

import io.cyphermesh.api.ThreatEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes events as messages that a receiver takes whole. What a receiver cuts off it may take for
 * another message, whose header would then be whatever a stranger wrote into his event.
 */
final class Messages {
  private final Header header;
  private final List<Body> bodies;
  private final int max;

  /**
   * @param bodies the fullest first; the first that fits is taken
   * @param max bytes of a message
   */
  Messages(Header header, List<Body> bodies, int max) {
    this.header = header;
    this.bodies = List.copyOf(bodies);
    this.max = max;
  }

  /** An event as JSON, with less where that is too long. */
  static List<Body> json(boolean signed) {
    Body bare = event -> withoutDetails(event).toJson();
    return signed
        ? List.of(ThreatEvent::toVerifiableJson, ThreatEvent::toJson, bare)
        : List.of(ThreatEvent::toJson, bare);
  }

  private static ThreatEvent withoutDetails(ThreatEvent event) {
    return new ThreatEvent(
        event.id(),
        event.sourceIp(),
        event.threatType(),
        event.severity(),
        event.time(),
        event.timeApproximate(),
        event.tlp(),
        event.reporter(),
        event.local(),
        event.receivedAt(),
        Optional.empty(),
        event.signedJson());
  }

  /** The message, cut at the end of a character where nothing fits. */
  byte[] of(ThreatEvent event) {
    byte[] message = {};
    for (Body body : bodies) {
      message = header.message(event, body.of(event)).getBytes(StandardCharsets.UTF_8);
      if (message.length <= max) {
        return message;
      }
    }
    int end = max;
    while ((message[end] & 0xc0) == 0x80) {
      end--;
    }
    return Arrays.copyOf(message, end);
  }
}
