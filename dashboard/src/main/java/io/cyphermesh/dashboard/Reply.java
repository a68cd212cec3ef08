package io.cyphermesh.dashboard;

import io.jooby.Context;
import java.util.Map;

/** An answer to a request. */
sealed interface Reply {

  /** One that is known as a whole. */
  record Whole(int status, String contentType, String body, Map<String, String> headers)
      implements Reply {
    static Whole json(int status, String body) {
      return new Whole(status, "application/json", body, Map.of());
    }

    /**
     * The same with a tag of its content (RFC 9110 section 8.8.3), by which whoever has it already
     * need not be sent it again.
     */
    Whole tagged(Context request) {
      Map<String, String> headers =
          Map.of("ETag", Assets.etag(body), "Cache-Control", "private, no-cache");
      return Assets.has(request, headers)
          ? new Whole(304, contentType, "", headers)
          : new Whole(status, contentType, body, headers);
    }
  }

  /** One that is written while it lasts, by the request's own thread. */
  @FunctionalInterface
  non-sealed interface Stream extends Reply {
    void run(Context context) throws InterruptedException;

    /** What it is, told to those who ask for the headers only. */
    default String contentType() {
      return "text/event-stream";
    }

    /** Others that are told with it. */
    default Map<String, String> headers() {
      return Map.of();
    }
  }
}
