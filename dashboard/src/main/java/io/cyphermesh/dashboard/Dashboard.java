package io.cyphermesh.dashboard;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.dashboard.Credentials.Holder;
import io.cyphermesh.dashboard.access.AuditLog;
import io.cyphermesh.dashboard.access.LoginRate;
import io.cyphermesh.dashboard.access.Sessions;
import io.cyphermesh.dashboard.access.TokenBook;
import io.cyphermesh.dashboard.access.TokenFile;
import io.jooby.Context;
import io.jooby.Environment;
import io.jooby.ExecutionMode;
import io.jooby.Jooby;
import io.jooby.Route;
import io.jooby.StartupSummary;
import io.jooby.StatusCode;
import io.jooby.exception.MethodNotAllowedException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page, REST API and live feed of a node, served over HTTP. */
public final class Dashboard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

  private final HttpListener listener;
  private final ExecutorService worker;
  private final LiveFeed live;
  private final EventExport export;
  private final ConnectionLimits limits;
  private final List<Endpoint> endpoints;
  private final Optional<ServerCertificate> certificate;

  private Dashboard(
      HttpListener listener,
      ExecutorService worker,
      LiveFeed live,
      EventExport export,
      ConnectionLimits limits,
      List<Endpoint> endpoints,
      Optional<ServerCertificate> certificate) {
    this.listener = listener;
    this.worker = worker;
    this.live = live;
    this.export = export;
    this.limits = limits;
    this.endpoints = endpoints;
    this.certificate = certificate;
  }

  /**
   * Starts to serve.
   *
   * @param process what is shown of the process around the node
   * @param metrics the node's metrics in Prometheus' text format, asked for at each scrape
   * @param clock what reports by hand are rationed by
   * @throws IOException if it cannot listen or the token can neither be read nor written; one line
   *     that says what to do
   */
  public static Dashboard start(
      DashboardSettings settings,
      NodeView view,
      NodeControl control,
      ProcessView process,
      Supplier<String> metrics,
      InstantSource clock)
      throws IOException {
    return start(settings, view, control, process, metrics, clock, Patience.USUAL);
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
      ProcessView process,
      Supplier<String> metrics,
      InstantSource clock,
      Patience patience)
      throws IOException {
    LongSupplier nanos = System::nanoTime;
    SecureRandom random = new SecureRandom();
    TokenFile tokens = new TokenFile(settings.tokens());
    TokenBook book = new TokenBook(tokens, clock, nanos);
    Credentials credentials = new Credentials(ApiToken.load(settings.tokenFile()), book);
    Sessions<Holder> sessions = new Sessions<>(random, nanos);
    AccessApi.Cookie cookie =
        AccessApi.Cookie.of(view.status().nodeId(), settings.tls().isPresent());
    Gate gate = new Gate(settings, credentials, sessions, cookie.name());
    AuditLog audit = new AuditLog(settings.auditLog(), clock, nanos);
    Geo geo = new Geo(settings.geo(), nanos);
    // The listener's own patience ends a write first; this one is for a listener that is gone.
    Predicate<Context> mayStay = request -> gate.stillCounts(Caller.of(request));
    LiveFeed live =
        new LiveFeed(
            view, geo, patience.heartbeat(), patience.write().plus(Duration.ofSeconds(5)), mayStay);
    EventExport export =
        new EventExport(view, geo, patience.write().plus(Duration.ofSeconds(5)), mayStay);
    AccessApi access =
        new AccessApi(
            new AccessApi.Parts(
                gate,
                credentials,
                sessions,
                new LoginRate(nanos),
                tokens,
                book,
                audit,
                cookie,
                clock,
                random));
    Optional<ServerCertificate> certificate =
        settings.tls().isPresent()
            ? Optional.of(ServerCertificate.of(settings, clock, nanos))
            : Optional.empty();
    List<Endpoint> others = new ArrayList<>(new ProbeApi(view, nanos).endpoints());
    others.addAll(
        new NodeApi(view, control, process, certificate.map(ServerCertificate::sha256))
            .endpoints());
    others.addAll(access.endpoints());
    Pages pages = new Pages();
    others.addAll(pages.endpoints());
    Api api = new Api(view, control, metrics, live, export, geo, new WriteRate(clock), others);
    List<Endpoint> endpoints = api.endpoints();
    Desk desk = new Desk(gate, audit, pages, endpoints);
    Jooby app = application(desk, endpoints);
    ExecutorService worker =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("dashboard-", 0).factory());
    ConnectionLimits limits = new ConnectionLimits(patience.request(), patience.write());
    ConnectionGuard.Refusals refusals =
        (method, path, from, problem) -> {
          try {
            worker.execute(() -> desk.refused(method, path, from, problem));
          } catch (RejectedExecutionException e) {
            // The node is stopping, and its last second is not worth a line.
          }
        };
    HttpListener listener =
        new HttpListener(settings.listen(), worker, limits, refusals, certificate);
    try {
      listener.bind(app);
    } catch (IOException | RuntimeException e) {
      worker.shutdownNow();
      throw e;
    }
    return new Dashboard(listener, worker, live, export, limits, endpoints, certificate);
  }

  /** Where it listens, with the port that was taken for 0. */
  public HostPort address() {
    return listener.address();
  }

  /**
   * The SHA-256 of the certificate that it shows, 64 lower-case hexadecimal digits; empty where it
   * speaks plain HTTP. Who reads it from the node itself needs no authority to trust the other end.
   */
  public Optional<String> certificateSha256() {
    return certificate.map(ServerCertificate::sha256);
  }

  /** How many clients of the live feed were cut since they did not keep up, ever. */
  public long liveCut() {
    return live.cut();
  }

  /** The table of everything that can be asked. */
  List<Endpoint> endpoints() {
    return endpoints;
  }

  /** How many clients listen to the live feed. */
  public int liveClients() {
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
    export.close();
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

  private static Jooby application(Desk desk, List<Endpoint> endpoints) {
    Jooby app = new Jooby();
    // Jooby would search the working directory and the class path for configuration of its own.
    app.setEnvironment(
        new Environment(Dashboard.class.getClassLoader(), ConfigFactory.empty(), "prod"));
    app.setTmpdir(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
    app.setExecutionMode(ExecutionMode.WORKER);
    app.setStartupSummary(List.of(StartupSummary.NONE));
    Map<String, TreeSet<String>> methods = new TreeMap<>();
    for (Endpoint endpoint : endpoints) {
      Set<String> possible = methods.computeIfAbsent(endpoint.path(), _ -> new TreeSet<>());
      possible.add(endpoint.method());
      Route.Handler handler = desk.at(endpoint);
      app.route(endpoint.method(), endpoint.path(), handler);
      if (endpoint.method().equals("GET")) {
        possible.add("HEAD");
        app.route("HEAD", endpoint.path(), handler);
      }
    }
    // Jooby would answer these by itself, to anybody.
    methods.forEach(
        (path, possible) -> {
          Endpoint refusal =
              new Endpoint(
                  "OPTIONS",
                  path,
                  Gate.Access.OPEN,
                  "",
                  List.of(),
                  Optional.empty(),
                  Map.of(),
                  context -> {
                    throw notPossible(context, possible);
                  });
          app.route("OPTIONS", path, desk.at(refusal));
        });
    app.error((context, cause, code) -> fail(desk, context, cause, code));
    return app;
  }

  private static Problem notPossible(Context context, Set<String> possible) {
    return new Problem(
        405,
        context.getMethod()
            + " is not possible here, "
            + String.join(" and ", possible)
            + (possible.size() == 1 ? " is" : " are"),
        Map.of("Allow", String.join(", ", possible)));
  }

  /** What no endpoint answered, or what an endpoint failed at. */
  private static void fail(Desk desk, Context context, Throwable cause, StatusCode code) {
    String path = context.getRequestPath();
    // Where Jooby decodes what is not UTF-8, in a query for instance, it throws this undeclared.
    boolean undecodable =
        Stream.iterate(cause, Objects::nonNull, Throwable::getCause)
            .limit(10)
            .anyMatch(CharacterCodingException.class::isInstance);
    Problem problem =
        switch (undecodable ? 400 : code.value()) {
          case 400 ->
              new Problem(
                  400,
                  undecodable ? "the address is not UTF-8" : "the request cannot be understood");
          case 404 -> new Problem(404, "there is nothing here; the API is at /api/v1/openapi.json");
          case 405 -> {
            TreeSet<String> allow =
                new TreeSet<>(
                    cause instanceof MethodNotAllowedException refused
                        ? refused.getAllow()
                        : List.of());
            allow.remove("OPTIONS");
            yield notPossible(context, allow);
          }
          case 413 -> new Problem(413, "the body is larger than 64 KiB");
          case 415 -> new Problem(415, "the body must be JSON: Content-Type: application/json");
          default -> {
            LOG.error("{} {} failed", context.getMethod(), path, cause);
            yield new Problem(500, "the node failed at this; its log says why");
          }
        };
    if (code.value() == 413) {
      desk.refused(context.getMethod(), path, Caller.address(context), problem);
    }
    if (!context.isResponseStarted()) {
      desk.tell(context, problem);
    }
  }
}
