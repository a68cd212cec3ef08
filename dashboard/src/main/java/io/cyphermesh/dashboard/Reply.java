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
  }

  /** One that is written while it lasts, by the request's own thread. */
  @FunctionalInterface
  non-sealed interface Stream extends Reply {
    void run(Context context) throws InterruptedException;
  }
}
