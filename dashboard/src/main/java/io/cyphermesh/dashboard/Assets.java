package io.cyphermesh.dashboard;

import io.jooby.Context;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The pages' own files, read when the first is asked for and kept. They lie in a folder that is
 * named by what is in all of them, so that a browser never asks again for what it has.
 */
final class Assets {
  private static final Pattern COMMA = Pattern.compile(",", Pattern.LITERAL);
  private static final String SCRIPT = "text/javascript;charset=utf-8";
  private static final String STYLE = "text/css;charset=utf-8";
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  /** Where each file is, by the name that it is asked by. */
  private static final Map<String, String> SOURCES =
      Map.ofEntries(
          own("app.css"),
          own("theme.js"),
          own("shell.js"),
          own("dom.js"),
          own("format.js"),
          own("api.js"),
          own("live.js"),
          own("live-worker.js"),
          own("stream.js"),
          own("dialog.js"),
          own("event-view.js"),
          own("plot.js"),
          own("overview.js"),
          own("events.js"),
          own("event.js"),
          own("indicators.js"),
          own("neighbourhood.js"),
          own("peers.js"),
          own("plugins.js"),
          own("node.js"),
          own("api-docs.js"),
          own("login.js"),
          own("lost.js"),
          own("favicon.svg"),
          Map.entry("uplot.js", UPLOT + "uPlot.iife.min.js"),
          Map.entry("uplot.css", UPLOT + "uPlot.min.css"));

  private @Nullable Files files;

  private record Files(String version, Map<String, String> bodies) {}

  private static Map.Entry<String, String> own(String name) {
    return Map.entry(name, "page/" + name);
  }

  /** The folder that they are asked for under, with its stroke at the end. */
  String folder() throws IOException {
    return "/assets/" + files().version() + "/";
  }

  /**
   * One of them.
   *
   * @param version as whoever asks knows it; an old page may ask for that of another one
   */
  Reply answer(Context request, Optional<String> version, String name) throws IOException {
    Files all = files();
    String body = all.bodies().get(name);
    if (body == null) {
      throw new Problem(404, "there is nothing here; load the page again");
    }
    Map<String, String> headers =
        Map.of(
            "ETag",
            etag(body),
            "Cache-Control",
            version.equals(Optional.of(all.version()))
                ? "public, max-age=31536000, immutable"
                : "no-cache");
    String type = name.endsWith(".css") ? STYLE : name.endsWith(".js") ? SCRIPT : "image/svg+xml";
    return has(request, headers)
        ? new Reply.Whole(304, type, "", headers)
        : new Reply.Whole(200, type, body, headers);
  }

  private synchronized Files files() throws IOException {
    Files known = files;
    if (known == null) {
      Map<String, String> bodies = new TreeMap<>();
      for (Map.Entry<String, String> each : SOURCES.entrySet()) {
        bodies.put(each.getKey(), resource(each.getValue()));
      }
      known = new Files(hash(String.join("\0", bodies.values())).substring(0, 12), bodies);
      files = known;
    }
    return known;
  }

  /** Whether a client has what these headers tag, by weak comparison (RFC 9110, 13.1.2). */
  static boolean has(Context request, Map<String, String> headers) {
    String tag = opaque(headers.getOrDefault("ETag", ""));
    return request.header("If-None-Match").toList().stream()
        .flatMap(COMMA::splitAsStream)
        .map(String::strip)
        .anyMatch(each -> opaque(each).equals(tag) || each.equals("*"));
  }

  private static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }

  static String resource(String name) throws IOException {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is missing in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A weak one, since what it tags is sent packed or not. */
  static String etag(String body) {
    return "W/\"" + hash(body) + '"';
  }

  private static String hash(String body) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
