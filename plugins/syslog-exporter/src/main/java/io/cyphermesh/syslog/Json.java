package io.cyphermesh.syslog;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.ThreatEvent;
import java.time.format.DateTimeFormatter;

/** One JSON object, with the field names of the node's REST API. */
final class Json implements Body {
  private final boolean signed;

  Json(boolean signed) {
    this.signed = signed;
  }

  @Override
  public String of(ThreatEvent event) {
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
    if (signed) {
      json.addProperty("signed", event.signedJson());
    }
    return json.toString();
  }
}
