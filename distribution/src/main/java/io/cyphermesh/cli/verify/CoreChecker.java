package io.cyphermesh.cli.verify;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.MalformedEventException;
import io.cyphermesh.core.protocol.SignedEvent;

/**
 * Checks as a node does, with the JDK's own cryptography: for a handful of events the faster one
 * would take longer to load than it saves.
 */
public final class CoreChecker implements EventChecker {
  private final EventVerifier verifier = new EventVerifier(Rsa.portable());

  @Override
  public Finding check(JsonObject event) {
    String claimed = Json.text(event, "id").orElse("-");
    SignedEvent signed;
    try {
      signed = EventCodec.read(event);
    } catch (MalformedEventException e) {
      return new Finding.Invalid(claimed, String.valueOf(e.getMessage()));
    }
    return switch (verifier.check(signed)) {
      case FULL -> new Finding.Valid(claimed);
      case BARE -> new Finding.Bare(claimed);
      case WRONG_ID -> new Finding.Invalid(claimed, "the id is not the hash of the content");
      case WRONG_SIGNATURE ->
          new Finding.Invalid(claimed, "the signature is not the reporter's over this content");
    };
  }
}
