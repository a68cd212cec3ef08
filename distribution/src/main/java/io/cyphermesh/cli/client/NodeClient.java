package io.cyphermesh.cli.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.stream.MalformedJsonException;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeFile;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * A running node, asked over REST.
 *
 * <p>Uses {@link HttpURLConnection}, since it is up a tenth of a second sooner than the newer
 * client, and a command lives hardly longer than that.
 */
public final class NodeClient {
  private static final int CONNECT_MILLIS = 3_000;
  private static final int READ_MILLIS = 30_000;

  /** An order to a plugin takes as long as that needs to stop, and waits for the orders before. */
  private static final int ORDER_MILLIS = 60_000;

  /** The node sends something every few seconds; this long a silence means that it has gone. */
  private static final int LIVE_MILLIS = 60_000;

  private static final int MOST_BYTES = 64 << 20;
  private static final int PAGE = 500;

  private final NodeFile node;
  private final DataDirectory data;

  private NodeClient(NodeFile node, DataDirectory data) {
    this.node = node;
    this.data = data;
  }

  /** The node that runs on this data directory; empty where none does. */
  public static Optional<NodeClient> find(DataDirectory data) {
    try {
      return NodeFile.read(data).map(node -> new NodeClient(node, data));
    } catch (IOException e) {
      throw new CommandFailure("cannot tell if a node runs: " + CommandFailure.reason(e));
    }
  }

  /** Where its dashboard is. */
  public URI url() {
    return node.url();
  }

  /** Its process. */
  public long pid() {
    return node.pid();
  }

  /**
   * Reads a document.
   *
   * @throws NodeGone if nobody listens
   * @throws CommandFailure if the node refuses; the message is the node's own
   */
  public JsonObject get(String path) throws NodeGone {
    return call("GET", path, null, READ_MILLIS);
  }

  /** Reads a text, as {@link #get} does. */
  public String text(String path) throws NodeGone {
    return ask("GET", path, null, READ_MILLIS);
  }

  /** Sends a document and reads the answer, as {@link #get} does. */
  public JsonObject post(String path, JsonObject body) throws NodeGone {
    return call("POST", path, body, READ_MILLIS);
  }

  /** Gives an order that says all by its path and may take a minute; else as {@link #post}. */
  public JsonObject order(String path) throws NodeGone {
    return call("POST", path, null, ORDER_MILLIS);
  }

  /**
   * Events, newest first, at most {@code limit}, and only those with a sequence number above {@code
   * after}.
   */
  public List<JsonObject> events(int limit, long after) throws NodeGone {
    return events(limit, after, "");
  }

  /**
   * Events that fulfil conditions, as the other method gives them.
   *
   * @param conditions query parameters, each behind an ampersand
   */
  public List<JsonObject> events(int limit, long after, String conditions) throws NodeGone {
    List<JsonObject> events = new ArrayList<>();
    String before = "";
    while (events.size() < limit) {
      int size = Math.min(PAGE, limit - events.size());
      JsonObject page = get("/api/v1/events?limit=" + size + before + conditions);
      for (JsonElement element : page.getAsJsonArray("events")) {
        JsonObject event = element.getAsJsonObject();
        if (Json.number(event, "seq") <= after) {
          return events;
        }
        events.add(event);
      }
      Optional<String> next = Json.text(page, "next");
      if (next.isEmpty()) {
        break;
      }
      before = "&before=" + next.get();
    }
    return events;
  }

  /** Listens to what happens from now on. */
  public LiveFeed live() throws IOException {
    HttpURLConnection connection = open("GET", "/api/v1/live");
    connection.setRequestProperty("Accept", "text/event-stream");
    connection.setReadTimeout(LIVE_MILLIS);
    try {
      if (connection.getResponseCode() != 200) {
        throw refusal(connection);
      }
      return new LiveFeed(connection);
    } catch (ConnectException e) {
      throw new NodeGone(e);
    }
  }

  private JsonObject call(String method, String path, @Nullable JsonObject body, int patience)
      throws NodeGone {
    try {
      return Json.object(ask(method, path, body, patience));
    } catch (MalformedJsonException e) {
      throw new CommandFailure("what answers at " + node.url() + " is no node of this version");
    }
  }

  private String ask(String method, String path, @Nullable JsonObject body, int patience)
      throws NodeGone {
    try {
      HttpURLConnection connection = open(method, path);
      connection.setReadTimeout(patience);
      try {
        if (body != null) {
          byte[] bytes = Json.ascii(body).getBytes(StandardCharsets.US_ASCII);
          connection.setDoOutput(true);
          connection.setRequestProperty("Content-Type", "application/json");
          connection.setFixedLengthStreamingMode(bytes.length);
          try (OutputStream out = connection.getOutputStream()) {
            out.write(bytes);
          }
        }
        if (connection.getResponseCode() / 100 != 2) {
          throw refusal(connection);
        }
        return text(connection.getInputStream());
      } finally {
        connection.disconnect();
      }
    } catch (ConnectException e) {
      throw new NodeGone(e);
    } catch (SocketTimeoutException e) {
      throw new CommandFailure(
          "the node at " + node.url() + " (process " + node.pid() + ") does not answer");
    } catch (IOException e) {
      throw new CommandFailure(
          "talking to the node at " + node.url() + " failed: " + CommandFailure.reason(e));
    }
  }

  private HttpURLConnection open(String method, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(node.url() + path).toURL().openConnection(Proxy.NO_PROXY);
    if (connection instanceof HttpsURLConnection secure) {
      PinnedTls.apply(
          secure,
          node.certificate()
              .orElseThrow(() -> new IOException("run/node.json names no certificate")));
    }
    connection.setRequestMethod(method);
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    if (Files.isReadable(data.token())) {
      connection.setRequestProperty(
          "Authorization", "Bearer " + Files.readString(data.token()).strip());
    }
    return connection;
  }

  /** What a problem document (RFC 9457) says. */
  private CommandFailure refusal(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    String reason = "";
    InputStream body = connection.getErrorStream();
    if (body != null) {
      try {
        JsonObject problem = Json.object(text(body));
        reason = Json.text(problem, "detail").or(() -> Json.text(problem, "title")).orElse("");
      } catch (MalformedJsonException e) {
        reason = "it answered with HTTP " + status;
      }
    }
    if (status == 401 && !Files.isReadable(data.token())) {
      return new CommandFailure(
          "the node wants its token, and "
              + data.token()
              + " cannot be read: run this as the node's user");
    }
    return new CommandFailure(
        "the node refused: " + (reason.isEmpty() ? "HTTP " + status : reason));
  }

  private static String text(InputStream in) throws IOException {
    try (in) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("the answer is larger than 64 MiB");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
