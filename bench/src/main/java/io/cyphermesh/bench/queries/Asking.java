package io.cyphermesh.bench.queries;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.dashboard.Dashboard;
import io.cyphermesh.dashboard.DashboardSettings;
import io.cyphermesh.dashboard.ProcessView;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A dashboard over a store, on loopback, and a client that asks it over one connection. */
final class Asking implements AutoCloseable {
  private final Path folder;
  private final Dashboard dashboard;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Asking(EventStore store) throws IOException {
    folder = Files.createTempDirectory("cyphermesh-bench-dashboard-");
    StoreNode node = new StoreNode(store);
    dashboard =
        Dashboard.start(
            new DashboardSettings(
                new HostPort("127.0.0.1", 0),
                false,
                folder.resolve("api-token"),
                List.of(),
                Optional.empty(),
                List.of()),
            node,
            node,
            ProcessView.NONE,
            () -> "",
            InstantSource.system());
  }

  /**
   * Asks, and waits for the whole answer.
   *
   * @return its size in bytes
   * @throws IOException if it is not what was asked for
   */
  int ask(String path) throws IOException, InterruptedException {
    return send(path, HttpResponse.BodyHandlers.ofByteArray()).length;
  }

  /**
   * Asks for what is too long to be held.
   *
   * @throws IOException if it is not what was asked for
   */
  InputStream stream(String path) throws IOException, InterruptedException {
    return send(path, HttpResponse.BodyHandlers.ofInputStream());
  }

  private <T> T send(String path, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    HttpResponse<T> answer =
        client.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + dashboard.address().port() + path))
                .timeout(Duration.ofSeconds(60))
                .build(),
            body);
    if (answer.statusCode() != 200) {
      throw new IOException(path + " was answered with HTTP " + answer.statusCode());
    }
    return answer.body();
  }

  @Override
  public void close() {
    client.close();
    dashboard.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
