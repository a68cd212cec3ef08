package io.cyphermesh.dashboard;

import com.google.gson.stream.JsonWriter;
import io.cyphermesh.dashboard.Credentials.Holder;
import io.cyphermesh.dashboard.Endpoint.Answer;
import io.cyphermesh.dashboard.Endpoint.Parameter;
import io.cyphermesh.dashboard.Gate.Access;
import io.cyphermesh.dashboard.access.AuditEntry;
import io.cyphermesh.dashboard.access.AuditLog;
import io.cyphermesh.dashboard.access.LoginRate;
import io.cyphermesh.dashboard.access.Role;
import io.cyphermesh.dashboard.access.Sessions;
import io.cyphermesh.dashboard.access.Sessions.Session;
import io.cyphermesh.dashboard.access.Token;
import io.cyphermesh.dashboard.access.TokenBook;
import io.cyphermesh.dashboard.access.TokenFile;
import io.jooby.Context;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Logging in and out, tokens, and the audit log. */
final class AccessApi {
  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_LIMIT = 500;

  private final Parts parts;

  /**
   * What it needs.
   *
   * @param cookie the session cookie's name and its fixed attributes
   */
  record Parts(
      Gate gate,
      Credentials credentials,
      Sessions<Holder> sessions,
      LoginRate logins,
      TokenFile tokens,
      TokenBook book,
      AuditLog audit,
      Cookie cookie,
      InstantSource clock,
      RandomGenerator random) {}

  /**
   * How a session is kept in a browser: no script reads it, and no other site has it sent along.
   *
   * @param secure whether it may travel over TLS only
   */
  record Cookie(String name, boolean secure) {
    /** Of a node: browsers keep cookies by host and not by port, and a host may have more nodes. */
    static Cookie of(String nodeId, boolean secure) {
      String name = "cyphermesh-" + nodeId.substring(0, Math.min(8, nodeId.length()));
      return new Cookie(secure ? "__Host-" + name : name, secure);
    }

    Map<String, String> header(String value, Duration life) {
      return Map.of(
          "Set-Cookie",
          name
              + "="
              + value
              + "; Path=/; Max-Age="
              + life.toSeconds()
              + "; HttpOnly; SameSite=Strict"
              + (secure ? "; Secure" : ""));
    }
  }

  AccessApi(Parts parts) {
    this.parts = parts;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            "/api/v1/session",
            Access.OPEN,
            "Who asks, and what he may do; csrf is what a logged-in page repeats to change"
                + " something",
            Answer.json("His role, or what everybody may", "Session"),
            this::session),
        post(
                "/api/v1/login",
                Access.OPEN,
                "Begin a browser's session by a token",
                Optional.of("Login"),
                200,
                Answer.json("It has begun; the cookie is HttpOnly and SameSite=Strict", "Session"),
                this::login)
            .refuses(401, "It is no token of this node, or counts no more")
            .refuses(429, "Too many wrong logins"),
        post(
            "/api/v1/logout",
            Access.OPEN,
            "End the browser's session",
            Optional.empty(),
            200,
            Answer.json("It has ended, or there was none", "Session"),
            this::logout),
        Endpoint.get(
            "/api/v1/tokens",
            Access.ADMIN,
            "Tokens, without their secrets",
            Answer.json("All, in the order in which they were made", "Tokens"),
            _ -> tokens()),
        post(
                "/api/v1/tokens",
                Access.ADMIN,
                "Make a token",
                Optional.of("NewToken"),
                201,
                Answer.json("With its secret, which is told this once", "MadeToken"),
                this::create)
            .refuses(409, "There is one of that name, or there are too many"),
        post(
                "/api/v1/tokens/{id}/revoke",
                Access.ADMIN,
                "Take a token's power away for good; its sessions end",
                Optional.empty(),
                200,
                Answer.json("What it was", "Token"),
                this::revoke)
            .with(new Parameter("id", "path", "{\"type\":\"string\"}", "The token's id or name"))
            .refuses(404, "There is no such token"),
        Endpoint.get(
                "/api/v1/audit",
                Access.ADMIN,
                "Who changed what, newest first",
                Answer.json("One page; next goes on", "AuditPage"),
                this::audit)
            .with(
                new Parameter(
                    "limit",
                    "query",
                    "{\"type\":\"integer\",\"minimum\":1,\"maximum\":500,\"default\":50}",
                    "How many at most"),
                new Parameter(
                    "before",
                    "query",
                    "{\"type\":\"integer\",\"minimum\":0}",
                    "Only lines with a smaller seq: the next of the page before")));
  }

  private static Endpoint post(
      String path,
      Access access,
      String summary,
      Optional<String> body,
      int status,
      Answer answer,
      Endpoint.Handler handler) {
    return new Endpoint(
        "POST", path, access, summary, List.of(), body, Map.of(status, answer), handler);
  }

  private Reply session(Context request) {
    Caller caller = Caller.of(request);
    return Reply.Whole.json(200, text(caller.holder(), caller.session()));
  }

  private Reply login(Context request) {
    Holder holder;
    try {
      String secret =
          Api.required(Json.readFlat(Api.body(request), List.of("token"), List.of()), "token");
      holder =
          parts
              .credentials()
              .find(secret.strip())
              .orElseThrow(
                  () -> new Problem(401, "that is no token of this node, or none any more"));
    } catch (Problem wrong) {
      // Only what is wrong is rationed: nobody's guesses keep another from logging in.
      Optional<Duration> wait = parts.logins().take(Caller.address(request));
      if (wait.isPresent()) {
        throw new Problem(
            429,
            "too many wrong logins: wait",
            Map.of("Retry-After", Long.toString(wait.get().toSeconds())));
      }
      throw wrong;
    }
    parts.gate().cookie(request).ifPresent(parts.sessions()::end);
    Sessions.Begun<Holder> begun = parts.sessions().begin(holder);
    Caller caller = new Caller(Optional.of(holder), Optional.of(begun.session()));
    caller.in(request);
    return new Reply.Whole(
        200,
        "application/json",
        text(caller.holder(), caller.session()),
        parts.cookie().header(begun.cookie(), Sessions.LIFE));
  }

  private Reply logout(Context request) {
    parts.gate().cookie(request).ifPresent(parts.sessions()::end);
    return new Reply.Whole(
        200,
        "application/json",
        text(Optional.empty(), Optional.empty()),
        parts.cookie().header("", Duration.ZERO));
  }

  private String text(Optional<Holder> holder, Optional<Session<Holder>> session) {
    Optional<String> role =
        holder
            .map(Holder::role)
            .or(() -> parts.gate().readNeedsToken() ? Optional.empty() : Optional.of(Role.READ))
            .map(Role::term);
    return Json.text(
        json -> {
          json.beginObject();
          json.name("name").value(holder.map(Holder::name).orElse(null));
          json.name("role").value(role.orElse(null));
          json.name("csrf").value(session.map(Session::csrf).orElse(null));
          json.endObject();
        });
  }

  private Reply tokens() throws IOException {
    List<Token> tokens = parts.tokens().read();
    return Reply.Whole.json(
        200,
        Json.text(
            json -> {
              json.beginObject();
              json.name("tokens").beginArray();
              for (Token token : tokens) {
                json.beginObject();
                fields(json, token);
                json.endObject();
              }
              json.endArray();
              json.endObject();
            }));
  }

  private static void fields(JsonWriter json, Token token) throws IOException {
    json.name("id").value(token.id());
    json.name("name").value(token.name());
    json.name("role").value(token.role().term());
    json.name("created").value(token.created().toString());
    json.name("expires").value(token.expires().map(Instant::toString).orElse(null));
  }

  private Reply create(Context request) throws IOException {
    Map<String, String> body =
        Json.readFlat(Api.body(request), List.of("name", "role", "expires"), List.of());
    String term = Api.required(body, "role");
    Role role =
        Role.of(term).orElseThrow(() -> new Problem(400, "'role' is read, report or admin"));
    Optional<Instant> expires;
    try {
      expires = Optional.ofNullable(body.get("expires")).map(Instant::parse);
    } catch (DateTimeException e) {
      throw new Problem(400, "'expires' is a time such as 2027-01-31T00:00:00Z");
    }
    TokenFile.Made made;
    try {
      made =
          parts
              .tokens()
              .create(
                  Api.required(body, "name"),
                  role,
                  expires,
                  parts.clock().instant(),
                  parts.random());
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    } catch (IllegalStateException e) {
      throw new Problem(409, String.valueOf(e.getMessage()));
    }
    parts.book().forget();
    Caller.about(request, made.token().name() + " (" + role.term() + ")");
    return new Reply.Whole(
        201,
        "application/json",
        Json.text(
            json -> {
              json.beginObject();
              fields(json, made.token());
              json.name("secret").value(made.secret());
              json.endObject();
            }),
        Map.of());
  }

  private Reply revoke(Context request) throws IOException {
    Token revoked =
        parts
            .tokens()
            .revoke(Api.id(request))
            .orElseThrow(
                () -> new Problem(404, "there is no such token; /api/v1/tokens lists all"));
    parts.book().forget();
    Caller.about(request, revoked.name() + " (" + revoked.role().term() + ")");
    return Reply.Whole.json(
        200,
        Json.text(
            json -> {
              json.beginObject();
              fields(json, revoked);
              json.endObject();
            }));
  }

  private Reply audit(Context request) throws IOException {
    int limit = Api.number(request, "limit", 1, MAX_LIMIT).orElse((long) DEFAULT_LIMIT).intValue();
    long before = Api.number(request, "before", 0, Long.MAX_VALUE).orElse(Long.MAX_VALUE);
    List<AuditEntry> found = parts.audit().page(limit + 1, before);
    List<AuditEntry> shown = found.subList(0, Math.min(limit, found.size()));
    return Reply.Whole.json(
        200,
        Json.text(
            json -> {
              json.beginObject();
              json.name("entries").beginArray();
              for (AuditEntry entry : shown) {
                entry.writeTo(json);
              }
              json.endArray();
              json.name("next");
              if (found.size() > limit) {
                json.value(shown.getLast().seq());
              } else {
                json.nullValue();
              }
              json.endObject();
            }));
  }
}
