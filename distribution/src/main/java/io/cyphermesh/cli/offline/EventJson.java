package io.cyphermesh.cli.offline;

import com.google.gson.JsonObject;
import com.google.gson.stream.MalformedJsonException;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.core.view.EventView;

/** Events from the database in the JSON that REST gives for them. */
public final class EventJson {
  private EventJson() {}

  /** The wire's object, and what this node knows of the event. */
  public static JsonObject of(EventView event) {
    JsonObject json = new JsonObject();
    json.addProperty("id", event.id());
    json.addProperty("source_ip", event.sourceIp());
    json.addProperty("threat_type", event.threatType());
    json.addProperty("severity", event.severity());
    json.addProperty("timestamp", event.timestamp());
    json.addProperty("reporter_pubkey", event.reporterPubkey());
    json.addProperty("signature", event.signature());
    event
        .detailsJson()
        .ifPresent(
            details -> {
              try {
                json.add("details", Json.object(details));
              } catch (MalformedJsonException e) {
                throw new IllegalStateException("details of " + event.id() + " are damaged", e);
              }
            });
    json.addProperty("seq", event.seq());
    json.addProperty("receivedAt", event.receivedAt().toString());
    json.addProperty("verified", event.verified());
    json.addProperty("reporterId", event.reporterId());
    json.addProperty("time", event.time().toString());
    json.addProperty("timeApproximate", event.timeApproximate());
    json.addProperty("local", event.local());
    json.addProperty("bare", event.bare());
    return json;
  }
}
