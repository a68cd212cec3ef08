package io.cyphermesh.core.node;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.pipeline.Pipeline;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.MalformedEventException;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.view.EventCheck;
import io.cyphermesh.core.view.EventCheck.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells step by step what a node checks of an event, and what comes of it. */
final class EventInspection {
  /** What the wire carries of an event; everything else is somebody's remark. */
  private static final List<String> WIRE_KEYS =
      List.of(
          "id",
          "source_ip",
          "threat_type",
          "severity",
          "timestamp",
          "reporter_pubkey",
          "signature",
          "details");

  private final EventVerifier verifier;
  private final String provider;
  private final Pipeline pipeline;
  private final EventStore store;

  EventInspection(Rsa rsa, Pipeline pipeline, EventStore store) {
    this.verifier = new EventVerifier(rsa);
    this.provider = rsa.providerName();
    this.pipeline = pipeline;
    this.store = store;
  }

  /**
   * Inspects one.
   *
   * @throws IllegalArgumentException if the text is no JSON object; the message says why
   */
  EventCheck of(String json) {
    JsonObject shown;
    try {
      shown = StrictJson.object(json);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException("the body cannot be read: " + e.getMessage(), e);
    }
    JsonObject wire = new JsonObject();
    for (String key : WIRE_KEYS) {
      if (shown.has(key)) {
        wire.add(key, shown.get(key));
      }
    }
    List<Step> steps = new ArrayList<>();
    SignedEvent event;
    try {
      event = EventCodec.read(wire);
    } catch (MalformedEventException e) {
      steps.add(step("form", false, "wire protocol, section 3", String.valueOf(e.getMessage())));
      return new EventCheck(false, false, claimed(wire), Optional.empty(), steps, Optional.empty());
    }
    steps.add(step("form", true, "wire protocol, section 3", "every field has its form"));
    EventVerifier.Finding finding = verifier.check(event);
    boolean genuine = signature(event.idMatches(), finding, steps);
    Optional<String> untimely = pipeline.untimely(event);
    steps.add(
        step("time", untimely.isEmpty(), "this node's clock", untimely.orElse("within bounds")));
    boolean marked = event.tlp().isPresent();
    steps.add(
        step(
            "tlp",
            marked,
            "Traffic Light Protocol 2.0",
            marked ? "a known marking" : "an unknown tlp marking"));
    boolean bare = finding == EventVerifier.Finding.BARE;
    return new EventCheck(
        genuine && untimely.isEmpty() && marked,
        bare,
        claimed(wire),
        Optional.of(event.reporter().nodeId()).map(NodeId::hex),
        steps,
        genuine ? store.find(event.key(bare)).map(StoredEvent::seq) : Optional.empty());
  }

  private boolean signature(boolean idMatches, EventVerifier.Finding finding, List<Step> steps) {
    String hash = "SHA-256 of the canonical content";
    String rsa = "RSASSA-PSS, RSA-2048, by " + provider;
    switch (finding) {
      case BARE ->
          steps.add(
              step(
                  "id",
                  true,
                  hash,
                  "cannot be checked: the details were dropped on the way, as version 1 does"));
      case FULL, WRONG_ID, WRONG_SIGNATURE ->
          steps.add(
              step(
                  "id",
                  idMatches,
                  hash,
                  "the id is " + (idMatches ? "" : "not ") + "the hash of the content"));
    }
    if (finding == EventVerifier.Finding.WRONG_ID) {
      return false;
    }
    boolean genuine = finding != EventVerifier.Finding.WRONG_SIGNATURE;
    steps.add(
        step(
            "signature",
            genuine,
            rsa,
            genuine
                ? "the reporter signed this"
                : "the signature is not the reporter's over this content"));
    return genuine;
  }

  private static Step step(String name, boolean passed, String by, String detail) {
    return new Step(name, passed, by, detail);
  }

  private static Optional<String> claimed(JsonObject wire) {
    return wire.get("id") instanceof JsonPrimitive id && id.isString()
        ? Optional.of(id.getAsString()).filter(text -> text.length() <= 64)
        : Optional.empty();
  }
}
