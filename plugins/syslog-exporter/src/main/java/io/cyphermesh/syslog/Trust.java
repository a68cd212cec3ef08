package io.cyphermesh.syslog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Whose certificates are trusted. */
final class Trust {
  private Trust() {}

  /**
   * Makes TLS sockets.
   *
   * @param caFile PEM certificates; empty for those that Java trusts
   * @throws IOException if the file cannot be used; the message says why
   */
  static SSLSocketFactory sockets(String caFile) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      if (caFile.isBlank()) {
        context.init(null, null, null);
        return context.getSocketFactory();
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      try (InputStream in = Files.newInputStream(Path.of(caFile))) {
        for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          store.setCertificateEntry("ca-" + count++, each);
        }
      } catch (CertificateException e) {
        throw new IOException("ca-file " + caFile + " holds no PEM certificates", e);
      } catch (IOException e) {
        throw new IOException("ca-file " + caFile + " cannot be read", e);
      }
      if (count == 0) {
        throw new IOException("ca-file " + caFile + " holds no PEM certificates");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }
}
