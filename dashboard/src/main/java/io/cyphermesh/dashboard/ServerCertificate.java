package io.cyphermesh.dashboard;

import io.cyphermesh.dashboard.DashboardSettings.Tls;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the dashboard proves by that it is the node's. Files that were replaced, as a renewal does,
 * count within a minute; if they cannot be used, those before stay in use.
 */
final class ServerCertificate {
  private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
  private static final long LOOK_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Path certificate;
  private final Path key;
  private final LongSupplier nanos;
  private Loaded loaded;
  private long lookedAt;

  private record Loaded(SslContext context, String sha256, Stamp stamp) {}

  private record Stamp(FileTime certificate, FileTime key) {}

  private ServerCertificate(Path certificate, Path key, LongSupplier nanos) throws IOException {
    this.certificate = certificate;
    this.key = key;
    this.nanos = nanos;
    this.loaded = load();
    this.lookedAt = nanos.getAsLong();
  }

  /**
   * As the settings have it; they must have one.
   *
   * @param nanos a clock that nobody sets
   * @throws IOException if it cannot be used; one line that says what to do
   */
  static ServerCertificate of(DashboardSettings settings, InstantSource clock, LongSupplier nanos)
      throws IOException {
    return switch (settings.tls().orElseThrow()) {
      case Tls.Files(Path certificate, Path key) -> new ServerCertificate(certificate, key, nanos);
      case Tls.SelfSigned(Path folder) -> {
        SelfSigned made = SelfSigned.in(folder, SelfSigned.names(settings), clock.instant());
        yield new ServerCertificate(made.certificate(), made.key(), nanos);
      }
    };
  }

  /** For the next connection. */
  synchronized SslContext context() {
    long now = nanos.getAsLong();
    if (now - lookedAt >= LOOK_NANOS) {
      lookedAt = now;
      try {
        if (!stamp().equals(loaded.stamp())) {
          loaded = load();
          LOG.info("the dashboard shows the new certificate of {}", certificate);
        }
      } catch (IOException e) {
        LOG.warn("the dashboard keeps its certificate: {}", e.getMessage());
      }
    }
    return loaded.context();
  }

  synchronized String sha256() {
    return loaded.sha256();
  }

  private Stamp stamp() throws IOException {
    return new Stamp(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
  }

  private Loaded load() throws IOException {
    for (Path file : new Path[] {certificate, key}) {
      if (!Files.isReadable(file)) {
        throw new IOException("dashboard.tls: " + file + " cannot be read");
      }
    }
    try {
      Stamp stamp = stamp();
      String pem = Files.readString(certificate, StandardCharsets.US_ASCII);
      byte[] first =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
              .getEncoded();
      SslContext context =
          SslContextBuilder.forServer(certificate.toFile(), key.toFile())
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(first));
      return new Loaded(context, sha256, stamp);
    } catch (GeneralSecurityException | IllegalArgumentException | IOException e) {
      throw new IOException(
          "dashboard.tls: "
              + certificate
              + " and "
              + key
              + " are no certificate and its unencrypted key, in PEM ("
              + e.getMessage()
              + ")",
          e);
    }
  }
}
