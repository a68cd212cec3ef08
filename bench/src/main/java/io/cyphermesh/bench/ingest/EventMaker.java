package io.cyphermesh.bench.ingest;

import com.google.gson.JsonObject;
import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.MalformedEventException;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * Signed events as a log watcher's nodes send them: of five, four with details and one without, as
 * original nodes and people report. No two are the same. Thread-safe.
 */
public final class EventMaker {
  private static final String[] NETWORKS = {"192.0.2.", "198.51.100.", "203.0.113."};
  private static final String[] SEVERITIES = {"low", "medium", "medium", "high"};

  private final Instant now;
  private final Duration apart;
  private final FrameCodec codec;

  /**
   * A maker of events of one moment.
   *
   * @param now the time of the youngest event
   */
  public EventMaker(Instant now) {
    // A millisecond apart: that alone makes each of them another event.
    this(now, Duration.ofMillis(1));
  }

  /**
   * A maker of events that came one after the other.
   *
   * @param now the time of the youngest event
   * @param apart from one to the next; a millisecond at least
   */
  EventMaker(Instant now, Duration apart) {
    this.now = now;
    this.apart = apart;
    this.codec = new FrameCodec(InstantSource.fixed(now), () -> new UUID(0, 0));
  }

  /** Event number {@code n}, signed by {@code reporter}. */
  public SignedEvent event(int n, NodeIdentity reporter) {
    SignedEvent named = unsigned(n, reporter);
    byte[] signature = reporter.sign(named.signedPayload().getBytes(StandardCharsets.US_ASCII));
    return named.withSignature(signature);
  }

  /** The same event under a signature that is none. */
  SignedEvent unsigned(int n, NodeIdentity reporter) {
    Optional<SignedEvent.Details> details = n % 5 == 4 ? Optional.empty() : Optional.of(details(n));
    return event(n, reporter, details).withOwnId();
  }

  private Instant at(int n) {
    return now.minus(apart.multipliedBy(n));
  }

  private SignedEvent event(int n, NodeIdentity reporter, Optional<SignedEvent.Details> details) {
    return new SignedEvent(
        new EventId("0".repeat(64)),
        address(n),
        n % 7 == 0 ? "ssh-user-enumeration" : "ssh-bruteforce",
        SEVERITIES[n % SEVERITIES.length],
        EventTime.format(at(n)),
        reporter.key(),
        new byte[SignedEvent.SIGNATURE_BYTES],
        details);
  }

  private static String address(int n) {
    return NETWORKS[n % NETWORKS.length] + (1 + n / NETWORKS.length % 254);
  }

  private SignedEvent.Details details(int n) {
    JsonObject json = new JsonObject();
    JsonObject indicator = new JsonObject();
    indicator.addProperty("type", "ipv4-addr");
    indicator.addProperty("value", address(n));
    json.add("indicator", indicator);
    JsonObject detector = new JsonObject();
    detector.addProperty("plugin", "log-watcher");
    detector.addProperty("rule", "openssh-failed-login");
    json.add("detector", detector);
    json.addProperty("confidence", 90);
    json.addProperty("count", 5 + n % 100);
    json.addProperty("first_seen", EventTime.format(now.minusSeconds(600)));
    json.addProperty("last_seen", EventTime.format(now));
    json.addProperty("technique", "T1110.001");
    json.addProperty("description", "Failed SSH log-ins");
    JsonObject target = new JsonObject();
    target.addProperty("port", 22);
    target.addProperty("protocol", "tcp");
    target.addProperty("service", "ssh");
    json.add("target", target);
    try {
      return EventCodec.details(json);
    } catch (MalformedEventException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The frame of an event as it goes over a link, its length in front. */
  public byte[] frame(SignedEvent event) {
    byte[] content = codec.encode(new Message.Event(event, 1));
    return ByteBuffer.allocate(4 + content.length).putInt(content.length).put(content).array();
  }
}
