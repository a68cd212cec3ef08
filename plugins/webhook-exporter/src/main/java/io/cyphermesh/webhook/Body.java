package io.cyphermesh.webhook;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.ThreatEvent;
import java.nio.charset.StandardCharsets;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** What is posted; docs/webhook-exporter.md names each field. */
final class Body {
  private Body() {}

  static byte[] of(NodeId node, long lost, List<ThreatEvent> events) {
    JsonObject body = new JsonObject();
    body.addProperty("type", "cyphermesh.events");
    body.addProperty("node", node.hex());
    body.addProperty("lost", lost);
    JsonArray list = new JsonArray(events.size());
    events.forEach(event -> list.add(json(event)));
    body.add("events", list);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonObject json(ThreatEvent event) {
    JsonObject json = new JsonObject();
    json.addProperty("id", event.id().hex());
    json.addProperty("source_ip", event.sourceIp());
    json.addProperty("threat_type", event.threatType());
    json.addProperty("severity", event.severity().label());
    json.addProperty("time", DateTimeFormatter.ISO_INSTANT.format(event.time()));
    json.addProperty("time_approximate", event.timeApproximate());
    json.addProperty("tlp", event.tlp().label());
    json.addProperty("reporter", event.reporter().hex());
    json.addProperty("local", event.local());
    json.addProperty("received_at", DateTimeFormatter.ISO_INSTANT.format(event.receivedAt()));
    event.detailsJson().ifPresent(text -> json.add("details", JsonParser.parseString(text)));
    json.addProperty("signed", event.signedJson());
    return json;
  }
}
