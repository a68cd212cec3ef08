package io.cyphermesh.core.pipeline;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ImportedEvents.Refused;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.MalformedEventException;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Imported;
import io.cyphermesh.core.store.EventStore.Outcome;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * The pipeline's end for files: events that an operator brings along are judged as those of peers
 * are. But nobody delivered them, so that nobody is to blame for an invalid one; nobody is credited
 * for a valid one either, and a reporter's rate does not hold.
 */
public final class EventImport {
  private final Pipeline pipeline;
  private final EventStore store;
  private final Optional<NodeId> self;
  private final ExecutorService verifiers;
  private final Consumer<StoredEvent> stored;

  /**
   * An import.
   *
   * @param self who this node is; its own events count as reported here
   * @param verifiers where signatures are checked
   * @param stored told of each event that is new once it is committed, on the importing thread
   */
  public EventImport(
      Pipeline pipeline,
      EventStore store,
      Optional<NodeId> self,
      ExecutorService verifiers,
      Consumer<StoredEvent> stored) {
    this.pipeline = pipeline;
    this.store = store;
    this.self = self;
    this.verifiers = verifiers;
    this.stored = stored;
  }

  /** What the examination of one event came to; a refusal where there is no event. */
  private record Examined(Optional<SignedEvent> event, Pipeline.Examination examination) {}

  /**
   * Imports what {@code {"events": [EVENT…]}} holds.
   *
   * @throws IllegalArgumentException if the text is nothing of that form; the message says why
   */
  public ImportedEvents take(String json) throws InterruptedException {
    JsonObject document;
    try {
      document = StrictJson.object(json);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException("the body cannot be read: " + e.getMessage(), e);
    }
    if (!(document.get("events") instanceof JsonArray events) || document.size() != 1) {
      throw new IllegalArgumentException("the body is to be {\"events\": [EVENT, ...]}");
    }
    return take(events.asList());
  }

  /** Imports events, each one as the wire carries it; in one transaction. */
  public ImportedEvents take(List<? extends JsonElement> events) throws InterruptedException {
    List<Future<Examined>> examinations = new ArrayList<>(events.size());
    for (JsonElement event : events) {
      examinations.add(verifiers.submit(() -> examine(event)));
    }
    List<Refused> refused = new ArrayList<>();
    List<Imported> valid = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    int duplicates = 0;
    for (int i = 0; i < events.size(); i++) {
      Examined examined = result(examinations.get(i));
      switch (examined.examination()) {
        case Pipeline.Examination.Settled(Verdict verdict) -> {
          switch (verdict) {
            case Verdict.Duplicate _ -> duplicates++;
            case Verdict.Ignored(String reason, _) -> refused.add(refused(i, events, reason));
            case Verdict.Rejected(String reason) -> refused.add(refused(i, events, reason));
            case Verdict.Accepted _ -> throw new IllegalStateException("accepted unstored");
          }
        }
        case Pipeline.Examination.Valid(boolean bare) -> {
          SignedEvent event = examined.event().orElseThrow();
          boolean local = self.filter(event.reporter().nodeId()::equals).isPresent();
          valid.add(new Imported(event, bare, local));
          places.add(i);
        }
      }
    }
    int added = 0;
    List<Outcome> outcomes = valid.isEmpty() ? List.of() : store.addImported(valid);
    for (int i = 0; i < outcomes.size(); i++) {
      switch (outcomes.get(i)) {
        case Outcome.Stored(StoredEvent event) -> {
          added++;
          stored.accept(event);
        }
        case Outcome.Duplicate _ -> duplicates++;
        case Outcome.Ignored(String reason, _) ->
            refused.add(refused(places.get(i), events, reason));
        case Outcome.Failed(String reason) -> refused.add(refused(places.get(i), events, reason));
      }
    }
    refused.sort(Comparator.comparingInt(Refused::index));
    return new ImportedEvents(added, duplicates, refused);
  }

  private Examined examine(JsonElement json) {
    try {
      if (!(json instanceof JsonObject object)) {
        throw new MalformedEventException("it is no object");
      }
      SignedEvent event = EventCodec.read(object);
      return new Examined(Optional.of(event), pipeline.examineImported(event));
    } catch (MalformedEventException e) {
      return new Examined(
          Optional.empty(),
          new Pipeline.Examination.Settled(new Verdict.Ignored(String.valueOf(e.getMessage()))));
    }
  }

  private static Refused refused(int index, List<? extends JsonElement> events, String reason) {
    return new Refused(
        index,
        events.get(index) instanceof JsonObject object
                && object.get("id") instanceof JsonPrimitive id
                && id.isString()
            ? id.getAsString()
            : "-",
        reason);
  }

  private static Examined result(Future<Examined> examination) throws InterruptedException {
    try {
      return examination.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an event could not be examined", e.getCause());
    }
  }
}
