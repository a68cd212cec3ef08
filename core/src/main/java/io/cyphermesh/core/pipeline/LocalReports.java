package io.cyphermesh.core.pipeline;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.EventId;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.MalformedEventException;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The pipeline's local end: what this node itself saw becomes events, signed, checked, durable. */
public final class LocalReports {
  private static final int MAX_DESCRIPTION = 512;
  private static final Duration MAX_LEAD = Duration.ofMinutes(1);

  private final NodeIdentity identity;
  private final EventStore store;
  private final InstantSource clock;
  private final Consumer<StoredEvent> stored;

  private final Object idLock = new Object();
  private Instant lastStamp = Instant.EPOCH;
  private final Set<EventId> idsOfLastStamp = new HashSet<>();

  /**
   * The local end.
   *
   * @param stored told of each event once it is durable, on the reporting thread; may block
   */
  public LocalReports(
      NodeIdentity identity, EventStore store, InstantSource clock, Consumer<StoredEvent> stored) {
    this.identity = identity;
    this.store = store;
    this.clock = clock;
    this.stored = stored;
  }

  /**
   * Signs and stores a detector's detections with its checkpoint, in one transaction.
   *
   * @return for each detection, in order, why it was refused; empty for one that was stored
   */
  public List<Optional<String>> submit(
      String owner, String pluginId, List<Detection> detections, Optional<byte[]> checkpoint)
      throws InterruptedException {
    List<SignedEvent> events = new ArrayList<>();
    List<Optional<String>> refusals = new ArrayList<>();
    for (Detection detection : detections) {
      try {
        events.add(signed(detection, pluginId));
        refusals.add(Optional.empty());
      } catch (IllegalArgumentException e) {
        refusals.add(Optional.of(String.valueOf(e.getMessage())));
      }
    }
    Optional<CheckpointWrite> write = checkpoint.map(state -> new CheckpointWrite(owner, state));
    if (!events.isEmpty()) {
      tell(store.addLocal(events, write));
    } else if (write.isPresent()) {
      store.saveCheckpoint(write.get());
    }
    return refusals;
  }

  /**
   * Signs and stores what a person reports.
   *
   * @throws IllegalArgumentException if it cannot become an event; the message says why
   */
  public StoredEvent report(ManualReport report) throws InterruptedException {
    if (report.sourceIp().isBlank()) {
      throw new IllegalArgumentException(
          "source_ip is empty: name an address, a domain or another observable");
    }
    if (report.threatType().isBlank()) {
      throw new IllegalArgumentException(
          "threat_type is empty: say what was done, for instance ssh-bruteforce");
    }
    if (!Set.of("low", "medium", "high", "critical").contains(report.severity())) {
      throw new IllegalArgumentException("severity is low, medium, high or critical");
    }
    Optional<JsonElement> details = Optional.empty();
    if (report.detailsJson().isPresent()) {
      try {
        JsonObject json = StrictJson.object(report.detailsJson().get());
        details = json.isEmpty() ? Optional.empty() : Optional.of(json);
      } catch (ProtocolException e) {
        throw new IllegalArgumentException("details is no JSON object: " + e.getMessage(), e);
      }
    }
    SignedEvent event =
        sign(
            IpText.canonical(report.sourceIp()).orElse(report.sourceIp()),
            report.threatType(),
            report.severity(),
            details);
    List<StoredEvent> done = store.addLocal(List.of(event), Optional.empty());
    tell(done);
    return done.isEmpty()
        ? store
            .find(event.claimedId())
            .orElseThrow(() -> new IllegalStateException("the report was not stored"))
        : done.getFirst();
  }

  /** Durable events are never reported again, so they are told also by who was interrupted. */
  private void tell(List<StoredEvent> events) {
    boolean interrupted = Thread.interrupted();
    try {
      events.forEach(stored);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private SignedEvent signed(Detection detection, String pluginId) {
    Indicator indicator = canonical(detection.indicator());
    JsonObject details = new JsonObject();
    JsonObject what = new JsonObject();
    what.addProperty("type", indicator.type());
    what.addProperty("value", indicator.value());
    details.add("indicator", what);
    JsonObject detector = new JsonObject();
    detector.addProperty("plugin", pluginId);
    detection.rule().ifPresent(rule -> detector.addProperty("rule", rule));
    details.add("detector", detector);
    if (detection.tlp() != Tlp.CLEAR) {
      details.addProperty("tlp", detection.tlp().label());
    }
    detection.confidence().ifPresent(c -> details.addProperty("confidence", c));
    detection.count().ifPresent(c -> details.addProperty("count", c));
    detection.firstSeen().ifPresent(t -> details.addProperty("first_seen", EventTime.format(t)));
    detection.lastSeen().ifPresent(t -> details.addProperty("last_seen", EventTime.format(t)));
    detection.technique().ifPresent(t -> details.addProperty("technique", t));
    detection.description().ifPresent(d -> details.addProperty("description", cut(d)));
    if (!detection.tags().isEmpty()) {
      JsonArray tags = new JsonArray();
      detection.tags().forEach(tags::add);
      details.add("tags", tags);
    }
    detection
        .target()
        .ifPresent(
            t -> {
              JsonObject target = new JsonObject();
              t.port().ifPresent(p -> target.addProperty("port", p));
              t.protocol().ifPresent(p -> target.addProperty("protocol", p));
              t.service().ifPresent(s -> target.addProperty("service", s));
              details.add("target", target);
            });
    return sign(
        indicator.value(),
        detection.threatType(),
        detection.severity().label(),
        Optional.of(details));
  }

  /** Never cuts a surrogate pair in two. */
  private static String cut(String text) {
    if (text.length() <= MAX_DESCRIPTION) {
      return text;
    }
    return text.substring(
        0,
        Character.isHighSurrogate(text.charAt(MAX_DESCRIPTION - 1))
            ? MAX_DESCRIPTION - 1
            : MAX_DESCRIPTION);
  }

  private static Indicator canonical(Indicator indicator) {
    return indicator instanceof Indicator.Ip ip
        ? new Indicator.Ip(
            IpText.canonical(ip.value())
                .orElseThrow(
                    () -> new IllegalArgumentException("'" + ip.value() + "' is no IP address")))
        : indicator;
  }

  private SignedEvent sign(
      String source, String type, String severity, Optional<JsonElement> detailsJson) {
    Optional<SignedEvent.Details> details;
    SignedEvent draft;
    try {
      details =
          detailsJson.isPresent()
              ? Optional.of(EventCodec.details(detailsJson.get()))
              : Optional.empty();
    } catch (MalformedEventException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (details
        .flatMap(SignedEvent.Details::tlpTerm)
        .filter(t -> Tlp.of(t).isEmpty())
        .isPresent()) {
      throw new IllegalArgumentException("tlp is clear, green, amber or red");
    }
    synchronized (idLock) {
      Instant now = Instant.ofEpochMilli(clock.millis());
      // Where the clock was set back, the stamps follow it.
      boolean inStep = now.isBefore(lastStamp) && now.isAfter(lastStamp.minus(MAX_LEAD));
      Instant stamp = inStep ? lastStamp : now;
      draft = draft(source, type, severity, stamp, details);
      // The same thing reported twice within a millisecond is two events all the same.
      if (stamp.equals(lastStamp) && idsOfLastStamp.contains(draft.claimedId())) {
        stamp = stamp.plusMillis(1);
        draft = draft(source, type, severity, stamp, details);
      }
      if (!stamp.equals(lastStamp)) {
        lastStamp = stamp;
        idsOfLastStamp.clear();
      }
      idsOfLastStamp.add(draft.claimedId());
    }
    SignedEvent event =
        draft.withSignature(
            identity.sign(draft.signedPayload().getBytes(StandardCharsets.US_ASCII)));
    try {
      // What peers would refuse must not be sent: the same reading that they do.
      return EventCodec.read(StrictJson.object(event.canonical()));
    } catch (ProtocolException | MalformedEventException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private SignedEvent draft(
      String source,
      String type,
      String severity,
      Instant stamp,
      Optional<SignedEvent.Details> details) {
    return new SignedEvent(
            new EventId("0".repeat(64)),
            source,
            type,
            severity,
            EventTime.format(stamp),
            identity.key(),
            new byte[SignedEvent.SIGNATURE_BYTES],
            details)
        .withOwnId();
  }
}
