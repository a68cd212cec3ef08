package io.cyphermesh.dashboard;

import io.cyphermesh.dashboard.access.AuditLog;
import io.jooby.Context;
import io.jooby.Route;
import io.jooby.StatusCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Takes one request from the gate to its answer, and notes what it changed. */
final class Desk {
  private final Gate gate;
  private final AuditLog audit;
  private final Pages pages;

  /** Method and path of what changes something. */
  private final List<Pattern> changes;

  Desk(Gate gate, AuditLog audit, Pages pages, List<Endpoint> endpoints) {
    this.gate = gate;
    this.audit = audit;
    this.pages = pages;
    this.changes =
        endpoints.stream()
            .filter(Endpoint::changes)
            .map(each -> Pattern.quote(each.method() + " " + each.path()))
            .map(each -> Pattern.compile(each.replaceAll("\\{\\w+}", "\\\\E[^/]+\\\\Q")))
            .toList();
  }

  /** Notes a change whose body was refused before anybody looked who asks for it. */
  void refused(String method, String path, String from, Problem problem) {
    String what = method + " " + path;
    if (changes.stream().anyMatch(each -> each.matcher(what).matches())) {
      audit.refused(from, what, problem.status(), problem.detail());
    }
  }

  /** What answers requests to an endpoint. */
  Route.Handler at(Endpoint endpoint) {
    List<String> names =
        endpoint.parameters().stream()
            .filter(each -> each.in().equals("query"))
            .map(Endpoint.Parameter::name)
            .toList();
    return context -> serve(endpoint, names, context);
  }

  private Object serve(Endpoint endpoint, List<String> names, Context context) throws Exception {
    Reply.Whole reply;
    String refusal = "";
    try {
      gate.check(context, endpoint);
      if (endpoint.isStrict()) {
        refuseUnknown(context, names);
      }
      switch (endpoint.handler().handle(context)) {
        case Reply.Whole whole -> reply = endpoint.isTagged() ? whole.tagged(context) : whole;
        case Reply.Stream stream -> {
          if (!context.getMethod().equals("HEAD")) {
            SecurityHeaders.ALL.forEach(context::setResponseHeader);
            stream.run(context);
            return context;
          }
          reply = new Reply.Whole(200, stream.contentType(), "", stream.headers());
        }
      }
    } catch (Problem problem) {
      refusal = problem.detail();
      reply = told(context, problem);
    } catch (InterruptedException e) {
      if (context.isResponseStarted()) {
        return context;
      }
      Problem problem = new Problem(503, "the node is stopping");
      refusal = problem.detail();
      reply = problem.reply(context.getRequestPath());
    } catch (Exception e) {
      if (endpoint.changes()) {
        note(endpoint, context, 500, "the node failed at this");
      }
      throw e;
    }
    if (endpoint.changes()) {
      note(endpoint, context, reply.status(), refusal);
    }
    send(context, reply);
    return context;
  }

  /** Were a misspelt condition ignored, all would be answered as if it had not been set. */
  private static void refuseUnknown(Context context, List<String> names) {
    Set<String> asked;
    try {
      asked = context.query().toMultimap().keySet();
    } catch (Exception e) {
      throw Api.undecodable(e);
    }
    for (String name : asked) {
      if (!names.contains(name)) {
        throw Problem.ofField(
            name,
            "'%s' is unknown here; %s"
                .formatted(
                    name,
                    names.isEmpty()
                        ? "nothing can be set in this query"
                        : "known are " + String.join(", ", names)));
      }
    }
  }

  private void note(Endpoint endpoint, Context context, int status, String refusal) {
    Caller caller = Caller.of(context);
    String what = context.getMethod() + " " + context.getRequestPath();
    String from = Caller.address(context);
    if (caller.holder().isPresent()) {
      // Who reports or logs in may do it all day, and whoever is refused may ask again.
      boolean often = status >= 400 || endpoint.access() != Gate.Access.ADMIN;
      String about = Caller.about(context);
      if (often) {
        audit.didOften(caller.name(), caller.via(), from, what, about, status, refusal);
      } else {
        audit.did(caller.name(), caller.via(), from, what, about, status, refusal);
      }
    } else if (status >= 400) {
      audit.refused(from, what, status, refusal);
    }
  }

  /** Tells of a problem that no endpoint met. */
  void tell(Context context, Problem problem) {
    send(context, told(context, problem));
  }

  /** A problem as whoever asks can read it. */
  private Reply.Whole told(Context context, Problem problem) {
    return pages.lost(context, problem).orElseGet(() -> problem.reply(context.getRequestPath()));
  }

  private static void send(Context context, Reply.Whole reply) {
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    SecurityHeaders.ALL.forEach(context::setResponseHeader);
    context.setResponseCode(reply.status());
    context.setResponseType(reply.contentType());
    reply.headers().forEach(context::setResponseHeader);
    context.setResponseHeader("Vary", "Accept-Encoding");
    if (body.length >= Gzip.LEAST_BYTES && Gzip.accepted(context)) {
      body = Gzip.of(body);
      context.setResponseHeader("Content-Encoding", "gzip");
    }
    if (context.getMethod().equals("HEAD") || reply.status() == 304) {
      context.setResponseLength(body.length);
      context.send(StatusCode.valueOf(reply.status()));
    } else {
      context.send(body);
    }
  }
}
