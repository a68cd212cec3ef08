package io.cyphermesh.syslog;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.ThreatEvent;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An event's details. Anybody may have written them: what is not of the expected kind counts as not
 * there.
 */
record Details(JsonObject json) {
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");

  // An Instant holds times whose milliseconds no long does.
  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  static Details of(ThreatEvent event) {
    return new Details(
        event
            .detailsJson()
            .map(text -> JsonParser.parseString(text).getAsJsonObject())
            .orElseGet(JsonObject::new));
  }

  Optional<String> text(String key) {
    return primitive(json, key)
        .filter(value -> value.getAsJsonPrimitive().isString())
        .map(JsonElement::getAsString);
  }

  Optional<Long> number(String key) {
    return number(json, key);
  }

  Optional<Instant> time(String key) {
    return text(key)
        .flatMap(
            text -> {
              try {
                Instant time = Instant.parse(text);
                return time.isBefore(EARLIEST) || time.isAfter(LATEST)
                    ? Optional.empty()
                    : Optional.of(time);
              } catch (DateTimeParseException e) {
                return Optional.empty();
              }
            });
  }

  /** A part of {@code target} that is text. */
  Optional<String> targetText(String key) {
    return target()
        .flatMap(target -> primitive(target, key))
        .filter(value -> value.getAsJsonPrimitive().isString())
        .map(JsonElement::getAsString);
  }

  Optional<Long> targetPort() {
    return target().flatMap(target -> number(target, "port"));
  }

  /** The STIX type of the observable, where it is stated. */
  Optional<String> indicatorType() {
    return object("indicator")
        .flatMap(indicator -> primitive(indicator, "type"))
        .map(JsonElement::getAsString);
  }

  private Optional<JsonObject> target() {
    return object("target");
  }

  private Optional<JsonObject> object(String key) {
    JsonElement value = json.get(key);
    return value != null && value.isJsonObject()
        ? Optional.of(value.getAsJsonObject())
        : Optional.empty();
  }

  private static Optional<JsonElement> primitive(JsonObject object, String key) {
    return Optional.ofNullable(object.get(key)).filter(JsonElement::isJsonPrimitive);
  }

  /** A whole number as a counter or a port is one; JSON knows others, of any size. */
  private static Optional<Long> number(JsonObject object, String key) {
    return primitive(object, key)
        .filter(value -> value.getAsJsonPrimitive().isNumber())
        .map(JsonElement::getAsString)
        .filter(text -> WHOLE.matcher(text).matches())
        .map(Long::valueOf);
  }
}
