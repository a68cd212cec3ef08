package io.cyphermesh.core.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.Canonical;
import io.cyphermesh.core.identity.ReporterKey;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Events between JSON and record: the form that wire-protocol 3 asks for, and nothing about truth.
 */
public final class EventCodec {
  /** Largest canonical form, signature included, in bytes. */
  public static final int MAX_EVENT_BYTES = 16 * 1024;

  /** Largest canonical form of the details, in bytes. */
  public static final int MAX_DETAILS_BYTES = 8 * 1024;

  /** Deepest nesting of the details, the details themselves being the first level. */
  public static final int MAX_DETAILS_DEPTH = 6;

  private static final long MAX_INTEGER = (1L << 53) - 1;

  /** Of the last digit of 256 bytes only two bits count; the others are zero. */
  private static final String LAST_DIGITS = "AQgw";

  private EventCodec() {}

  /**
   * Reads an event. Keys that no event has are left aside: what is kept and sent on is the
   * canonical form.
   *
   * @throws MalformedEventException if a field is missing or not as it should be; the message names
   *     it
   */
  public static SignedEvent read(JsonObject json) throws MalformedEventException {
    String id = text(json, "id");
    EventId eventId;
    try {
      eventId = new EventId(id);
    } catch (IllegalArgumentException e) {
      throw new MalformedEventException("id is not 64 lower-case hexadecimal digits");
    }
    ReporterKey reporter =
        ReporterKey.ofPem(text(json, "reporter_pubkey"))
            .orElseThrow(
                () ->
                    new MalformedEventException(
                        "reporter_pubkey is not the PEM of an RSA-2048 key"));
    SignedEvent event =
        new SignedEvent(
            eventId,
            text(json, "source_ip"),
            text(json, "threat_type"),
            text(json, "severity"),
            text(json, "timestamp"),
            reporter,
            signature(text(json, "signature")),
            json.has("details") ? Optional.of(details(json.get("details"))) : Optional.empty());
    if (event.canonicalLength() > MAX_EVENT_BYTES) {
      throw new MalformedEventException("the event is larger than " + MAX_EVENT_BYTES + " bytes");
    }
    return event;
  }

  private static String text(JsonObject json, String field) throws MalformedEventException {
    if (json.get(field) instanceof JsonPrimitive value && value.isString()) {
      return value.getAsString();
    }
    throw new MalformedEventException(field + (json.has(field) ? " is no text" : " is missing"));
  }

  private static byte[] signature(String base64) throws MalformedEventException {
    if (base64.length() == SignedEvent.SIGNATURE_CHARS
        && base64.endsWith("==")
        && LAST_DIGITS.indexOf(base64.charAt(SignedEvent.SIGNATURE_CHARS - 3)) >= 0) {
      try {
        byte[] signature = Base64.getDecoder().decode(base64);
        if (signature.length == SignedEvent.SIGNATURE_BYTES) {
          return signature;
        }
      } catch (IllegalArgumentException e) {
        // Said below, for all that is not exactly the encoding of 256 bytes.
      }
    }
    throw new MalformedEventException("signature is not the base64 of 256 bytes");
  }

  /**
   * Reads details.
   *
   * @throws MalformedEventException if they are not as wire-protocol 3.1 asks
   */
  public static SignedEvent.Details details(JsonElement json) throws MalformedEventException {
    if (!(json instanceof JsonObject object) || object.isEmpty()) {
      throw new MalformedEventException("details is no non-empty object");
    }
    check(object, 1);
    String text = Canonical.of(object);
    if (text.length() > MAX_DETAILS_BYTES) {
      throw new MalformedEventException("details is larger than " + MAX_DETAILS_BYTES + " bytes");
    }
    Optional<String> tlp =
        Optional.ofNullable(object.get("tlp"))
            .map(
                t ->
                    t instanceof JsonPrimitive p && p.isString()
                        ? p.getAsString()
                        : "not a text: " + t);
    return new SignedEvent.Details(text, tlp, object.has("retracts"));
  }

  /** Whether what is said to stand in details stands in their text. */
  public static boolean isParsedFrom(SignedEvent.Details details) {
    try {
      return details(StrictJson.object(details.json())).equals(details);
    } catch (MalformedEventException | ProtocolException e) {
      return false;
    }
  }

  private static void check(JsonElement element, int depth) throws MalformedEventException {
    if (depth > MAX_DETAILS_DEPTH && !element.isJsonPrimitive() && !element.isJsonNull()) {
      throw new MalformedEventException("details is nested deeper than " + MAX_DETAILS_DEPTH);
    }
    switch (element) {
      case JsonObject object -> {
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
          if (!isKey(entry.getKey())) {
            throw new MalformedEventException("a key in details is not [a-z][a-z0-9_]{0,63}");
          }
          check(entry.getValue(), depth + 1);
        }
      }
      case JsonArray array -> {
        for (JsonElement item : array) {
          check(item, depth + 1);
        }
      }
      case JsonPrimitive value when value.isNumber() -> {
        if (!isInteger(value.getAsString())) {
          throw new MalformedEventException("a number in details is no integer within 2^53");
        }
      }
      default -> {}
    }
  }

  private static boolean isKey(String key) {
    if (key.isEmpty() || key.length() > 64 || key.charAt(0) < 'a' || key.charAt(0) > 'z') {
      return false;
    }
    for (int i = 1; i < key.length(); i++) {
      char c = key.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isInteger(String text) {
    int first = text.startsWith("-") ? 1 : 0;
    if (text.length() - first > 16 || text.length() == first) {
      return false;
    }
    for (int i = first; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    if (text.charAt(first) == '0') {
      return text.equals("0");
    }
    return Math.abs(Long.parseLong(text)) <= MAX_INTEGER;
  }
}
