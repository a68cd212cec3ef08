package io.cyphermesh.core.protocol;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.identity.Canonical;
import io.cyphermesh.core.identity.ReporterKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An event whose form is right (wire-protocol 3); that its id and signature are right is the
 * pipeline's to find out.
 *
 * @param claimedId the id that it came with
 * @param sourceIp the observable
 * @param threatType what it did
 * @param severity as written
 * @param timestamp as written
 * @param reporter who claims to have signed it
 * @param signature 256 bytes; not to be changed
 * @param details what it says beyond version 1, if anything
 */
@SuppressWarnings(
    "ArrayRecordComponent") // Never compared as a whole; copying 256 bytes at each hand-over would
// be the cost.
public record SignedEvent(
    EventId claimedId,
    String sourceIp,
    String threatType,
    String severity,
    String timestamp,
    ReporterKey reporter,
    byte[] signature,
    Optional<Details> details) {

  /** Length of a signature, in bytes. */
  public static final int SIGNATURE_BYTES = 256;

  /** Length of a signature in base64. */
  static final int SIGNATURE_CHARS = 344;

  /** What stands around the values of an event without details. */
  private static final int CANONICAL_FRAME =
      ("{\"id\": \"\", \"reporter_pubkey\": , \"severity\": , \"signature\": \"\", \"source_ip\": ,"
              + " \"threat_type\": , \"timestamp\": }")
          .length();

  /**
   * The parsed {@code details}.
   *
   * @param json their canonical text
   * @param tlpTerm {@code details.tlp} as written, where it is there
   * @param retracts whether {@code details.retracts} is there
   */
  public record Details(String json, Optional<String> tlpTerm, boolean retracts) {

    /** Whether the signature covers the details: a marking or a retraction must not be stripped. */
    public boolean signed() {
      return retracts || (tlpTerm.isPresent() && !tlpTerm.get().equals("clear"));
    }
  }

  /** The same under another id. */
  public SignedEvent withId(EventId id) {
    return new SignedEvent(
        id, sourceIp, threatType, severity, timestamp, reporter, signature, details);
  }

  /** The same under the id that its content has. */
  public SignedEvent withOwnId() {
    return withId(new EventId(sha256Hex(idInput())));
  }

  /** The same with another signature. */
  public SignedEvent withSignature(byte[] other) {
    return new SignedEvent(
        claimedId, sourceIp, threatType, severity, timestamp, reporter, other, details);
  }

  /** The same as an original node relays it. */
  public SignedEvent withoutDetails() {
    return new SignedEvent(
        claimedId,
        sourceIp,
        threatType,
        severity,
        timestamp,
        reporter,
        signature,
        Optional.empty());
  }

  /** What the id is the hash of. */
  public String idInput() {
    StringBuilder out = new StringBuilder(1024).append('{');
    details.ifPresent(d -> out.append("\"details\": ").append(d.json()).append(", "));
    return fields(out).append('}').toString();
  }

  /** What the signature signs. */
  public String signedPayload() {
    StringBuilder out = new StringBuilder(1024).append('{');
    details
        .filter(Details::signed)
        .ifPresent(d -> out.append("\"details\": ").append(d.json()).append(", "));
    out.append("\"id\": \"").append(claimedId.hex()).append("\", ");
    return fields(out).append('}').toString();
  }

  /** The whole event as it is measured and sent: canonical, signature included. */
  public String canonical() {
    StringBuilder out = new StringBuilder(1536).append('{');
    details.ifPresent(d -> out.append("\"details\": ").append(d.json()).append(", "));
    out.append("\"id\": \"").append(claimedId.hex()).append("\", \"reporter_pubkey\": ");
    out.append(reporter.pemJson());
    out.append(", \"severity\": ");
    Canonical.string(out, severity);
    out.append(", \"signature\": \"").append(signatureText()).append("\", \"source_ip\": ");
    Canonical.string(out, sourceIp);
    out.append(", \"threat_type\": ");
    Canonical.string(out, threatType);
    out.append(", \"timestamp\": ");
    Canonical.string(out, timestamp);
    return out.append('}').toString();
  }

  /** The length of {@link #canonical}, found without writing it. */
  public int canonicalLength() {
    return CANONICAL_FRAME
        + details.map(d -> "\"details\": , ".length() + d.json().length()).orElse(0)
        + claimedId.hex().length()
        + reporter.pemJson().length()
        + Canonical.length(severity)
        + SIGNATURE_CHARS
        + Canonical.length(sourceIp)
        + Canonical.length(threatType)
        + Canonical.length(timestamp);
  }

  private StringBuilder fields(StringBuilder out) {
    out.append("\"reporter_pubkey\": ");
    out.append(reporter.pemJson());
    out.append(", \"severity\": ");
    Canonical.string(out, severity);
    out.append(", \"source_ip\": ");
    Canonical.string(out, sourceIp);
    out.append(", \"threat_type\": ");
    Canonical.string(out, threatType);
    out.append(", \"timestamp\": ");
    Canonical.string(out, timestamp);
    return out;
  }

  /** The signature in base64. */
  public String signatureText() {
    return Base64.getEncoder().encodeToString(signature);
  }

  /** Whether the claimed id is the hash of the content. */
  public boolean idMatches() {
    return claimedId.hex().equals(sha256Hex(idInput()));
  }

  /**
   * What the event is stored, deduplicated and named under: its id, or for a bare one the hash of
   * its signed payload.
   */
  public EventId key(boolean bare) {
    return bare ? new EventId(sha256Hex(signedPayload())) : claimedId;
  }

  /**
   * What the event would be stored under, by its content alone: whoever makes up an id cannot make
   * it another event's. Empty for details under an id that is not theirs, which nobody stores.
   */
  public Optional<EventId> ownKey() {
    if (idMatches()) {
      return Optional.of(claimedId);
    }
    return details.isEmpty() ? Optional.of(key(true)) : Optional.empty();
  }

  /** The marking: clear where none is stated, empty where the stated one is unknown. */
  public Optional<Tlp> tlp() {
    return details.flatMap(Details::tlpTerm).map(Tlp::of).orElse(Optional.of(Tlp.CLEAR));
  }

  /** Whether all nodes may have it, since it is marked clear or green. */
  public boolean isForAll() {
    return tlp().filter(t -> t == Tlp.CLEAR || t == Tlp.GREEN).isPresent();
  }

  /** The time of the timestamp; empty where it is unreadable. */
  public Optional<EventTime> time() {
    return EventTime.parse(timestamp);
  }

  private static String sha256Hex(String text) {
    return HexFormat.of().formatHex(Canonical.sha256(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
