package io.cyphermesh.dashboard;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes the table of endpoints as an OpenAPI 3.1 document. */
final class OpenApi {
  private OpenApi() {}

  static String document(List<Endpoint> endpoints, String version) throws IOException {
    JsonObject document = new JsonObject();
    document.addProperty("openapi", "3.1.0");
    JsonObject info = new JsonObject();
    info.addProperty("title", "CypherMesh node");
    info.addProperty(
        "description",
        "What a node of the mesh knows, live, and what its operator can tell it. Errors are RFC"
            + " 9457 problem documents.");
    info.addProperty("version", version);
    document.add("info", info);
    JsonObject paths = new JsonObject();
    for (Endpoint endpoint : endpoints) {
      if (endpoint.isPage()) {
        continue;
      }
      if (!paths.has(endpoint.path())) {
        paths.add(endpoint.path(), new JsonObject());
      }
      JsonObject path = paths.getAsJsonObject(endpoint.path());
      path.add(endpoint.method().toLowerCase(Locale.ROOT), operation(endpoint, false));
      if (endpoint.method().equals("GET")) {
        path.add("head", operation(endpoint, true));
      }
    }
    document.add("paths", paths);
    JsonObject components = new JsonObject();
    components.add("schemas", JsonParser.parseString(Assets.resource("schemas.json")));
    JsonObject bearer = new JsonObject();
    bearer.addProperty("type", "http");
    bearer.addProperty("scheme", "bearer");
    bearer.addProperty(
        "description",
        "A token of 'cyphermesh token create', or the text of the node's file api-token, which has"
            + " the role admin. Roles: read; report, which may also report events; admin, which"
            + " may do everything. Each operation names the least role that it needs.");
    JsonObject schemes = new JsonObject();
    schemes.add("token", bearer);
    schemes.add(
        "session",
        apiKey(
            "cookie",
            "cyphermesh-NODE",
            "A browser's session, begun at /api/v1/login; NODE is the begin of the node's id, and"
                + " over HTTPS __Host- stands before the name."));
    schemes.add(
        "csrf",
        apiKey(
            "header",
            Gate.CSRF_HEADER,
            "What /api/v1/session tells a logged-in page; tokens need none."));
    components.add("securitySchemes", schemes);
    document.add("components", components);
    return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(document);
  }

  private static JsonObject operation(Endpoint endpoint, boolean head) {
    JsonObject operation = new JsonObject();
    operation.addProperty("summary", endpoint.summary() + (head ? " (headers only)" : ""));
    operation.addProperty("operationId", operationId(head ? "HEAD" : endpoint.method(), endpoint));
    if (!endpoint.parameters().isEmpty()) {
      JsonArray parameters = new JsonArray();
      for (Endpoint.Parameter each : endpoint.parameters()) {
        JsonObject parameter = new JsonObject();
        parameter.addProperty("name", each.name());
        parameter.addProperty("in", each.in());
        parameter.addProperty("required", each.in().equals("path"));
        parameter.addProperty("description", each.description());
        parameter.add("schema", JsonParser.parseString(each.schema()));
        parameters.add(parameter);
      }
      operation.add("parameters", parameters);
    }
    endpoint
        .body()
        .ifPresent(
            schema -> {
              JsonObject body = new JsonObject();
              body.addProperty("required", true);
              body.add("content", content("application/json", schema));
              operation.add("requestBody", body);
            });
    JsonObject responses = new JsonObject();
    Map<Integer, Endpoint.Answer> answers = new TreeMap<>(refusals(endpoint));
    answers.putAll(endpoint.answers());
    answers.forEach(
        (status, answer) -> {
          JsonObject response = new JsonObject();
          response.addProperty("description", answer.description());
          if (!head && !answer.contentType().isEmpty()) {
            response.add("content", content(answer.contentType(), answer.schema().orElse("")));
          }
          responses.add(Integer.toString(status), response);
        });
    JsonObject problem = new JsonObject();
    problem.addProperty("description", "What went wrong, and what to do about it");
    if (!head) {
      problem.add("content", content("application/problem+json", "Problem"));
    }
    responses.add("default", problem);
    operation.add("responses", responses);
    operation.add("security", security(endpoint));
    return operation;
  }

  /** What every endpoint of its kind refuses. */
  private static Map<Integer, Endpoint.Answer> refusals(Endpoint endpoint) {
    Map<Integer, String> refusals = new TreeMap<>();
    if (endpoint.isStrict()) {
      refusals.put(400, "What was asked cannot be understood");
    }
    if (endpoint.access() == Gate.Access.READ) {
      refusals.put(401, "The token shown counts no more, or none was where reading needs one");
    } else if (endpoint.access().role().isPresent()) {
      refusals.put(401, "No token was shown, or none that counts");
    }
    boolean anyRole = endpoint.access().role().isEmpty() || endpoint.access() == Gate.Access.READ;
    refusals.put(
        403,
        anyRole
            ? "A page of another site asked"
            : "The token's role is not enough, the csrf header is missing, or a page of another"
                + " site asked");
    if (endpoint.body().isPresent()) {
      refusals.put(413, "The body is larger than 64 KiB");
      refusals.put(415, "The body is not called JSON");
    }
    refusals.put(421, "The Host is none of this node's names");
    Map<Integer, Endpoint.Answer> answers = new TreeMap<>();
    refusals.forEach(
        (status, why) ->
            answers.put(status, Endpoint.Answer.text(why, "application/problem+json")));
    return answers;
  }

  private static JsonObject apiKey(String in, String name, String description) {
    JsonObject scheme = new JsonObject();
    scheme.addProperty("type", "apiKey");
    scheme.addProperty("in", in);
    scheme.addProperty("name", name);
    scheme.addProperty("description", description);
    return scheme;
  }

  /** Reading on loopback is open, and by a token elsewhere: hence the empty alternative. */
  private static JsonArray security(Endpoint endpoint) {
    JsonArray security = new JsonArray();
    endpoint
        .access()
        .role()
        .ifPresent(
            role -> {
              JsonArray roles = new JsonArray();
              roles.add(role.term());
              JsonObject token = new JsonObject();
              token.add("token", roles);
              security.add(token);
              JsonObject session = new JsonObject();
              session.add("session", roles.deepCopy());
              if (!endpoint.method().equals("GET")) {
                session.add("csrf", new JsonArray());
              }
              security.add(session);
            });
    if (endpoint.access() == Gate.Access.OPEN || endpoint.access() == Gate.Access.READ) {
      security.add(new JsonObject());
    }
    return security;
  }

  private static JsonObject content(String type, String schema) {
    JsonObject media = new JsonObject();
    if (!schema.isEmpty()) {
      JsonObject reference = new JsonObject();
      reference.addProperty("$ref", "#/components/schemas/" + schema);
      media.add("schema", reference);
    }
    JsonObject content = new JsonObject();
    content.add(type, media);
    return content;
  }

  private static String operationId(String method, Endpoint endpoint) {
    StringBuilder id = new StringBuilder(method.toLowerCase(Locale.ROOT));
    for (String part : endpoint.path().split("[^A-Za-z0-9]+", -1)) {
      if (!part.isEmpty()) {
        id.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
      }
    }
    return id.toString();
  }
}
