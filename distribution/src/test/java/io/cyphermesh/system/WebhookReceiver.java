package io.cyphermesh.system;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Somebody's HTTP server: verifies each request's signature, keeps what it took, now and then fails
 * as servers do, and at one request of a node's life has the node killed.
 */
final class WebhookReceiver implements AutoCloseable {
  private static final Duration MAX_AGE = Duration.ofMinutes(5);
  private static final int MAX_DELAY_MILLIS = 15;

  /** Each in a hundred requests. */
  private static final int FAULT_PERCENT = 2;

  private final String secret;
  private final Duration patience;
  private final SplittableRandom random;
  private final HttpServer server;
  private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);

  /** How often each event arrived, in the order of first arrivals. */
  private final Map<String, Integer> arrivals = new LinkedHashMap<>();

  private final Map<String, String> bodies = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final Map<Fault, Integer> faults = new HashMap<>();
  private Optional<Ambush> ambush = Optional.empty();
  private int requests;
  private int late;

  /** When a node is killed. */
  enum Moment {
    /** The request is under way. */
    REQUEST,
    /** The request was taken, its answer is due. */
    ANSWER,
    /** The answer is out; the node may have noted that, or not yet. */
    ANSWERED
  }

  /** How a receiver fails. */
  private enum Fault {
    NONE,
    ERROR,
    TOO_MANY,
    SILENCE
  }

  /** Waits for a request. */
  static final class Ambush {
    private final Moment moment;
    private final Runnable kill;
    private final CountDownLatch done = new CountDownLatch(1);
    private int left;

    Ambush(Moment moment, int request, Runnable kill) {
      this.moment = moment;
      this.left = request;
      this.kill = kill;
    }

    boolean done(Duration patience) throws InterruptedException {
      return done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void spring() {
      kill.run();
      done.countDown();
    }
  }

  /**
   * A receiver on loopback.
   *
   * @param patience how long the node waits for an answer
   */
  WebhookReceiver(String secret, Duration patience, SplittableRandom random) throws IOException {
    this.secret = secret;
    this.patience = patience;
    this.random = random;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(pool);
    server.createContext("/hook", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  synchronized void set(Ambush next) {
    ambush = Optional.of(next);
  }

  private void handle(HttpExchange exchange) throws IOException {
    long begin = System.nanoTime();
    Optional<Ambush> sprung = sprung();
    Fault fault = sprung.isPresent() ? Fault.NONE : fault();
    try (exchange) {
      if (at(sprung, Moment.REQUEST)) {
        sprung.orElseThrow().spring();
      }
      byte[] body = exchange.getRequestBody().readAllBytes();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMillis()));
      switch (fault) {
        case ERROR -> exchange.sendResponseHeaders(500, -1);
        case TOO_MANY -> exchange.sendResponseHeaders(429, -1);
        case SILENCE -> closing.await(2 * patience.toMillis(), TimeUnit.MILLISECONDS);
        case NONE -> {
          take(exchange, body);
          if (at(sprung, Moment.ANSWER)) {
            sprung.orElseThrow().spring();
          }
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
          tookSince(begin);
          if (at(sprung, Moment.ANSWERED)) {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(upTo(2_000)));
            sprung.orElseThrow().spring();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean at(Optional<Ambush> sprung, Moment moment) {
    return sprung.isPresent() && sprung.get().moment == moment;
  }

  private synchronized Optional<Ambush> sprung() {
    requests++;
    if (ambush.isPresent() && --ambush.get().left <= 0) {
      Optional<Ambush> sprung = ambush;
      ambush = Optional.empty();
      return sprung;
    }
    return Optional.empty();
  }

  private synchronized Fault fault() {
    int dice = random.nextInt(100);
    Fault fault =
        dice < FAULT_PERCENT
            ? Fault.ERROR
            : dice < 2 * FAULT_PERCENT
                ? Fault.TOO_MANY
                : dice < 3 * FAULT_PERCENT ? Fault.SILENCE : Fault.NONE;
    faults.merge(fault, 1, Integer::sum);
    return fault;
  }

  private synchronized int upTo(int bound) {
    return random.nextInt(bound + 1);
  }

  private int delayMillis() {
    return upTo(MAX_DELAY_MILLIS);
  }

  private synchronized void tookSince(long begin) {
    // The node may have given up by then, and sends once more what has arrived.
    if (System.nanoTime() - begin > patience.toNanos() / 2) {
      late++;
    }
  }

  private synchronized void take(HttpExchange exchange, byte[] body) {
    String id = exchange.getRequestHeaders().getFirst("webhook-id");
    String time = exchange.getRequestHeaders().getFirst("webhook-timestamp");
    String signature = exchange.getRequestHeaders().getFirst("webhook-signature");
    if (id == null || time == null || signature == null) {
      wrong.add("a request without its headers: " + exchange.getRequestHeaders());
      return;
    }
    if (!MessageDigest.isEqual(
        signature.getBytes(StandardCharsets.US_ASCII),
        sign(id + "." + time + ".", body).getBytes(StandardCharsets.US_ASCII))) {
      wrong.add("a request that is not signed as it should be: " + id);
      return;
    }
    if (Duration.between(Instant.ofEpochSecond(Long.parseLong(time)), Instant.now())
            .abs()
            .compareTo(MAX_AGE)
        > 0) {
      wrong.add("a request of another time: " + time);
      return;
    }
    String text = new String(body, StandardCharsets.UTF_8);
    if (!bodies.computeIfAbsent(id, _ -> text).equals(text)) {
      wrong.add("two requests of the same id differ: " + id);
    }
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    if (json.get("lost").getAsLong() != 0) {
      wrong.add("events were lost: " + json.get("lost"));
    }
    for (JsonElement event : json.getAsJsonArray("events")) {
      arrivals.merge(event.getAsJsonObject().get("id").getAsString(), 1, Integer::sum);
    }
  }

  private String sign(String head, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update(head.getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The events that arrived, each once, in the order of their first arrival. */
  synchronized List<String> firstArrivals() {
    return List.copyOf(arrivals.keySet());
  }

  synchronized int arrived() {
    return arrivals.size();
  }

  /** How many events came that had come before. */
  synchronized int repeated() {
    return arrivals.values().stream().mapToInt(times -> times - 1).sum();
  }

  /** The most often that one event came. */
  synchronized int mostOften() {
    return arrivals.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  synchronized List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** How many answers may have come too late, since the machine was busy. */
  synchronized int late() {
    return late;
  }

  @Override
  public synchronized String toString() {
    return requests + " requests, answered so at will: " + faults + ", late: " + late;
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    pool.shutdownNow();
  }
}
