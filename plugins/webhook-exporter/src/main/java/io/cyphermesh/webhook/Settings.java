package io.cyphermesh.webhook;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** The section of the configuration; each key is explained in reference.conf. */
record Settings(
    String url,
    String secretFile,
    Map<String, String> headers,
    Duration connectTimeout,
    Duration timeout) {

  Settings {
    headers = Map.copyOf(headers);
    if (connectTimeout.isNegative() || connectTimeout.isZero()) {
      throw new IllegalArgumentException("connect-timeout must be longer than nothing");
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout must be longer than nothing");
    }
  }

  /**
   * Where to post.
   *
   * @throws IllegalArgumentException if that is no address of a web server
   */
  URI endpoint() {
    if (url.isBlank()) {
      throw new IllegalArgumentException("url is empty: say where to post to");
    }
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("url is no URL: " + e.getMessage(), e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new IllegalArgumentException("url must begin with http:// or https:// and name a host");
    }
    return uri;
  }

  /**
   * A request with what is the same in all of them.
   *
   * @throws IllegalArgumentException if a header cannot be set; the message names it
   */
  HttpRequest.Builder request(URI endpoint) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("User-Agent", "cyphermesh-webhook-exporter");
    headers.forEach(
        (name, value) -> {
          try {
            request.setHeader(name, value);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("headers: " + e.getMessage(), e);
          }
        });
    return request;
  }
}
