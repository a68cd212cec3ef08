package io.cyphermesh.webhook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server that keeps what it is sent and answers as it is told. */
final class Receiver implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Request> requests = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile int status = 204;
  private volatile int largest = Integer.MAX_VALUE;
  private volatile boolean silent;
  private volatile boolean dripping;

  /** One request. */
  @SuppressWarnings("ArrayRecordComponent")
  record Request(Headers headers, byte[] body) {
    JsonObject json() {
      return JsonParser.parseString(new String(body, StandardCharsets.UTF_8)).getAsJsonObject();
    }

    List<String> sources() {
      return json().getAsJsonArray("events").asList().stream()
          .map(JsonElement::getAsJsonObject)
          .map(event -> event.get("source_ip").getAsString())
          .toList();
    }
  }

  Receiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(pool);
    server.createContext("/hook", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (silent) {
        closing.await();
        return;
      }
      if (dripping) {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write('.');
        exchange.getResponseBody().flush();
        closing.await();
        return;
      }
      boolean tooLarge = body.length > largest;
      if (!tooLarge && status < 300) {
        synchronized (requests) {
          requests.add(new Request(exchange.getRequestHeaders(), body));
        }
      }
      exchange.getResponseHeaders().add("Location", "/elsewhere");
      exchange.sendResponseHeaders(tooLarge ? 413 : status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Receiver answering(int code) {
    status = code;
    return this;
  }

  Receiver takingAtMost(int bytes) {
    largest = bytes;
    return this;
  }

  Receiver silent() {
    silent = true;
    return this;
  }

  /** Answers at once, but its answer has no end. */
  Receiver dripping() {
    dripping = true;
    return this;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  /** What it took. */
  List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    pool.shutdownNow();
  }
}
