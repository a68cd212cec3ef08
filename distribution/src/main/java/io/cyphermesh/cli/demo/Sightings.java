package io.cyphermesh.cli.demo;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which events were seen on which of two nodes, and how long they took from one to the other. */
final class Sightings {
  private final Map<String, Instant> first = new HashMap<>();
  private final Map<String, JsonObject> waiting = new HashMap<>();
  private final List<Duration> latencies = new ArrayList<>();

  /**
   * An event that both nodes hold.
   *
   * @param event as the second node shows it
   * @param latency from the first node's disk to the second's
   */
  record Shared(JsonObject event, Duration latency) {}

  /** Notes an event on the node that detects. */
  Optional<Shared> onFirst(JsonObject event) {
    String id = Json.text(event, "id").orElse("");
    first.put(id, received(event));
    return Optional.ofNullable(waiting.remove(id)).flatMap(this::onSecond);
  }

  /** Notes an event on the other; the answer is there once the first has shown it, too. */
  Optional<Shared> onSecond(JsonObject event) {
    if (!Json.is(event, "verified")) {
      return Optional.empty();
    }
    String id = Json.text(event, "id").orElse("");
    Instant detected = first.get(id);
    if (detected == null) {
      waiting.put(id, event);
      return Optional.empty();
    }
    Duration latency = Duration.between(detected, received(event));
    if (latency.isNegative()) {
      latency = Duration.ZERO;
    }
    latencies.add(latency);
    return Optional.of(new Shared(event, latency));
  }

  private static Instant received(JsonObject event) {
    return Instant.parse(Json.text(event, "receivedAt").orElseThrow());
  }

  /** How many the first node holds. */
  int detected() {
    return first.size();
  }

  /** How many both hold. */
  int shared() {
    return latencies.size();
  }

  /** The latency that half of the shared ones stayed below; zero where there are none. */
  Duration median() {
    return latencies.isEmpty()
        ? Duration.ZERO
        : latencies.stream().sorted().toList().get(latencies.size() / 2);
  }
}
