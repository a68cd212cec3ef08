package io.cyphermesh.cli.client;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;

/** A node's server-sent events, one after the other. One thread reads it. */
public final class LiveFeed implements AutoCloseable {
  private final HttpURLConnection connection;
  private final BufferedReader lines;

  /**
   * A message.
   *
   * @param name {@code event}, {@code missed}, {@code peers}, …
   * @param body what it carries
   */
  public record Message(String name, JsonObject body) {}

  LiveFeed(HttpURLConnection connection) throws IOException {
    this.connection = connection;
    this.lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Waits for the next message.
   *
   * @throws IOException if the feed has ended
   */
  public Message next() throws IOException {
    String name = "message";
    StringBuilder data = new StringBuilder();
    while (true) {
      String line = lines.readLine();
      if (line == null) {
        throw new EOFException("the live feed ended");
      }
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          return new Message(name, Json.object(data.toString()));
        }
        name = "message";
      } else if (line.startsWith("event:")) {
        name = line.substring(6).strip();
      } else if (line.startsWith("data:")) {
        data.append(line, 5, line.length()).append('\n');
      }
    }
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
