package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * All events of a run, numbered from 0: a node's store is a set of numbers. Whether a signature is
 * right is known, not computed.
 */
final class Events {
  private static final byte[] SIGNATURE = new byte[SignedEvent.SIGNATURE_BYTES];
  private static final int ID_BYTES = 32;

  private final RandomGenerator random;
  private final Map<EventId, Made> byKey = new HashMap<>();
  private final Map<NodeId, List<Integer>> byReporter = new HashMap<>();
  private final List<Made> made = new ArrayList<>();

  /**
   * An event.
   *
   * @param millis its timestamp, in milliseconds since 1970
   * @param valid whether its signature is right
   */
  record Made(int number, SignedEvent event, long millis, boolean valid) {
    EventId key() {
      return event.claimedId();
    }
  }

  Events(RandomGenerator random) {
    this.random = random;
  }

  /** A new event that {@code reporter} signed, or that is said to be his. */
  Made make(ReporterKey reporter, long millis, boolean valid) {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    SignedEvent event =
        new SignedEvent(
            new EventId(HexFormat.of().formatHex(id)),
            "192.0.2.1",
            "ssh-bruteforce",
            "medium",
            EventTime.format(Instant.ofEpochMilli(millis)),
            reporter,
            SIGNATURE,
            Optional.empty());
    Made entry = new Made(made.size(), event, millis, valid);
    made.add(entry);
    byKey.put(event.claimedId(), entry);
    if (valid) {
      byReporter.computeIfAbsent(reporter.nodeId(), _ -> new ArrayList<>()).add(entry.number());
    }
    return entry;
  }

  /** A key that no event has. */
  EventId unknownKey() {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return new EventId(HexFormat.of().formatHex(id));
  }

  /** The event of that key; empty if it was made up. */
  Optional<Made> of(EventId key) {
    return Optional.ofNullable(byKey.get(key));
  }

  Made get(int number) {
    return made.get(number);
  }

  /** Numbers of the valid events of one reporter. */
  List<Integer> by(NodeId reporter) {
    return byReporter.getOrDefault(reporter, List.of());
  }

  int count() {
    return made.size();
  }
}
