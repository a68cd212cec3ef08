package io.cyphermesh.system;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * How long an event takes from a peer of one node to a peer of the other: in over a link, judged,
 * stored, over the nodes' link, judged, stored, out over a link.
 */
final class LinkProbe implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMillis(100);

  private final Stranger reporter;
  private final Stranger.Line in;
  private final Stranger.Line out;
  private final Map<String, Long> underway = new ConcurrentHashMap<>();
  private final List<Arrival> took = new ArrayList<>();

  /** Since when what arrives counts for what is measured now. */
  private long begun = System.nanoTime();

  private record Arrival(long sent, long nanos) {}

  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("probe-send").factory());
  private final Thread reader =
      Thread.ofPlatform().daemon().name("probe-read").unstarted(this::read);
  private final Thread answerer =
      Thread.ofPlatform().daemon().name("probe-answer").unstarted(this::answer);
  private int sent;

  private LinkProbe(Stranger reporter, Stranger.Line in, Stranger.Line out) {
    this.reporter = reporter;
    this.in = in;
    this.out = out;
  }

  /** Begins to send. */
  static LinkProbe start(Node from, Node to) throws IOException, GeneralSecurityException {
    Stranger reporter = Stranger.fresh();
    LinkProbe probe =
        new LinkProbe(
            reporter,
            reporter.connect(from.port()).hello(),
            Stranger.fresh().connect(to.port()).hello());
    probe.in.await("HELLO");
    probe.out.await("HELLO");
    probe.reader.start();
    probe.answerer.start();
    // Should it fail, nothing more arrives, which is what is asked for.
    var _ = probe.clock.scheduleAtFixedRate(probe::send, 0, EVERY.toNanos(), TimeUnit.NANOSECONDS);
    return probe;
  }

  private void send() {
    try {
      String event = reporter.event("203.0.113." + (1 + sent++ % 250));
      String id = JsonParser.parseString(event).getAsJsonObject().get("id").getAsString();
      underway.put(id, System.nanoTime());
      synchronized (in) {
        in.frame("event", event.substring(0, event.length() - 1) + ", \"hops\": 0}");
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("the probe cannot send", e);
    }
  }

  /** A peer that leaves pings unanswered is left, and one that does not read is, too. */
  private void answer() {
    try {
      while (true) {
        Optional<JsonObject> frame = in.read();
        if (frame.isEmpty()) {
          return;
        }
        if (frame.get().get("type").getAsString().equals("ping")) {
          synchronized (in) {
            in.frame("pong", frame.get().getAsJsonObject("payload").toString());
          }
        }
      }
    } catch (IOException e) {
      // Closed; what is missing then is seen by who asks.
    }
  }

  private void read() {
    try {
      while (true) {
        Optional<JsonObject> frame = out.read();
        if (frame.isEmpty()) {
          return;
        }
        JsonObject payload = frame.get().getAsJsonObject("payload");
        switch (frame.get().get("type").getAsString()) {
          case "ping" -> out.frame("pong", payload.toString());
          case "event" -> {
            Long since = underway.remove(payload.get("id").getAsString());
            if (since != null) {
              synchronized (took) {
                took.add(new Arrival(since, System.nanoTime() - since));
              }
            }
          }
          default -> {}
        }
      }
    } catch (IOException e) {
      // Closed; what is missing then is seen by who asks.
    }
  }

  /**
   * What was measured since the last time.
   *
   * @param events so many at least
   */
  Result take(int events) {
    Awaitility.await("the probe's events")
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              synchronized (took) {
                return took.stream().filter(arrival -> arrival.sent() - begun >= 0).count()
                    >= events;
              }
            });
    synchronized (took) {
      List<Long> sorted =
          took.stream()
              .filter(arrival -> arrival.sent() - begun >= 0)
              .map(Arrival::nanos)
              .sorted()
              .toList();
      List<Long> earlier =
          took.stream()
              .filter(arrival -> arrival.sent() - begun < 0)
              .filter(arrival -> arrival.nanos() > 1_000_000_000)
              .map(Arrival::nanos)
              .sorted()
              .toList();
      if (!earlier.isEmpty()) {
        // A full queue left them out, and they were made up for; a flood of the node's own does
        // that.
        System.out.printf(
            "  late, sent during an earlier measurement: %d, up to %d ms%n",
            earlier.size(), earlier.getLast() / 1_000_000);
      }
      took.clear();
      begun = System.nanoTime();
      return new Result(sorted);
    }
  }

  /** Waits until nothing is on its way any more; sends no more. */
  void awaitAll() throws InterruptedException {
    clock.shutdown();
    clock.awaitTermination(5, TimeUnit.SECONDS);
    Awaitility.await("the probe's last events")
        .atMost(Duration.ofSeconds(30))
        .until(underway::isEmpty);
  }

  @Override
  public void close() throws IOException {
    clock.shutdownNow();
    in.close();
    out.close();
  }

  /** Latencies in nanoseconds, ascending. */
  record Result(List<Long> nanos) {
    Result {
      nanos = List.copyOf(nanos);
    }

    Duration percentile(int percent) {
      return Duration.ofNanos(nanos.get((nanos.size() * percent + 99) / 100 - 1));
    }

    @Override
    public String toString() {
      return "%d events, p50 %d ms, p95 %d ms, max %d ms"
          .formatted(
              nanos.size(),
              percentile(50).toMillis(),
              percentile(95).toMillis(),
              percentile(100).toMillis());
    }
  }
}
