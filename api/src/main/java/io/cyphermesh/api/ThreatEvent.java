package io.cyphermesh.api;

import java.time.Instant;
import java.util.Optional;

/**
 * A signed and verified event, as the node stored it.
 *
 * @param id its name; of an event that lost its details on the way through a version 1 node, the
 *     name it is stored under
 * @param sourceIp the observable: an IP address, or for other kinds the indicator's value
 * @param threatType what it did
 * @param severity how bad it is
 * @param time when it was reported
 * @param timeApproximate whether the time's zone is unknown: events of version 1 nodes
 * @param tlp with whom it may be shared
 * @param reporter who signed it
 * @param local whether this node itself reported it
 * @param receivedAt when this node stored it
 * @param detailsJson the canonical JSON text of its details, where it has any
 * @param signedJson the whole event as the wire carries it, canonical JSON, with the reporter's
 *     public key and signature: whoever gets it can verify it without trusting this node
 */
public record ThreatEvent(
    EventId id,
    String sourceIp,
    String threatType,
    Severity severity,
    Instant time,
    boolean timeApproximate,
    Tlp tlp,
    NodeId reporter,
    boolean local,
    Instant receivedAt,
    Optional<String> detailsJson,
    String signedJson) {

  /**
   * The event as one JSON object on one line, in ASCII: every other character is escaped. The names
   * are {@code id}, {@code source_ip}, {@code threat_type}, {@code severity}, {@code time}, {@code
   * time_approximate}, {@code tlp}, {@code reporter}, {@code local}, {@code received_at} and, where
   * it has any, {@code details}, in this order; times are as ISO 8601 writes them, in UTC.
   */
  public String toJson() {
    return json().toString();
  }

  /** As {@link #toJson}, with {@link #signedJson} as the string {@code signed} at the end. */
  public String toVerifiableJson() {
    return json().string("signed", signedJson).toString();
  }

  private JsonLine json() {
    JsonLine json =
        new JsonLine()
            .string("id", id.hex())
            .string("source_ip", sourceIp)
            .string("threat_type", threatType)
            .string("severity", severity.label())
            .string("time", time.toString())
            .literal("time_approximate", Boolean.toString(timeApproximate))
            .string("tlp", tlp.label())
            .string("reporter", reporter.hex())
            .literal("local", Boolean.toString(local))
            .string("received_at", receivedAt.toString());
    detailsJson.ifPresent(details -> json.literal("details", details));
    return json;
  }
}
