package io.cyphermesh.core.protocol;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cyphermesh.core.identity.Canonical;
import java.nio.charset.StandardCharsets;

/**
 * What an original node looks at when it verifies an event: the reporter's key as text, the
 * signature as text, and the six fields that are signed, none of which it asks to have any form.
 *
 * @param reporterPem PEM of a key, perhaps
 * @param signature base64, perhaps
 * @param signedPayload what the signature is over
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
public record OriginalEvent(String reporterPem, String signature, byte[] signedPayload) {
  /**
   * Longer ones are not looked into: many of them may wait for their verdict, and escaped they are
   * six times as long.
   */
  private static final int MAX_CHARS = 32 * 1024;

  /** As an original node sees an event of ours: without its details. */
  public static OriginalEvent of(SignedEvent event) {
    return new OriginalEvent(
        event.reporter().pem(),
        event.signatureText(),
        event.withoutDetails().signedPayload().getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Reads one from what an original node was sent.
   *
   * @throws MalformedEventException if an original node cannot make anything of it either
   * @throws UnusualException if a field is no text: an original node would sign and verify whatever
   *     Python writes for it, which we do not follow; or if it is longer than is looked into
   */
  static OriginalEvent read(JsonObject json) throws MalformedEventException, UnusualException {
    String pem = text(json, "reporter_pubkey");
    String signature = text(json, "signature");
    if (pem.length() + signature.length() > MAX_CHARS) {
      throw tooLong();
    }
    StringBuilder payload = new StringBuilder(1024).append("{\"id\": ");
    signed(payload, json, "id");
    signed(payload.append(", \"reporter_pubkey\": "), json, "reporter_pubkey");
    signed(payload.append(", \"severity\": "), json, "severity");
    signed(payload.append(", \"source_ip\": "), json, "source_ip");
    signed(payload.append(", \"threat_type\": "), json, "threat_type");
    signed(payload.append(", \"timestamp\": "), json, "timestamp");
    return new OriginalEvent(
        pem, signature, payload.append('}').toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(JsonObject json, String field) throws MalformedEventException {
    if (json.get(field) instanceof JsonPrimitive value && value.isString()) {
      return value.getAsString();
    }
    throw new MalformedEventException(field + (json.has(field) ? " is no text" : " is missing"));
  }

  private static void signed(StringBuilder out, JsonObject json, String field)
      throws MalformedEventException, UnusualException {
    if (!json.has(field)) {
      throw new MalformedEventException(field + " is missing");
    }
    if (!(json.get(field) instanceof JsonPrimitive value) || !value.isString()) {
      throw new UnusualException(field + " is no text");
    }
    String text = value.getAsString();
    if (out.length() + text.length() > MAX_CHARS) {
      throw tooLong();
    }
    Canonical.string(out, text);
  }

  private static UnusualException tooLong() {
    return new UnusualException("the event is longer than is looked into");
  }

  /** An original node may take it; we do not. */
  static final class UnusualException extends Exception {
    private static final long serialVersionUID = 1;

    UnusualException(String message) {
      super(message, null, false, false);
    }
  }
}
