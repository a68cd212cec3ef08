package io.cyphermesh.dashboard;

import com.google.gson.stream.JsonWriter;
import io.cyphermesh.core.view.EventView;
import java.io.IOException;

/** The JSON of an event: the wire's object, and what this node knows of it. */
public final class EventJson {
  private EventJson() {}

  /** The event as one JSON object. */
  public static String text(EventView event) {
    return text(event, Geo.NONE);
  }

  static String text(EventView event, Geo geo) {
    return Json.text(json -> write(json, event, geo));
  }

  static void write(JsonWriter json, EventView event, Geo geo) throws IOException {
    json.beginObject();
    json.name("id").value(event.id());
    json.name("source_ip").value(event.sourceIp());
    json.name("threat_type").value(event.threatType());
    json.name("severity").value(event.severity());
    json.name("timestamp").value(event.timestamp());
    json.name("reporter_pubkey").value(event.reporterPubkey());
    json.name("signature").value(event.signature());
    if (event.detailsJson().isPresent()) {
      // Verbatim: the canonical text is what was signed.
      json.name("details").jsonValue(event.detailsJson().get());
    }
    json.name("key").value(event.key());
    json.name("seq").value(event.seq());
    json.name("receivedAt").value(event.receivedAt().toString());
    json.name("verified").value(event.verified());
    json.name("reporterId").value(event.reporterId());
    json.name("time").value(event.time().toString());
    json.name("timeApproximate").value(event.timeApproximate());
    json.name("local").value(event.local());
    json.name("bare").value(event.bare());
    json.name("deliveredBy").value(event.deliveredBy().orElse(null));
    geo.write(json, event.sourceIp());
    json.endObject();
  }
}
