package io.cyphermesh.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Holds answers against what is said of them. */
final class Described {
  private final Map<String, JsonObject> paths = new TreeMap<>();

  Described(List<Endpoint> endpoints) throws IOException {
    JsonParser.parseString(OpenApi.document(endpoints, "1"))
        .getAsJsonObject()
        .getAsJsonObject("paths")
        .asMap()
        .forEach((path, operations) -> paths.put(path, operations.getAsJsonObject()));
  }

  /** That the description names a status with which an endpoint answers; 500 is a fault. */
  <T> HttpResponse<T> check(HttpResponse<T> answer) {
    HttpRequest request = answer.request();
    String asked = request.uri().getRawPath();
    for (Map.Entry<String, JsonObject> each : paths.entrySet()) {
      JsonObject operation =
          each.getValue().getAsJsonObject(request.method().toLowerCase(Locale.ROOT));
      if (operation != null
          && asked.matches(each.getKey().replaceAll("\\{\\w+}", "[^/]+"))
          && answer.statusCode() != 500
          // Before anybody looks what is asked for, whoever sends too much is refused.
          && (answer.statusCode() != 413 || operation.has("requestBody"))) {
        assertThat(operation.getAsJsonObject("responses").keySet())
            .as("%s %s", request.method(), each.getKey())
            .contains(Integer.toString(answer.statusCode()));
      }
    }
    return answer;
  }
}
