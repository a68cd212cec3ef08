package io.cyphermesh.dashboard;

import io.jooby.Context;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One thing that can be asked. The table of these both registers the routes and becomes the OpenAPI
 * document, so that neither can forget one.
 *
 * @param method {@code GET} (which answers {@code HEAD} too) or {@code POST}
 * @param path with {@code {name}} for its variables
 * @param access what a request needs
 * @param summary what it does, one line
 * @param parameters of the path and the query
 * @param body name of the request body's schema, where it takes one
 * @param answers by status; errors are told by {@link Problem}, and those of all endpoints of a
 *     kind are not listed
 * @param handler what does it
 */
record Endpoint(
    String method,
    String path,
    Gate.Access access,
    String summary,
    List<Parameter> parameters,
    Optional<String> body,
    Map<Integer, Answer> answers,
    Handler handler) {

  /** Answers requests; may block. */
  @FunctionalInterface
  interface Handler {
    Reply handle(Context request) throws Exception;
  }

  /**
   * A parameter.
   *
   * @param in {@code path} or {@code query}
   * @param schema its JSON schema, as JSON text
   */
  record Parameter(String name, String in, String schema, String description) {}

  /**
   * An answer.
   *
   * @param schema name of its JSON schema; empty where it is not JSON
   * @param isForPrograms whether it belongs to the API
   */
  record Answer(
      String description, String contentType, Optional<String> schema, boolean isForPrograms) {

    /** A page's own; programs read none of these. */
    static Answer page(String description, String contentType) {
      return new Answer(description, contentType, Optional.empty(), false);
    }

    static Answer json(String description, String schema) {
      return new Answer(description, "application/json", Optional.of(schema), true);
    }

    static Answer text(String description, String contentType) {
      return new Answer(description, contentType, Optional.empty(), true);
    }
  }

  static Endpoint get(
      String path, Gate.Access access, String summary, Answer answer, Handler handler) {
    return new Endpoint(
        "GET", path, access, summary, List.of(), Optional.empty(), Map.of(200, answer), handler);
  }

  Endpoint with(Parameter... more) {
    return new Endpoint(method, path, access, summary, List.of(more), body, answers, handler);
  }

  /** Whether it is there for people: it stands in no description of the API. */
  boolean isPage() {
    return access == Gate.Access.OPEN && answers.values().stream().noneMatch(Answer::isForPrograms);
  }

  /**
   * Whether it is of the REST API, where nothing is asked for that is not in its description. Those
   * who look after nodes add names of their own to what they ask of probes and metrics.
   */
  boolean isStrict() {
    return !isPage() && path.startsWith("/api/");
  }

  /** Whether it changes something, so that the audit log has to tell of it. */
  boolean changes() {
    return method.equals("POST") && access != Gate.Access.READ;
  }

  /** Whose answer gets a tag at the desk, by which it is not sent again to who has it. */
  Endpoint tagged() {
    return alsoAnswers(304, Answer.text("If-None-Match names what would be answered", ""));
  }

  boolean isTagged() {
    return answers.containsKey(304);
  }

  /** What it also refuses, besides what all endpoints of its kind do. */
  Endpoint refuses(int status, String description) {
    return alsoAnswers(status, Answer.text(description, "application/problem+json"));
  }

  Endpoint alsoAnswers(int status, Answer answer) {
    Map<Integer, Answer> all = new TreeMap<>(answers);
    all.put(status, answer);
    return new Endpoint(method, path, access, summary, parameters, body, all, handler);
  }
}
