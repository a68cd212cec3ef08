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
import java.util.concurrent.ConcurrentHashMap;

/** The page's own files, read when first asked for and kept. */
final class Page {
  private final Map<String, Reply.Whole> files = new ConcurrentHashMap<>();

  Reply file(Context request, String name, String contentType) throws IOException {
    Reply.Whole file = files.get(name);
    if (file == null) {
      String body = resource("page/" + name);
      file =
          new Reply.Whole(
              200, contentType, body, Map.of("ETag", etag(body), "Cache-Control", "no-cache"));
      files.put(name, file);
    }
    if (request.header("If-None-Match").toList().contains(file.headers().get("ETag"))) {
      return new Reply.Whole(304, contentType, "", file.headers());
    }
    return file;
  }

  static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is missing in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String etag(String body) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
      return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
