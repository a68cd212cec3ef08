package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes events of the right form; keys and signatures are random bytes. */
final class TestEvents {
  private static final HexFormat HEX = HexFormat.of();
  private final RandomGenerator random;

  TestEvents(RandomGenerator random) {
    this.random = random;
  }

  /** A key that nobody has the private half of. */
  ReporterKey reporter() {
    byte[] modulus = bytes(256);
    modulus[0] |= (byte) 0x80;
    modulus[255] |= 1;
    String der =
        "30820122300d06092a864886f70d01010105000382010f003082010a0282010100"
            + HEX.formatHex(modulus)
            + "0203010001";
    return ReporterKey.ofDer(HEX.parseHex(der)).orElseThrow();
  }

  /** An event without details. */
  SignedEvent plain(ReporterKey reporter, String sourceIp, Instant time) {
    return event(reporter, sourceIp, EventTime.format(time), Optional.empty());
  }

  /** An event with details as a detector gives them. */
  SignedEvent detailed(ReporterKey reporter, String sourceIp, Instant time) {
    String json =
        "{\"confidence\": 80, \"count\": 12, \"detector\": {\"plugin\":"
            + " \"log-watcher\", \"rule\": \"sshd\"}, \"indicator\": {\"type\": \"ipv4-addr\", \"value\": \""
            + sourceIp
            + "\"}, \"technique\": \"T1110.001\", \"tlp\": \"green\"}";
    return event(
        reporter,
        sourceIp,
        EventTime.format(time),
        Optional.of(new SignedEvent.Details(json, Optional.of("green"), false)));
  }

  /** An event whose id is the hash of its content. */
  SignedEvent event(
      ReporterKey reporter,
      String sourceIp,
      String timestamp,
      Optional<SignedEvent.Details> details) {
    SignedEvent draft =
        new SignedEvent(
            new EventId("0".repeat(64)),
            sourceIp,
            "ssh-bruteforce",
            "high",
            timestamp,
            reporter,
            bytes(SignedEvent.SIGNATURE_BYTES),
            details);
    return draft.withOwnId();
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
