package io.cyphermesh.syslog;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Debian's rsyslogd as a child of the test, on loopback and ports of its own. It writes what it got
 * to a file, field by field as it understood them.
 */
final class Rsyslogd implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/rsyslogd");
  private static final Path MODULES = Path.of("/usr/lib");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path directory;
  private final Ports ports = Ports.free();
  private Optional<Process> process = Optional.empty();

  /** Where it listens. */
  record Ports(int udp, int tcp, int tls, int mutual) {
    private static Ports free() throws IOException {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      try (DatagramSocket udp = new DatagramSocket(new InetSocketAddress(loopback, 0));
          ServerSocket tcp = new ServerSocket(0, 1, loopback);
          ServerSocket tls = new ServerSocket(0, 1, loopback);
          ServerSocket mutual = new ServerSocket(0, 1, loopback)) {
        return new Ports(
            udp.getLocalPort(), tcp.getLocalPort(), tls.getLocalPort(), mutual.getLocalPort());
      }
    }
  }

  /** A message as rsyslog took it apart. */
  record Message(
      String pri,
      String version,
      String timestamp,
      String hostname,
      String appName,
      String procId,
      String msgId,
      String structuredData,
      String msg) {

    private static Message of(String line) {
      JsonObject json = JsonParser.parseString(line).getAsJsonObject();
      return new Message(
          json.get("pri").getAsString(),
          json.get("version").getAsString(),
          json.get("timestamp").getAsString(),
          json.get("hostname").getAsString(),
          json.get("app-name").getAsString(),
          json.get("procid").getAsString(),
          json.get("msgid").getAsString(),
          json.get("structured-data").getAsString(),
          json.get("msg").getAsString());
    }
  }

  /** Empty if rsyslogd and its TLS driver are there, else what is missing. */
  static Optional<String> missing() {
    if (!Files.isExecutable(PROGRAM)) {
      return Optional.of("Debian's package rsyslog is not installed");
    }
    try (Stream<Path> files =
        Files.find(MODULES, 4, (file, _) -> file.endsWith("rsyslog/lmnsd_ossl.so"))) {
      return files.findAny().isPresent()
          ? Optional.empty()
          : Optional.of("Debian's package rsyslog-openssl is not installed");
    } catch (IOException | UncheckedIOException e) {
      return Optional.of(MODULES + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * Writes its settings; does not start it.
   *
   * @param own what it shows over TLS
   * @param client the one whose certificate it takes where it asks for one
   * @param global more of its global settings
   */
  Rsyslogd(Path directory, Certificates own, Certificates client, String clientName, String global)
      throws IOException {
    this.directory = directory;
    Path authorities =
        Files.writeString(
            directory.resolve("authorities.pem"),
            Files.readString(own.certificate()) + Files.readString(client.certificate()));
    Files.writeString(
        directory.resolve("rsyslog.conf"),
        """
        global(workDirectory="%1$s" %9$s
          defaultNetstreamDriverCAFile="%2$s"
          defaultNetstreamDriverCertFile="%3$s"
          defaultNetstreamDriverKeyFile="%4$s")
        template(name="fields" type="list" option.jsonf="on") {
          property(outname="pri" name="pri" format="jsonf")
          property(outname="version" name="protocol-version" format="jsonf")
          property(outname="timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
          property(outname="hostname" name="hostname" format="jsonf")
          property(outname="app-name" name="app-name" format="jsonf")
          property(outname="procid" name="procid" format="jsonf")
          property(outname="msgid" name="msgid" format="jsonf")
          property(outname="structured-data" name="structured-data" format="jsonf")
          property(outname="msg" name="msg" format="jsonf")
        }
        ruleset(name="received") {
          action(type="omfile" file="%1$s/received.json" template="fields")
        }
        module(load="imudp")
        module(load="imtcp")
        input(type="imudp" address="127.0.0.1" port="%5$d" ruleset="received")
        input(type="imtcp" address="127.0.0.1" port="%6$d" ruleset="received")
        input(type="imtcp" address="127.0.0.1" port="%7$d" ruleset="received"
          streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
        input(type="imtcp" address="127.0.0.1" port="%8$d" ruleset="received"
          streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/name"
          permittedPeer=["%10$s"])
        action(type="omfile" file="%1$s/own.log")
        """
            .formatted(
                directory,
                authorities,
                own.certificate(),
                own.key(),
                ports.udp(),
                ports.tcp(),
                ports.tls(),
                ports.mutual(),
                global,
                clientName));
  }

  Ports ports() {
    return ports;
  }

  /** Starts it, and waits until it listens. */
  Rsyslogd start() throws IOException {
    Path output = directory.resolve("output.txt");
    Process started =
        new ProcessBuilder(
                PROGRAM.toString(),
                "-n",
                "-f",
                directory.resolve("rsyslog.conf").toString(),
                "-i",
                directory.resolve("rsyslog.pid").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    process = Optional.of(started);
    // Inputs open their sockets in the order of the settings.
    await("rsyslogd that listens")
        .atMost(PATIENCE)
        .until(() -> !started.isAlive() || listens(ports.mutual()));
    if (!started.isAlive()) {
      throw new IOException("rsyslogd ended by itself: " + Files.readString(output));
    }
    return this;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** As {@code kill}: it ends in order. */
  void stop() throws IOException, InterruptedException {
    Process running = process.orElseThrow();
    running.destroy();
    over(running);
  }

  /** As {@code kill -9}. */
  void kill() throws IOException, InterruptedException {
    Process running = process.orElseThrow();
    running.destroyForcibly();
    over(running);
  }

  private void over(Process running) throws IOException, InterruptedException {
    if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      running.destroyForcibly();
      throw new IOException("rsyslogd does not end");
    }
    process = Optional.empty();
    Files.deleteIfExists(directory.resolve("rsyslog.pid"));
  }

  /** As {@code kill -STOP}: connections are still accepted by its kernel, and nothing is read. */
  void freeze() throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-STOP", Long.toString(process.orElseThrow().pid()))
            .inheritIO()
            .start();
    if (kill.waitFor() != 0) {
      throw new IOException("rsyslogd cannot be frozen");
    }
  }

  /** What it got by now. */
  List<Message> messages() throws IOException {
    Path file = directory.resolve("received.json");
    if (!Files.exists(file)) {
      return List.of();
    }
    String text = Files.readString(file);
    // The last line may be half written.
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(Message::of).toList();
  }

  @Override
  public void close() {
    process.ifPresent(Process::destroyForcibly);
  }
}
