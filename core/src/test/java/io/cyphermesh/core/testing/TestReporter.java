package io.cyphermesh.core.testing;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.MalformedEventException;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Somebody with a key of his own who signs events. */
public final class TestReporter {
  private final NodeIdentity identity;

  private TestReporter(NodeIdentity identity) {
    this.identity = identity;
  }

  /** One with a new key. */
  public static TestReporter create() {
    try {
      Path directory = Files.createTempDirectory("cyphermesh-test-keys");
      try {
        return new TestReporter(NodeIdentity.open(directory, Optional.empty(), Rsa.portable()));
      } finally {
        for (String file : new String[] {"private_key.pem", "public_key.pem", "certificate.pem"}) {
          Files.deleteIfExists(directory.resolve(file));
        }
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public NodeIdentity identity() {
    return identity;
  }

  public NodeId id() {
    return identity.nodeId();
  }

  public PeerId peer() {
    return new PeerId.Node(id());
  }

  public ReporterKey key() {
    return identity.key();
  }

  /** An event without details. */
  public SignedEvent event(String sourceIp, Instant time) {
    return event(sourceIp, EventTime.format(time), Optional.empty());
  }

  /** An event with details. */
  public SignedEvent event(String sourceIp, Instant time, String detailsJson) {
    return event(sourceIp, EventTime.format(time), Optional.of(detailsJson));
  }

  /** An event; id and signature are right. */
  public SignedEvent event(String sourceIp, String timestamp, Optional<String> detailsJson) {
    return signed(draft(sourceIp, timestamp, detailsJson).withOwnId());
  }

  /** An event under an id that is not the hash of its content; the signature is right. */
  public SignedEvent bare(EventId id, String sourceIp, Instant time) {
    return signed(draft(sourceIp, EventTime.format(time), Optional.empty()).withId(id));
  }

  /** The same event with a signature that nobody made. */
  public static SignedEvent forged(SignedEvent event) {
    byte[] signature = event.signature().clone();
    signature[100] ^= 1;
    return event.withSignature(signature);
  }

  private SignedEvent draft(String sourceIp, String timestamp, Optional<String> detailsJson) {
    try {
      return new SignedEvent(
          new EventId("0".repeat(64)),
          sourceIp,
          "ssh-bruteforce",
          "high",
          timestamp,
          identity.key(),
          new byte[SignedEvent.SIGNATURE_BYTES],
          detailsJson.isPresent()
              ? Optional.of(EventCodec.details(StrictJson.object(detailsJson.get())))
              : Optional.empty());
    } catch (ProtocolException | MalformedEventException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private SignedEvent signed(SignedEvent draft) {
    return draft.withSignature(
        identity.sign(draft.signedPayload().getBytes(StandardCharsets.US_ASCII)));
  }
}
