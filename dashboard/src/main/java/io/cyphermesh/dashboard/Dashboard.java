package io.cyphermesh.dashboard;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.view.NodeView;
import io.jooby.Context;
import io.jooby.Environment;
import io.jooby.ExecutionMode;
import io.jooby.Jooby;
import io.jooby.StartupSummary;
import io.jooby.StatusCode;
import io.jooby.exception.MethodNotAllowedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page, REST API and live feed of a node, served over HTTP. */
public final class Dashboard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

  private final HttpListener listener;
  private final ExecutorService worker;
  private final LiveFeed live;
  private final ConnectionLimits limits;

  private Dashboard(
      HttpListener listener, ExecutorService worker, LiveFeed live, ConnectionLimits limits) {
    this.listener = listener;
    this.worker = worker;
    this.live = live;
    this.limits = limits;
  }

  /**
   * Starts to serve.
   *
   * @param metrics the node's metrics in Prometheus' text format, asked for at each scrape
   * @param clock what reports by hand are rationed by
   * @throws IOException if it cannot listen or the token can neither be read nor written; one line
   *     that says what to do
   */
  public static Dashboard start(
      DashboardSettings settings,
      NodeView view,
      NodeControl control,
      Supplier<String> metrics,
      InstantSource clock)
      throws IOException {
    return start(settings, view, control, metrics, clock, Patience.USUAL);
  }

  /**
   * How long clients are waited for.
   *
   * @param request until a connection's next request is whole
   * @param write until what was written has been read
   * @param heartbeat between signs of life in a silent live feed
   */
  record Patience(Duration request, Duration write, Duration heartbeat) {
    static final Patience USUAL =
        new Patience(Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofSeconds(15));
  }

  static Dashboard start(
      DashboardSettings settings,
      NodeView view,
      NodeControl control,
      Supplier<String> metrics,
      InstantSource clock,
      Patience patience)
      throws IOException {
    Gate gate = new Gate(settings, ApiToken.load(settings.tokenFile()));
    // The listener's own patience ends a write first; this one is for a listener that is gone.
    LiveFeed live =
        new LiveFeed(view, patience.heartbeat(), patience.write().plus(Duration.ofSeconds(5)));
    Api api = new Api(view, control, metrics, live, new WriteRate(clock));
    Jooby app = application(gate, api.endpoints());
    ExecutorService worker =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("dashboard-", 0).factory());
    ConnectionLimits limits = new ConnectionLimits(patience.request(), patience.write());
    HttpListener listener = new HttpListener(settings.listen(), worker, limits);
    try {
      listener.bind(app);
    } catch (IOException | RuntimeException e) {
      worker.shutdownNow();
      throw e;
    }
    return new Dashboard(listener, worker, live, limits);
  }

  /** Where it listens, with the port that was taken for 0. */
  public HostPort address() {
    return listener.address();
  }

  int liveClients() {
    return live.clients();
  }

  int connections() {
    return limits.connections();
  }

  /** Ends the live feeds, lets requests under way finish for 2 s, and gives all threads back. */
  @Override
  public void close() {
    listener.stopListening();
    live.close();
    worker.shutdown();
    try {
      if (!worker.awaitTermination(2, TimeUnit.SECONDS)) {
        worker.shutdownNow();
        // Who was waiting is told so, before the connections go.
        var _ = worker.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      worker.shutdownNow();
      Thread.currentThread().interrupt();
    }
    listener.stop();
  }

  private static Jooby application(Gate gate, List<Endpoint> endpoints) {
    Jooby app = new Jooby();
    // Jooby would search the working directory and the class path for configuration of its own.
    app.setEnvironment(
        new Environment(Dashboard.class.getClassLoader(), ConfigFactory.empty(), "prod"));
    app.setTmpdir(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
    app.setExecutionMode(ExecutionMode.WORKER);
    app.setStartupSummary(List.of(StartupSummary.NONE));
    for (Endpoint endpoint : endpoints) {
      app.route(endpoint.method(), endpoint.path(), context -> serve(gate, endpoint, context));
      if (endpoint.method().equals("GET")) {
        app.route("HEAD", endpoint.path(), context -> serve(gate, endpoint, context));
      }
    }
    app.error(Dashboard::fail);
    return app;
  }

  private static Object serve(Gate gate, Endpoint endpoint, Context context) throws Exception {
    Reply reply;
    try {
      gate.check(context, endpoint.access());
      reply = endpoint.handler().handle(context);
      if (reply instanceof Reply.Stream stream) {
        if (context.getMethod().equals("HEAD")) {
          reply = new Reply.Whole(200, "text/event-stream", "", Map.of());
        } else {
          SecurityHeaders.ALL.forEach(context::setResponseHeader);
          stream.run(context);
          return context;
        }
      }
    } catch (Problem problem) {
      reply = problem.reply(context.getRequestPath());
    } catch (InterruptedException e) {
      if (context.isResponseStarted()) {
        return context;
      }
      reply = new Problem(503, "the node is stopping").reply(context.getRequestPath());
    }
    send(context, (Reply.Whole) reply);
    return context;
  }

  /** What no endpoint answered, or what an endpoint failed at. */
  private static void fail(Context context, Throwable cause, StatusCode code) {
    String path = context.getRequestPath();
    Problem problem =
        switch (code.value()) {
          case 400 -> new Problem(400, "the request cannot be understood");
          case 404 -> new Problem(404, "there is nothing here; the API is at /api/v1/openapi.json");
          case 405 -> {
            TreeSet<String> allow =
                new TreeSet<>(
                    cause instanceof MethodNotAllowedException refused
                        ? refused.getAllow()
                        : List.of());
            yield new Problem(
                405,
                context.getMethod()
                    + " is not possible here, "
                    + String.join(" and ", allow)
                    + " is",
                Map.of("Allow", String.join(", ", allow)));
          }
          case 413 -> new Problem(413, "the body is larger than 64 KiB");
          case 415 -> new Problem(415, "the body must be JSON: Content-Type: application/json");
          default -> {
            LOG.error("{} {} failed", context.getMethod(), path, cause);
            yield new Problem(500, "the node failed at this; its log says why");
          }
        };
    if (!context.isResponseStarted()) {
      send(context, (Reply.Whole) problem.reply(path));
    }
  }

  private static void send(Context context, Reply.Whole reply) {
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    SecurityHeaders.ALL.forEach(context::setResponseHeader);
    context.setResponseCode(reply.status());
    context.setResponseType(reply.contentType());
    reply.headers().forEach(context::setResponseHeader);
    if (context.getMethod().equals("HEAD") || reply.status() == 304) {
      context.setResponseLength(body.length);
      context.send(StatusCode.valueOf(reply.status()));
    } else {
      context.send(body);
    }
  }
}
