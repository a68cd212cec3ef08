package io.cyphermesh.dashboard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.dashboard.DashboardSettings.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpsTest {
  @TempDir Path folder;

  private final FakeNode node = new FakeNode(InstantSource.system());

  private Dashboard start(Tls tls) throws IOException {
    return Dashboard.start(
        new DashboardSettings(
            new HostPort("127.0.0.1", 0),
            false,
            folder.resolve("api-token"),
            List.of("mesh.example"),
            Optional.of(tls),
            List.of()),
        node,
        node,
        ProcessView.NONE,
        () -> "",
        InstantSource.system());
  }

  private static X509Certificate certificate(Path file) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
  }

  /** Trusts that certificate, and checks the name as any client does. */
  private static HttpClient trusting(Path file) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("dashboard", certificate(file));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  @Test
  void aSelfMadeCertificateIsGoodForWhoTrustsItAndTheCookieTravelsOverTlsOnly() throws Exception {
    Path tls = folder.resolve("dashboard-tls");
    try (Dashboard dashboard = start(new Tls.SelfSigned(tls));
        HttpClient http = trusting(tls.resolve("cert.pem"))) {
      String token = Files.readString(folder.resolve("api-token")).strip();
      for (String host : List.of("127.0.0.1", "localhost")) {
        String origin = "https://" + host + ":" + dashboard.address().port();
        HttpRequest.Builder login =
            HttpRequest.newBuilder(URI.create(origin + "/api/v1/login"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"token\": \"" + token + "\"}"));
        HttpResponse<String> begun =
            http.send(
                login.copy().header("Origin", origin).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(begun.statusCode()).isEqualTo(200);
        assertThat(begun.headers().firstValue("Set-Cookie").orElseThrow())
            .startsWith("__Host-cyphermesh-")
            .endsWith("; Secure");
        assertThat(
                http.send(
                        login.copy().header("Origin", origin.replace("https", "http")).build(),
                        HttpResponse.BodyHandlers.ofString())
                    .statusCode())
            .isEqualTo(403);
      }
      assertThat(dashboard.certificateSha256().orElseThrow()).matches("[0-9a-f]{64}");
    }
    assertThat(Files.getPosixFilePermissions(tls.resolve("key.pem")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void whoSpeaksPlainHttpGetsNothing() throws Exception {
    try (Dashboard dashboard = start(new Tls.SelfSigned(folder.resolve("dashboard-tls")));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), dashboard.address().port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .doesNotContain("HTTP/1.1 200");
    }
  }

  @Test
  void aSelfMadeCertificateIsKeptUntilItRunsOutOrLacksAName() throws Exception {
    Instant now = Instant.now();
    Set<String> names = Set.of("localhost", "127.0.0.1", "::1", "mesh.example");
    Path file = SelfSigned.in(folder, names, now).certificate();
    X509Certificate first = certificate(file);
    assertThat(first.getSubjectAlternativeNames()).hasSize(4);
    SelfSigned.in(folder, Set.of("localhost"), now.plus(Duration.ofDays(300)));
    assertThat(certificate(file)).isEqualTo(first);
    SelfSigned.in(folder, names, now.plus(Duration.ofDays(380)));
    X509Certificate second = certificate(file);
    assertThat(second).isNotEqualTo(first);
    SelfSigned.in(folder, Set.of("other.example"), now);
    assertThat(certificate(file)).isNotEqualTo(second);
  }

  @Test
  void theOperatorsCertificateIsTakenAndAWrongOneIsToldInOneLine() throws Exception {
    SelfSigned made = SelfSigned.in(folder.resolve("own"), Set.of("127.0.0.1"), Instant.now());
    try (Dashboard dashboard = start(new Tls.Files(made.certificate(), made.key()));
        HttpClient http = trusting(made.certificate())) {
      assertThat(
              http.send(
                      HttpRequest.newBuilder(
                              URI.create(
                                  "https://127.0.0.1:" + dashboard.address().port() + "/health"))
                          .build(),
                      HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(200);
    }
    Path wrong = Files.writeString(folder.resolve("wrong.pem"), "nonsense");
    assertThatThrownBy(() -> start(new Tls.Files(made.certificate(), wrong)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("dashboard.tls: ")
        .hasMessageContaining("wrong.pem");
    assertThatThrownBy(() -> start(new Tls.Files(folder.resolve("absent"), made.key())))
        .hasMessageContaining("cannot be read");
  }
}
