package io.cyphermesh.original;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.HostPort;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A version 1 node as wire-protocol 1 to 4 describes it: plain frames, a heartbeat now and then and
 * nothing else of its own accord, each valid new event to all links but the sender's.
 */
final class OriginalNode implements AutoCloseable {
  private static final List<String> SIGNED =
      List.of("id", "reporter_pubkey", "severity", "source_ip", "threat_type", "timestamp");

  private final ServerSocket server;
  private final ScheduledThreadPoolExecutor timer;
  private final Set<Line> lines = ConcurrentHashMap.newKeySet();
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final List<String> refused = new CopyOnWriteArrayList<>();
  private final List<Line> everyone = new CopyOnWriteArrayList<>();

  /** One of its connections. */
  final class Line {
    private final Socket socket;
    private final AtomicInteger heartbeats = new AtomicInteger();

    Line(Socket socket) {
      this.socket = socket;
      lines.add(this);
      everyone.add(this);
      Thread.ofVirtual().name("original-line").start(this::read);
    }

    synchronized void send(byte[] content) throws IOException {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.write(
          ByteBuffer.allocate(4 + content.length).putInt(content.length).put(content).array());
      out.flush();
    }

    void event(String payload) throws IOException {
      send(frame("event", payload));
    }

    private void read() {
      try {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
          int length = in.readInt();
          if (length < 0 || length > 4 << 20) {
            // What a ClientHello begins with is a length to it: it waits for as many bytes.
            in.skipNBytes(length & 0xffffffffL);
            continue;
          }
          byte[] content = new byte[length];
          in.readFully(content);
          take(JsonParser.parseString(new String(content, UTF_8)).getAsJsonObject());
        }
      } catch (IOException e) {
        lines.remove(this);
      }
    }

    private void take(JsonObject frame) {
      JsonObject payload = frame.getAsJsonObject("payload");
      if (frame.get("type").getAsString().equals("HELLO")) {
        heartbeats.incrementAndGet();
      } else if (frame.get("type").getAsString().equals("event")) {
        Map<String, String> event = new TreeMap<>();
        for (String field : SIGNED) {
          event.put(field, payload.get(field).getAsString());
        }
        if (!verifies(event, payload.get("signature").getAsString())) {
          refused.add(event.get("id"));
        } else if (seen.add(event.get("id"))) {
          event.put("signature", payload.get("signature").getAsString());
          relay(event, this);
        }
      }
    }

    int heartbeats() {
      return heartbeats.get();
    }

    boolean isOpen() {
      return lines.contains(this);
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        // Closed in any case.
      }
    }
  }

  OriginalNode(Duration heartbeat) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().name("original-accept").start(this::accept);
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("original-heartbeat").daemon().factory());
    ScheduledFuture<?> _ =
        timer.scheduleAtFixedRate(
            () -> lines.forEach(line -> sendTo(line, frame("HELLO", "{}"))),
            heartbeat.toMillis(),
            heartbeat.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void accept() {
    try {
      while (true) {
        new Line(server.accept());
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  HostPort address() {
    return new HostPort("127.0.0.1", server.getLocalPort());
  }

  Line dial(HostPort address) throws IOException {
    return new Line(new Socket(InetAddress.ofLiteral(address.host()), address.port()));
  }

  /** Reports an event of its own. */
  void report(Map<String, String> event) {
    seen.add(event.get("id"));
    lines.forEach(line -> sendTo(line, frame("event", Python.dumps(event))));
  }

  private void relay(Map<String, String> event, Line from) {
    lines.stream()
        .filter(line -> line != from)
        .forEach(line -> sendTo(line, frame("event", Python.dumps(event))));
  }

  private void sendTo(Line line, byte[] frame) {
    try {
      line.send(frame);
    } catch (IOException e) {
      lines.remove(line);
    }
  }

  static byte[] frame(String type, String payload) {
    return ("{\"type\": \""
            + type
            + "\", \"id\": \""
            + UUID.randomUUID()
            + "\", \"payload\": "
            + payload
            + ", \"timestamp\": \"2026-11-22T10:00:00.123456Z\"}")
        .getBytes(UTF_8);
  }

  private static boolean verifies(Map<String, String> event, String signature) {
    try {
      String pem = event.getOrDefault("reporter_pubkey", "");
      String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
      RSAPublicKey key =
          (RSAPublicKey)
              KeyFactory.getInstance("RSA")
                  .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(body)));
      Signature verifier = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
      verifier.setParameter(
          new PSSParameterSpec(
              "SHA-256",
              "MGF1",
              MGF1ParameterSpec.SHA256,
              (key.getModulus().bitLength() + 6) / 8 - 34,
              1));
      verifier.initVerify(key);
      verifier.update(Python.dumps(event).getBytes(UTF_8));
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  /** Ids of the events that it holds. */
  Set<String> seen() {
    return Set.copyOf(seen);
  }

  /** Ids of the events whose signature it found wrong. */
  List<String> refused() {
    return List.copyOf(refused);
  }

  /** All connections it ever had, in order. */
  List<Line> everyone() {
    return List.copyOf(everyone);
  }

  long open() {
    return lines.size();
  }

  @Override
  public void close() throws IOException {
    server.close();
    timer.shutdownNow();
    everyone.forEach(Line::close);
  }
}
