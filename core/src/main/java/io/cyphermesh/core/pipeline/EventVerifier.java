package io.cyphermesh.core.pipeline;

import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.protocol.SignedEvent;
import java.nio.charset.StandardCharsets;

/** Whether an event is what it says: step 6 of wire-protocol 3.2. Needs no node. */
public final class EventVerifier {
  private final Rsa rsa;

  public EventVerifier(Rsa rsa) {
    this.rsa = rsa;
  }

  /** What was found. */
  public enum Finding {
    /** Id and signature are right. */
    FULL,
    /**
     * The signature is right, but the id is not the hash of what is left: the details were dropped
     * on the way.
     */
    BARE,
    /** The id is not the hash of the content. */
    WRONG_ID,
    /** The signature is not the reporter's. */
    WRONG_SIGNATURE
  }

  /** Checks id and signature. */
  public Finding check(SignedEvent event) {
    return check(event, event.idMatches());
  }

  /**
   * Checks the signature, and judges an id that was compared already.
   *
   * @param idMatches what {@link SignedEvent#idMatches} said
   */
  Finding check(SignedEvent event, boolean idMatches) {
    if (!idMatches && event.details().isPresent()) {
      return Finding.WRONG_ID;
    }
    byte[] payload = event.signedPayload().getBytes(StandardCharsets.US_ASCII);
    if (!rsa.verifies(event.reporter(), payload, event.signature())) {
      return Finding.WRONG_SIGNATURE;
    }
    return idMatches ? Finding.FULL : Finding.BARE;
  }
}
