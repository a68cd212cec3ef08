package io.cyphermesh.dashboard;

import io.jooby.StatusCode;
import java.util.Map;
import java.util.Optional;

/** What the caller did wrong or must wait for; told as a problem document (RFC 9457). */
final class Problem extends RuntimeException {
  private final int status;
  private final Map<String, String> headers;
  private final Optional<String> field;

  /**
   * @param status HTTP status
   * @param detail what happened and what to do about it
   * @param headers what the status asks for, for instance {@code Retry-After}
   */
  Problem(int status, String detail, Map<String, String> headers) {
    this(status, detail, headers, Optional.empty());
  }

  private Problem(int status, String detail, Map<String, String> headers, Optional<String> field) {
    // Problems are answers, not faults: nobody reads their stack.
    super(detail, null, false, false);
    this.status = status;
    this.headers = Map.copyOf(headers);
    this.field = field;
  }

  Problem(int status, String detail) {
    this(status, detail, Map.of());
  }

  /** A parameter of the query that cannot be understood. */
  static Problem ofField(String name, String detail) {
    return new Problem(400, detail, Map.of(), Optional.of(name));
  }

  int status() {
    return status;
  }

  String detail() {
    return String.valueOf(getMessage());
  }

  Map<String, String> headers() {
    return headers;
  }

  /** The problem document for a request to {@code path}. */
  Reply.Whole reply(String path) {
    String body =
        Json.text(
            json -> {
              json.beginObject();
              json.name("type").value("about:blank");
              json.name("title").value(title(status));
              json.name("status").value(status);
              json.name("detail").value(detail());
              json.name("instance").value(path);
              if (field.isPresent()) {
                json.name("field").value(field.get());
              }
              json.endObject();
            });
    return new Reply.Whole(status, "application/problem+json", body, headers);
  }

  private static String title(int status) {
    return status == 421 ? "Misdirected Request" : StatusCode.valueOf(status).reason();
  }
}
