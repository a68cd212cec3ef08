package io.cyphermesh.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.testkit.Events;
import io.cyphermesh.testkit.ExporterContract;
import io.cyphermesh.testkit.ExporterHarness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyslogExporterTest extends ExporterContract {
  @TempDir Path directory;
  private Optional<StreamReceiver> receivers = Optional.empty();
  private Optional<StreamReceiver> silent = Optional.empty();

  @BeforeEach
  void listen() throws IOException {
    receivers = Optional.of(StreamReceiver.plain(true));
  }

  @AfterEach
  void close() throws IOException {
    receiver().close();
    if (silent.isPresent()) {
      silent.get().close();
    }
  }

  @Override
  protected Exporter exporter() {
    return new SyslogExporter();
  }

  @Override
  protected String settings() {
    return to(receiver(), "");
  }

  @Override
  protected Optional<String> settingsOfASilentReceiver() {
    try {
      silent = Optional.of(new StreamReceiver(ServerSocketFactory.getDefault(), true, false, 0));
      return Optional.of(to(silent.get(), "transport = tls"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void messagesAreCountedInOctetsOnTcp() throws Exception {
    try (ExporterHarness harness = start(to(receiver(), "hostname = node1, format = json"))) {
      harness.export(Events.event("203.0.113.7"), Events.event("ü.example"));

      await().until(() -> receiver().messages().size() == 2);
      assertThat(receiver().messages().getFirst())
          .startsWith("<163>1 2026-01-01T11:59:00.250Z node1 cyphermesh - ssh-bruteforce - {");
      assertThat(receiver().messages().getLast())
          .contains("\"source_ip\":\"\\u00fc.example\"")
          .doesNotContain("signed");
    }
  }

  @Test
  void messagesEndWithALineFeedWhereAsked() throws Exception {
    try (StreamReceiver lines = StreamReceiver.plain(false);
        ExporterHarness harness = start(to(lines, "framing = lf"))) {
      harness.export(Events.event("203.0.113.7"), Events.event("203.0.113.8"));

      await().until(() -> lines.messages().size() == 2);
      assertThat(lines.messages().getLast()).contains("src=203.0.113.8");
    }
  }

  @Test
  void eachMessageIsADatagramOverUdp() throws Exception {
    try (DatagramSocket socket =
            new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        ExporterHarness harness =
            start("host = 127.0.0.1, transport = udp, port = " + socket.getLocalPort())) {
      socket.setSoTimeout(10_000);
      harness.export(Events.event("203.0.113.7"), Events.event("203.0.113.8"));

      assertThat(datagram(socket)).startsWith("<163>1 ").contains("src=203.0.113.7");
      assertThat(datagram(socket)).contains("src=203.0.113.8");
    }
  }

  @Test
  void messagesGoOverTlsToAReceiverThatIsTrusted() throws Exception {
    Certificates certificates = Certificates.in(directory);
    try (StreamReceiver secured =
            new StreamReceiver(certificates.context().getServerSocketFactory(), true, true, 0);
        ExporterHarness harness =
            start(
                to(secured, "transport = tls, ca-file = \"" + certificates.certificate() + "\""))) {
      harness.export(Events.event("203.0.113.7"));
      harness.export(Events.event("203.0.113.8"));

      await().until(() -> secured.messages().size() == 2);
    }
  }

  @Test
  void nothingGoesOverTlsToAReceiverThatIsNotTrusted() throws Exception {
    Certificates certificates = Certificates.in(directory);
    try (StreamReceiver secured =
            new StreamReceiver(certificates.context().getServerSocketFactory(), true, true, 0);
        ExporterHarness harness = start(to(secured, "transport = tls"))) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no TLS with localhost");
      assertThat(secured.messages()).isEmpty();
    }
  }

  @Test
  void nothingGoesToAReceiverOfAnotherName() throws Exception {
    Certificates certificates = Certificates.in(directory);
    try (StreamReceiver secured =
            new StreamReceiver(certificates.context().getServerSocketFactory(), true, true, 0);
        ExporterHarness harness =
            start(
                "host = 127.0.0.1, transport = tls, port = "
                    + secured.port()
                    + ", ca-file = \""
                    + certificates.certificate()
                    + "\"")) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class);
      assertThat(secured.messages()).isEmpty();
    }
  }

  @Test
  void aConnectionThatBrokeBetweenBatchesIsNoticedBeforeAnythingIsLost() throws Exception {
    try (ExporterHarness harness = start(to(receiver(), "confirm = false"))) {
      harness.export(Events.event("203.0.113.1"));
      await().until(() -> receiver().messages().size() == 1);
      receiver().hangUp();

      ThreatEvent second = Events.event("203.0.113.2");
      assertThatThrownBy(() -> harness.export(second)).isInstanceOf(IOException.class);
      harness.export(second);

      await().until(() -> receiver().messages().size() == 2);
    }
  }

  @Test
  void aBatchCountsOnlyOnceTheReceiverHasReadIt() throws Exception {
    try (StreamReceiver deaf =
            new StreamReceiver(ServerSocketFactory.getDefault(), true, false, 0);
        ExporterHarness harness = start(to(deaf, "timeout = 300ms"))) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("did not close the connection within 300 ms")
          .hasMessageContaining("confirm = false");
    }
  }

  @Test
  void aReceiverThatResetsInPlaceOfClosingIsToldOfAsWell() throws Exception {
    try (ServerSocket rude = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ExporterHarness harness = start("host = localhost, port = " + rude.getLocalPort())) {
      Thread receiver =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (Socket connection = rude.accept()) {
                      connection.getInputStream().readAllBytes();
                      connection.setSoLinger(true, 0);
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("localhost:" + rude.getLocalPort() + ": ")
          .hasMessageContaining("confirm = false");
      receiver.join();
    }
  }

  @Test
  void aReceiverThatTalksAndNeverClosesIsGivenUpInTime() throws Exception {
    try (ServerSocket chatty = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ExporterHarness harness =
            start("host = localhost, timeout = 300ms, port = " + chatty.getLocalPort())) {
      Thread receiver =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (Socket connection = chatty.accept()) {
                      while (true) {
                        connection.getOutputStream().write(new byte[1_000]);
                      }
                    } catch (IOException e) {
                      // It was hung up on.
                    }
                  });
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("did not close the connection within 300 ms");
      receiver.join();
    }
  }

  @Test
  void aConnectionIsKeptWhereNothingIsConfirmed() throws Exception {
    try (ExporterHarness harness = start(to(receiver(), "confirm = false"))) {
      harness.export(Events.event("203.0.113.1"));
      harness.export(Events.event("203.0.113.2"));

      await().until(() -> receiver().messages().size() == 2);
      assertThat(receiver().connections()).isEqualTo(1);
    }
  }

  @Test
  void theReceiverSeesTheCertificateOfThisNode() throws Exception {
    Certificates certificates = Certificates.in(directory);
    Certificates own = Certificates.of("node1.example", directory);
    try (StreamReceiver secured = new StreamReceiver(certificates.demanding(own), true, true, 0);
        ExporterHarness harness =
            start(
                to(secured, "transport = tls, ca-file = \"" + certificates.certificate() + "\"")
                    + "\ncert-file = \""
                    + own.certificate()
                    + "\", key-file = \""
                    + own.key()
                    + "\"")) {
      harness.export(Events.event("203.0.113.7"));

      await().until(() -> secured.messages().size() == 1);
    }
  }

  @Test
  void aKeyThatEverybodyCanReadIsRefused() throws Exception {
    Certificates own = Certificates.in(directory);
    Files.setPosixFilePermissions(own.key(), PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> start(showing(own.certificate(), own.key())))
        .hasMessageContaining("chmod 600");
  }

  @Test
  void aFileWithoutAKeyIsNamed() throws Exception {
    Certificates own = Certificates.in(directory);

    assertThatThrownBy(() -> start(showing(own.certificate(), own.certificate())))
        .satisfies(
            e -> assertThat(e.getMessage()).containsAnyOf("chmod 600", "holds no PKCS #8 key"));
  }

  private static String showing(Path certificate, Path key) {
    return "host = x, transport = tls, cert-file = \""
        + certificate
        + "\", key-file = \""
        + key
        + "\"";
  }

  @Test
  void aReceiverThatDoesNotReadIsGivenUpInTime() throws Exception {
    List<ThreatEvent> many =
        IntStream.range(0, 40_000).mapToObj(i -> Events.event("203.0.113." + i % 250)).toList();
    try (StreamReceiver deaf =
            new StreamReceiver(ServerSocketFactory.getDefault(), true, false, 0);
        ExporterHarness harness = start(to(deaf, "timeout = 300ms, connect-timeout = 300ms"))) {
      assertThatThrownBy(() -> harness.export(many))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not read");
    }
  }

  @Test
  void aReceiverThatIsNotThereIsNamed() throws Exception {
    int port = receiver().port();
    receiver().close();
    try (ExporterHarness harness = start("host = localhost, port = " + port)) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessage("nobody listens at localhost:" + port);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host = x, port = 70000",
        "host = x, transport = carrier-pigeon",
        "host = x, facility = kern2",
        "host = x, timeout = 0s",
        "host = x, max-message = 100",
        "host = x, cert-file = /nowhere/own.pem",
        "host = x, transport = tls, ca-file = /nowhere/ca.pem"
      })
  void wrongSettingsAreSaidAtStart(String settings) {
    assertThatThrownBy(() -> start(settings))
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("\n"));
  }

  @Test
  void aFileWithoutCertificatesIsNamed() throws Exception {
    Path file = Files.writeString(directory.resolve("ca.pem"), "nothing\n");

    assertThatThrownBy(() -> start("host = x, transport = tls, ca-file = \"" + file + "\""))
        .hasMessageContaining("holds no PEM certificates");
  }

  private StreamReceiver receiver() {
    return receivers.orElseThrow();
  }

  private static String to(StreamReceiver receiver, String more) {
    return "host = localhost, port = " + receiver.port() + "\n" + more;
  }

  private ExporterHarness start(String settings) throws Exception {
    return ExporterHarness.of(new SyslogExporter(), directory).settings(settings).start();
  }

  private static String datagram(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    socket.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }
}
