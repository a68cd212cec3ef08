package io.cyphermesh.dashboard;

import com.google.gson.stream.JsonWriter;
import io.cyphermesh.core.view.EventCheck;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.dashboard.Endpoint.Answer;
import io.cyphermesh.dashboard.Gate.Access;
import io.jooby.Context;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the node is alive and ready, and whether an event is genuine. */
final class ProbeApi {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeApi.class);

  /** A plugin on its way; one that has failed is the operator's business, not the supervisor's. */
  private static final Set<String> ON_THE_WAY = Set.of("INSTALLED", "RESOLVED", "STARTING");

  /** Anybody may ask, and asking reads the database: it is not asked more often than this. */
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final NodeView view;
  private final LongSupplier nanos;
  private @Nullable Readiness last;
  private long lastAt;

  /**
   * @param nanos a clock that nobody sets
   */
  ProbeApi(NodeView view, LongSupplier nanos) {
    this.view = view;
    this.nanos = nanos;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            "/health",
            Access.OPEN,
            "Whether the node is alive: it answers",
            Answer.json("It is", "Health"),
            _ -> health()),
        Endpoint.get(
                "/ready",
                Access.OPEN,
                "Whether the node can do its work",
                Answer.json("Its store answers, it listens, and no plugin is on its way", "Ready"),
                _ -> ready())
            .alsoAnswers(503, Answer.json("One of these is not so", "Ready")),
        new Endpoint(
            "POST",
            "/api/v1/verify",
            Access.READ,
            "Check an event as one from a peer is checked; nothing is stored",
            List.of(),
            Optional.of("Event"),
            Map.of(200, Answer.json("Which checks passed, and by what", "EventCheck")),
            this::verify));
  }

  private static Reply health() {
    return Reply.Whole.json(
        200,
        Json.text(
            json -> {
              json.beginObject();
              json.name("status").value("up");
              json.endObject();
            }));
  }

  private record Readiness(boolean store, boolean listener, boolean plugins) {
    boolean all() {
      return store && listener && plugins;
    }
  }

  /** Tells yes and no alone, since anybody may ask. */
  private Reply ready() {
    Readiness now = readiness();
    return Reply.Whole.json(
        now.all() ? 200 : 503,
        Json.text(
            json -> {
              json.beginObject();
              json.name("status").value(now.all() ? "ready" : "not ready");
              json.name("store").value(now.store());
              json.name("listener").value(now.listener());
              json.name("plugins").value(now.plugins());
              json.endObject();
            }));
  }

  private synchronized Readiness readiness() {
    Readiness known = last;
    if (known == null || nanos.getAsLong() - lastAt >= KEPT_NANOS) {
      known = new Readiness(storeAnswers(), listens(), pluginsAreThere());
      last = known;
      lastAt = nanos.getAsLong();
    }
    return known;
  }

  private boolean storeAnswers() {
    try {
      var _ = view.events(1, Optional.empty());
      return true;
    } catch (RuntimeException e) {
      LOG.warn("not ready: the store does not answer ({})", e.toString());
      return false;
    }
  }

  private boolean listens() {
    try {
      return view.status().listening().isPresent();
    } catch (RuntimeException e) {
      return false;
    }
  }

  private boolean pluginsAreThere() {
    return view.plugins().stream().map(PluginView::state).noneMatch(ON_THE_WAY::contains);
  }

  private Reply verify(Context request) {
    EventCheck check;
    try {
      check = view.verify(Json.utf8(Api.body(request)));
    } catch (CharacterCodingException e) {
      throw new Problem(400, "the body is not UTF-8");
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return Reply.Whole.json(200, Json.text(json -> write(json, check)));
  }

  private static void write(JsonWriter json, EventCheck check) throws IOException {
    json.beginObject();
    json.name("valid").value(check.valid());
    json.name("bare").value(check.bare());
    json.name("id").value(check.id().orElse(null));
    json.name("reporterId").value(check.reporterId().orElse(null));
    json.name("stored");
    if (check.stored().isPresent()) {
      json.value(check.stored().get());
    } else {
      json.nullValue();
    }
    json.name("checks").beginArray();
    for (EventCheck.Step step : check.checks()) {
      json.beginObject();
      json.name("check").value(step.name());
      json.name("passed").value(step.passed());
      json.name("by").value(step.by());
      json.name("detail").value(step.detail());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }
}
