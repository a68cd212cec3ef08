package io.cyphermesh.suricata;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Builds EVE records for tests. */
final class Eve {

  static final String ATTACKER = "203.0.113.7";
  static final String OTHER = "198.51.100.9";
  static final String HOME = "192.168.1.10";

  private final JsonObject json = new JsonObject();
  private final JsonObject alert = new JsonObject();

  private Eve() {}

  /** An alert on a packet from {@code source} to {@code destination}, port 40000 to 80. */
  static Eve alert(String source, String destination) {
    Eve eve = new Eve();
    eve.json.addProperty("timestamp", "2026-11-22T11:00:00.000000+0000");
    eve.json.addProperty("flow_id", 1_258_832_998_001_901L);
    eve.json.addProperty("event_type", "alert");
    eve.json.addProperty("src_ip", source);
    eve.json.addProperty("src_port", 40_000);
    eve.json.addProperty("dest_ip", destination);
    eve.json.addProperty("dest_port", 80);
    eve.json.addProperty("proto", "TCP");
    eve.alert.addProperty("action", "allowed");
    eve.alert.addProperty("gid", 1);
    eve.alert.addProperty("signature_id", 2_034_125);
    eve.alert.addProperty("rev", 4);
    eve.alert.addProperty("signature", "ET EXPLOIT Path Traversal Attempt");
    eve.alert.addProperty("category", "Web Application Attack");
    eve.alert.addProperty("severity", 1);
    eve.json.add("alert", eve.alert);
    return eve;
  }

  /** Sets a top-level key. */
  Eve with(String key, Object value) {
    put(json, key, value);
    return this;
  }

  Eve without(String key) {
    json.remove(key);
    return this;
  }

  /** Sets a key in {@code alert}. */
  Eve rule(String key, Object value) {
    put(alert, key, value);
    return this;
  }

  Eve withoutRule(String key) {
    alert.remove(key);
    return this;
  }

  /** Sets {@code object.key}, at the top. */
  Eve in(String object, String key, Object value) {
    put(child(json, object), key, value);
    return this;
  }

  /** Sets {@code alert.source.ip} or {@code alert.target.ip}. */
  Eve side(String side, String address) {
    put(child(alert, side), "ip", address);
    return this;
  }

  Eve metadata(String key, String... values) {
    JsonArray array = new JsonArray();
    List.of(values).forEach(array::add);
    child(alert, "metadata").add(key, array);
    return this;
  }

  Eve at(String time) {
    return with("timestamp", time);
  }

  private static JsonObject child(JsonObject parent, String key) {
    if (!parent.has(key)) {
      parent.add(key, new JsonObject());
    }
    return parent.getAsJsonObject(key);
  }

  private static void put(JsonObject object, String key, Object value) {
    object.add(
        key,
        value instanceof Number number
            ? new JsonPrimitive(number)
            : new JsonPrimitive(value.toString()));
  }

  JsonObject json() {
    return json;
  }

  String line() {
    return json.toString();
  }

  /** The lines of a fixture. */
  static List<String> file(String name) throws IOException {
    try (InputStream in = Eve.class.getResourceAsStream("/" + name)) {
      if (in == null) {
        throw new IOException("no fixture " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
