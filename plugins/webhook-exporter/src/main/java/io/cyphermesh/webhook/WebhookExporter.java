package io.cyphermesh.webhook;

import io.cyphermesh.api.ExportBatch;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.ExporterContext;
import io.cyphermesh.api.ThreatEvent;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Posts each batch in one request. Any answer but 2xx means that the node tries the batch again;
 * one that is too large for the receiver (413) is posted in halves.
 */
public final class WebhookExporter implements Exporter {
  private static final int TOO_LARGE = 413;

  private volatile Optional<Session> session = Optional.empty();

  @Override
  public void start(ExporterContext context) throws IOException {
    Settings settings = context.config(Settings.class);
    URI endpoint = settings.endpoint();
    settings.request(endpoint);
    Optional<Signer> signer =
        settings.secretFile().isBlank()
            ? Optional.empty()
            : Optional.of(Signer.ofFile(Path.of(settings.secretFile())));
    if (signer.isEmpty() || !"https".equalsIgnoreCase(endpoint.getScheme())) {
      context
          .logger()
          .warn(
              "posts to {} {}: whoever is on the way can read or forge what is posted",
              endpoint.getHost(),
              signer.isEmpty() ? "without a signature" : "without TLS");
    }
    session =
        Optional.of(
            new Session(
                context,
                settings,
                endpoint,
                signer,
                HttpClient.newBuilder()
                    .version(version(endpoint))
                    .connectTimeout(settings.connectTimeout())
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build()));
  }

  /** Without TLS the client would ask to go on in HTTP/2, which some servers take badly. */
  private static HttpClient.Version version(URI endpoint) {
    return "https".equalsIgnoreCase(endpoint.getScheme())
        ? HttpClient.Version.HTTP_2
        : HttpClient.Version.HTTP_1_1;
  }

  @Override
  public void export(ExportBatch batch) throws IOException, InterruptedException {
    Session open = session.orElseThrow(() -> new IllegalStateException("not started"));
    open.post(batch.firstSeq() + "-" + batch.lastSeq(), batch.lost(), batch.events());
  }

  @Override
  public void stop() {
    // Its selector thread would keep the plugin's classes.
    session.ifPresent(open -> open.client().shutdownNow());
    session = Optional.empty();
  }

  /** From start to stop. */
  private record Session(
      ExporterContext context,
      Settings settings,
      URI endpoint,
      Optional<Signer> signer,
      HttpClient client) {

    void post(String range, long lost, List<ThreatEvent> events)
        throws IOException, InterruptedException {
      int status = send(range, Body.of(context.self(), lost, events));
      if (status == TOO_LARGE && events.size() > 1) {
        int half = events.size() / 2;
        post(range + "a", lost, events.subList(0, half));
        post(range + "b", lost, events.subList(half, events.size()));
      } else if (status < 200 || status > 299) {
        throw new IOException(
            endpoint.getHost() + " answered " + status + hint(status) + "; nothing is lost");
      }
    }

    private static String hint(int status) {
      return switch (status) {
        case 301, 302, 303, 307, 308 -> " (a redirect is not followed: set url to where it leads)";
        case 401, 403 -> " (see secret-file and headers)";
        case 404, 405, 410 -> " (see url)";
        case TOO_LARGE -> " (a single event is too large for it)";
        case 429 -> " (too many requests)";
        default -> "";
      };
    }

    private int send(String range, byte[] body) throws IOException, InterruptedException {
      // The same for the same batch, so that a receiver knows it again.
      String id = "cm_" + context.self().hex().substring(0, 16) + "_" + range;
      long now = context.clock().instant().getEpochSecond();
      HttpRequest.Builder request =
          settings
              .request(endpoint)
              .setHeader("webhook-id", id)
              .setHeader("webhook-timestamp", Long.toString(now))
              .POST(BodyPublishers.ofByteArray(body));
      signer.ifPresent(s -> request.setHeader("webhook-signature", s.sign(id, now, body)));
      return status(request.build());
    }

    /**
     * The client's own time limit ends with the answer's head: one whose body drips would hold the
     * export up for ever.
     */
    private int status(HttpRequest request) throws IOException, InterruptedException {
      CompletableFuture<HttpResponse<Void>> answer =
          client.sendAsync(request, BodyHandlers.discarding());
      boolean done = false;
      try {
        HttpResponse<Void> response =
            answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        done = true;
        return response.statusCode();
      } catch (TimeoutException e) {
        throw new IOException("no answer from " + where() + " in time", e);
      } catch (ExecutionException e) {
        throw failure(e.getCause() == null ? e : e.getCause());
      } finally {
        if (!done) {
          answer.cancel(true);
        }
      }
    }

    private IOException failure(Throwable cause) {
      String what =
          switch (cause) {
            case HttpConnectTimeoutException _ -> "no connection to " + where() + " in time";
            case HttpTimeoutException _ -> "no answer from " + where() + " in time";
            case ConnectException e when e.getCause() instanceof UnresolvedAddressException ->
                "no address is known for the name " + endpoint.getHost();
            case ConnectException _ -> "nobody listens at " + where();
            default ->
                where()
                    + ": "
                    + (cause.getMessage() == null
                        ? cause.getClass().getSimpleName()
                        : cause.getMessage());
          };
      return new IOException(what, cause);
    }

    private String where() {
      return endpoint.getHost() + (endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort());
    }
  }
}
