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
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
                    .connectTimeout(settings.connectTimeout())
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build()));
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
      try {
        HttpResponse<Void> response = client.send(request.build(), BodyHandlers.discarding());
        return response.statusCode();
      } catch (HttpConnectTimeoutException e) {
        throw new IOException("no connection to " + where() + " in time", e);
      } catch (HttpTimeoutException e) {
        throw new IOException("no answer from " + where() + " in time", e);
      } catch (ConnectException e) {
        throw new IOException("nobody listens at " + where(), e);
      }
    }

    private String where() {
      return endpoint.getHost() + (endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort());
    }
  }
}
